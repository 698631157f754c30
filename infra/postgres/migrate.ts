import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';
import type pg from 'pg';
import { SignalboxError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { SCHEMA } from './connection.ts';

const TABLE = 'migrations';
const FILE = /^(\d{4}_[a-z0-9_-]+)\.sql$/;

export interface MigrationStatus {
  /** Names in the order they were applied. */
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied, but not known to this code: the database is newer. */
  readonly unknown: readonly string[];
}

/** The folder of the numbered SQL files. */
export function migrationsFolder(): string {
  return join(packageRoot(), 'infra', 'migrations');
}

/** Names of the numbered files in `folder`, in order. */
export function knownMigrations(folder = migrationsFolder()): string[] {
  return readdirSync(folder)
    .flatMap((name) => FILE.exec(name)?.[1] ?? [])
    .sort();
}

/** Compares the numbered files in `folder` with the table of applied ones. Reads only. */
export async function migrationStatus(client: pg.ClientBase, folder = migrationsFolder()): Promise<MigrationStatus> {
  const known = knownMigrations(folder);
  const exists = await client.query<{ found: string | null }>(`SELECT to_regclass('${SCHEMA}.${TABLE}') AS found`);
  const rows =
    exists.rows[0]!.found === null
      ? []
      : (await client.query<{ name: string }>(`SELECT name FROM ${SCHEMA}.${TABLE} ORDER BY id`)).rows;
  const applied = rows.map(({ name }) => name);
  return {
    applied,
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

/** Throws when there are migrations that this code does not know; `subject` is what has them. */
export function assertNotNewer({ unknown }: Pick<MigrationStatus, 'unknown'>, subject = 'The database'): void {
  if (unknown.length === 0) return;
  throw new SignalboxError(`${subject} is newer than this code: it has ${unknown.join(', ')}.`, {
    remedy: 'Update this checkout to the version that made it, or use another one.',
  });
}

/**
 * Applies what is pending in one transaction and returns the names. Starters at the same moment wait for each other on
 * an advisory lock. Lower numbers that arrive late are applied too: each folder of the project has a range of its own.
 */
export async function migrate(client: pg.ClientBase, folder = migrationsFolder()): Promise<readonly string[]> {
  const before = await migrationStatus(client, folder);
  assertNotNewer(before);
  if (before.pending.length === 0) return [];
  return run(client, folder, { singleTransaction: true, advisoryLockMode: 'wait' });
}

/**
 * Applies those of the migrations `names` that are pending, inside the transaction that the caller has open; starters
 * of other processes wait until it ends. Sets the search path to the schema alone.
 */
export async function migrateWithin(client: pg.ClientBase, folder: string, names: readonly string[]): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [PG_MIGRATE_LOCK_ID]);
  if (names.length === 0) return;
  // The runner must neither begin nor end a transaction of its own: it keeps one per run, and the caller has that.
  const query: typeof client.query = ((text: unknown, values?: unknown[]) =>
    text === 'BEGIN' || text === 'COMMIT' || text === 'ROLLBACK'
      ? Promise.resolve({ rows: [] })
      : client.query(text as string, values)) as typeof client.query;
  await run({ query } as pg.ClientBase, folder, {
    singleTransaction: true,
    noLock: true,
    ignorePattern: allBut(names),
  });
}

/** Names hold nothing that means something in a pattern: see FILE. */
function allBut(names: readonly string[]): string {
  return `(?!(?:${names.join('|')})\\.sql$).*`;
}

async function run(
  client: pg.ClientBase,
  folder: string,
  options: Partial<Parameters<typeof runner>[0]>,
): Promise<readonly string[]> {
  const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const applied = await runner({
    dbClient: client,
    dir: folder,
    ignorePattern: '(?!\\d{4}_).*',
    direction: 'up',
    migrationsTable: TABLE,
    migrationsSchema: SCHEMA,
    createMigrationsSchema: true,
    schema: SCHEMA,
    createSchema: true,
    checkOrder: false,
    logger: quiet,
    ...options,
  } as Parameters<typeof runner>[0]);
  return applied.map(({ name }) => name);
}

/** What the runner would print is either in our own messages or in the error it throws. */
function ignore(): void {
  return undefined;
}
