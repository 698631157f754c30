import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { SignalboxError } from '../../errors.ts';
import { verifyChain, type ChainReport } from '../../audit/verify-chain.ts';
import type { Stage } from '../../terminal/progress.ts';
import type { BackupSummary } from './backup.ts';
import { SCHEMA } from '../connection.ts';
import { connect, type Database } from '../database.ts';
import { codeOf } from '../database-error.ts';
import { migrationStatus } from '../migrate.ts';
import { restore } from './restore.ts';
import { DATA_TABLES, type DataTable } from './schema-queries.ts';

/** What came back of a backup, in a database that was made for this and is gone again. */
export interface DrillSummary extends BackupSummary {
  /** Rows that were counted in the restored tables. */
  readonly counted: number;
  /** Migrations that are newer than the backup and were applied to it. */
  readonly migrated: number;
  readonly audit: ChainReport;
  readonly seconds: number;
}

export interface DrillOptions {
  readonly clock: Clock;
  readonly stage: Stage;
  readonly identity: string | null;
}

/**
 * Restores a backup into a new database on the same server, counts its rows, verifies the chain of its audit, and
 * removes it: proof that the file brings everything back, while the database in use is left alone.
 * @throws InputError for a damaged file, SignalboxError where no database may be made, or rows are missing
 */
export async function drill(database: Database, file: string, options: DrillOptions): Promise<DrillSummary> {
  const { clock, stage, identity } = options;
  const beganMs = clock();
  const name = `signalbox_drill_${randomBytes(6).toString('hex')}`;
  await makeDatabase(database, name);
  try {
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    const scratch = await connect(url.href, { migrate: false }, null);
    try {
      const restored = await restore(scratch, file, { replace: false, stage, identity });
      const migrated = await migrationsAfter(scratch, restored.migrations);
      const counted = await countRows(scratch);
      // Newer migrations may bring rows of their own.
      if (counted < restored.rows || (migrated === 0 && counted > restored.rows)) {
        throw missing(file, restored.rows, counted);
      }
      const audit = await verifyChain(scratch.pool);
      return { ...restored, counted, migrated, audit, seconds: (clock() - beganMs) / 1_000 };
    } finally {
      await scratch.close();
    }
  } finally {
    await database.pool.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

async function makeDatabase({ pool }: Database, name: string): Promise<void> {
  try {
    await pool.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    throw new SignalboxError('The user of this database may not make another one to restore into.', {
      remedy: 'Give it CREATEDB, or set DATABASE_URL to a server that is there for drills.',
      cause: error,
    });
  }
}

async function migrationsAfter({ pool }: Database, before: number): Promise<number> {
  const client = await pool.connect();
  try {
    return (await migrationStatus(client)).applied.length - before;
  } finally {
    client.release();
  }
}

/** Rows of all tables but the list of migrations, which no backup holds. */
async function countRows({ pool }: Database): Promise<number> {
  const tables = (await pool.query<DataTable>(DATA_TABLES, [SCHEMA])).rows.filter(({ name }) => name !== 'migrations');
  let counted = 0;
  for (const { name } of tables) {
    const { rows } = await pool.query<{ rows: number }>(`SELECT count(*)::float8 AS rows FROM ${SCHEMA}."${name}"`);
    counted += rows[0]!.rows;
  }
  return counted;
}

function missing(file: string, expected: number, counted: number): SignalboxError {
  return new SignalboxError(`${file} holds ${expected} rows, and ${counted} were there after it was restored.`, {
    remedy: 'Keep the file and make another backup; look at what the newer migrations do to its rows.',
  });
}
