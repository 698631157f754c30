import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
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
 * Applies what is pending in one transaction and returns the names. Starters at the same moment wait for each other on an
 * advisory lock. Lower numbers that arrive late are applied too: each folder of the project has a range of its own.
 */
export async function migrate(client: pg.ClientBase, folder = migrationsFolder()): Promise<readonly string[]> {
  const before = await migrationStatus(client, folder);
  assertNotNewer(before);
  if (before.pending.length === 0) return [];
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
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: quiet,
  });
  return applied.map(({ name }) => name);
}

/** What the runner would print is either in our own messages or in the error it throws. */
function ignore(): void {
  return undefined;
}
