import { hostname } from 'node:os';
import type pg from 'pg';
import type { BackupSummary } from '../postgres/backup/backup.ts';
import { migrationStatus, type MigrationStatus } from '../postgres/migrate.ts';
import type { Database } from '../postgres/database.ts';

/** Tables that are told by their size. */
const TABLES_TOLD = 12;

/** A backup that was made. */
interface MadeBackup {
  readonly madeAt: Date;
  readonly host: string;
  readonly file: string;
  readonly tables: number;
  readonly rows: number;
  readonly sealed: boolean;
}

/** How the database stands. */
export interface DatabaseStatus extends MigrationStatus {
  /** Of the server. */
  readonly version: string;
  readonly embedded: boolean;
  readonly bytes: number;
  /** Of everybody to this server, and how many it takes. */
  readonly connections: number;
  readonly connectionsMax: number;
  /** The largest tables with their indexes; parts by year count to their table. */
  readonly largest: readonly { readonly table: string; readonly bytes: number }[];
  /** Null where none was made, or before the first migration that notes them. */
  readonly lastBackup: MadeBackup | null;
}

/** What `db status` says. */
export async function databaseStatus({ pool, embedded }: Pick<Database, 'pool' | 'embedded'>): Promise<DatabaseStatus> {
  const client = await pool.connect();
  try {
    const { applied, pending, unknown } = await migrationStatus(client);
    const { rows } = await client.query<{ version: string; bytes: number; used: number; most: number }>(
      `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes,
              (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
              current_setting('max_connections')::int AS most`,
    );
    const { version, bytes, used, most } = rows[0]!;
    const migrations = { applied, pending, unknown };
    const more = { largest: await largestTables(client), lastBackup: await lastBackup(client) };
    return { version, embedded, bytes, ...migrations, connections: used, connectionsMax: most, ...more };
  } finally {
    client.release();
  }
}

async function largestTables(client: pg.ClientBase): Promise<{ table: string; bytes: number }[]> {
  const { rows } = await client.query<{ table: string; bytes: number }>(
    `SELECT coalesce(parent.relname, c.relname)::text AS table, sum(pg_total_relation_size(c.oid))::float8 AS bytes
     FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
     WHERE c.relnamespace = to_regnamespace('signalbox') AND c.relkind = 'r'
     GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $1`,
    [TABLES_TOLD],
  );
  return rows;
}

/** A database of before has no record of its backups. */
async function hasRecord(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `SELECT to_regclass('signalbox.backups') IS NOT NULL AS known`,
  );
  return rows[0]!.known;
}

async function lastBackup(client: pg.ClientBase): Promise<MadeBackup | null> {
  if (!(await hasRecord(client))) return null;
  const { rows } = await client.query<MadeBackup>(
    `SELECT made_at AS "madeAt", host, file, tables, rows::float8 AS rows, sealed
     FROM signalbox.backups ORDER BY id DESC LIMIT 1`,
  );
  return rows[0] ?? null;
}

/** Notes that a backup was made. */
export async function noteBackup({ pool }: Pick<Database, 'pool'>, made: BackupSummary, at: Date): Promise<void> {
  if (!(await hasRecord(pool))) return;
  const { file, tables, rows, sealed } = made;
  await pool.query(
    'INSERT INTO signalbox.backups (made_at, host, file, tables, rows, sealed) VALUES ($1, $2, $3, $4, $5, $6)',
    [at, hostname(), file, tables, rows, sealed],
  );
}
