import pg from 'pg';
import { InputError, SignalboxError } from '../../errors.ts';
import type { Stage } from '../../terminal/progress.ts';
import { damaged } from './backup-archive.ts';
import type { BackupSummary } from './backup.ts';
import { SCHEMA } from '../connection.ts';
import { codeOf } from '../database-error.ts';
import type { Database } from '../database.ts';
import { assertNotNewer, knownMigrations, migrateWithin, migrationsFolder } from '../migrate.ts';
import { withOrdinaryRole } from './ordinary-role.ts';
import { readBackup, type BackupHeader } from './read-backup.ts';
import { openBackup } from './sealed-backup.ts';
import { RowLoader } from '../row-loader.ts';
import { DATA_TABLES, type DataTable } from './schema-queries.ts';
import { setSequences } from './set-sequences.ts';
import { withoutTriggersAndKeys } from './suspended-rules.ts';

export interface RestoreOptions {
  /** Throw away what the database holds. Without it only an empty database is restored into. */
  readonly replace: boolean;
  readonly stage: Stage;
  /** What opens a sealed file; none by default. */
  readonly identity?: string | null;
  /** Folder of the migrations. Default: ours. */
  readonly migrations?: string;
}

/** Whoever holds a table of ours for longer than this at the begin is told of, not waited for. */
const LOCK_WAIT_MS = 30_000;

/**
 * Puts the rows of the backup in `file` into schema `signalbox`, which our own migrations make anew up to those that
 * the backup was made with; then come the newer ones. All of it is one transaction: a failure or a kill at any point
 * leaves what was there before. Nothing of the file is run as SQL, and rows are written without the rights of a
 * superuser. Throws InputError for a damaged file and SignalboxError for a backup of a newer version or a database that
 * holds data.
 */
export async function restore(database: Database, file: string, options: RestoreOptions): Promise<BackupSummary> {
  const folder = options.migrations ?? migrationsFolder();
  return database.transaction(async (client) => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
    await assertReplaceable(client, options.replace);
    const { stage, identity = null } = options;
    const summary = await load(client, file, { stage, folder, identity });
    await migrateWithin(client, folder, knownMigrations(folder));
    await forgetSeeds(client);
    // The migrations set it for longer than this transaction.
    await client.query('RESET search_path');
    return summary;
  });
}

async function load(
  client: pg.PoolClient,
  file: string,
  { stage, folder, identity }: { stage: Stage; folder: string; identity: string | null },
): Promise<BackupSummary> {
  const { sealed, bytes } = await openBackup(file, identity).catch((error: unknown) => {
    throw readError(file, error);
  });
  const parts = readBackup(bytes, file);
  try {
    const first = await parts.next();
    if (first.done === true || first.value.kind !== 'header') throw damaged(file, 'it has no header');
    const { header } = first.value;
    await makeSchema(client, header, { file, folder });
    const totals = await withoutTriggersAndKeys(client, () =>
      withOrdinaryRole(client, async (role) => {
        const loader = new RowLoader({ client, role, file, onTable: () => stage.advance() });
        await loader.prepare();
        try {
          for await (const part of parts) {
            if (part.kind === 'sequences') await setSequences(client, part.values, file);
            else await loader.take(part);
          }
        } catch (error) {
          loader.abort();
          throw error;
        }
        return loader.finish();
      }),
    );
    return { file, ...totals, migrations: header.migrations.length, sealed };
  } catch (error) {
    throw readError(file, error);
  } finally {
    await parts.return(undefined);
  }
}

/** The schema as the backup's own version had it, without a row. */
async function makeSchema(
  client: pg.PoolClient,
  header: BackupHeader,
  { file, folder }: { file: string; folder: string },
): Promise<void> {
  const known = knownMigrations(folder);
  assertNotNewer({ unknown: header.migrations.filter((name) => !known.includes(name)) }, 'The backup');
  await client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await client.query(`CREATE SCHEMA ${SCHEMA}`);
  try {
    await migrateWithin(client, folder, header.migrations);
  } catch (error) {
    // One without those that it builds on; any other failure is not the file's.
    if (!/^42/.test(codeOf(error)) || codeOf(error) === '42501') throw error;
    throw damaged(file, 'the migrations that it names do not work without others', error);
  }
  await client.query(`SET LOCAL search_path = ${SCHEMA}`);
  const tables = (await client.query<DataTable>(DATA_TABLES, [SCHEMA])).rows.filter(
    ({ name }) => name !== 'migrations',
  );
  if (tables.length === 0) return;
  await client.query(`TRUNCATE ${tables.map(({ name }) => pg.escapeIdentifier(name)).join(', ')} CASCADE`);
}

function readError(file: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || syscall === 'open' || (syscall === 'read' && code === 'EISDIR')) {
    return new InputError(`${file} cannot be read (${code}).`, 'Check the path.', error);
  }
  // What PostgreSQL says of rows that are not of their columns' types, or break a rule of the schema.
  if (/^2[23]|^54/.test(codeOf(error))) return damaged(file, `its rows do not fit: ${(error as Error).message}`, error);
  return error;
}

async function assertReplaceable(client: pg.PoolClient, replace: boolean): Promise<void> {
  const tables = (await client.query<DataTable>(DATA_TABLES, [SCHEMA])).rows;
  const recorded = tables.some(({ name }) => name === 'migrations');
  for (const { name } of replace ? [] : tables) {
    if (name !== 'migrations' && (await holdsData(client, name, recorded))) {
      throw new SignalboxError(`The database is not empty: table ${name} holds rows.`, {
        remedy: 'Restore into an empty database, or add --replace to throw away what this one holds.',
      });
    }
  }
}

/**
 * Whether a table has rows that no migration put there: seeds were written by the transaction that recorded the
 * migration.
 */
async function holdsData(client: pg.PoolClient, table: string, recorded: boolean): Promise<boolean> {
  const seeds = recorded ? `WHERE xmin::text NOT IN (SELECT xmin::text FROM ${SCHEMA}.migrations)` : '';
  const { rowCount } = await client.query(`SELECT FROM ${SCHEMA}.${pg.escapeIdentifier(table)} ${seeds} LIMIT 1`);
  return rowCount !== 0;
}

/** Gives the rows of table `migrations` a transaction of their own, so that no restored row passes for a seed. */
async function forgetSeeds(client: pg.PoolClient): Promise<void> {
  await client.query('SAVEPOINT own');
  await client.query(`UPDATE ${SCHEMA}.migrations SET name = name`);
  await client.query('RELEASE SAVEPOINT own');
}
