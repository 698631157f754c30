import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom, type CopyStreamQuery } from 'pg-copy-streams';
import type { z } from 'zod';
import { InputError, SignalboxError } from '../errors.ts';
import type { Stage } from '../progress.ts';
import { copyTarget, type BackupSummary } from './backup.ts';
import {
  damaged,
  headerSchema,
  readRecords,
  sequencesSchema,
  tableEndSchema,
  tableSchema,
  type ArchiveRecord,
} from './backup-archive.ts';
import { SCHEMA } from './connection.ts';
import type { Database } from './database.ts';
import { assertNotNewer, knownMigrations, migrate } from './migrate.ts';
import { DATA_TABLES } from './schema-queries.ts';

export interface RestoreOptions {
  /** Throw away what the database holds. Without it only an empty database is restored into. */
  readonly replace: boolean;
  readonly stage: Stage;
}

/**
 * Puts the backup in `file` into schema `signalbox` in one transaction, then applies migrations that are newer than it.
 * Throws InputError for a damaged file (nothing is changed) and SignalboxError for a backup of a newer version or a
 * database that holds data.
 */
export async function restore(database: Database, file: string, options: RestoreOptions): Promise<BackupSummary> {
  const summary = await database.transaction((client) => load(client, file, options));
  const client = await database.pool.connect();
  try {
    // New versions of these rows, so that restored rows do not pass for seeds (see holdsData).
    await client.query(`UPDATE ${SCHEMA}.migrations SET name = name`);
    await migrate(client);
  } finally {
    // The runner changed this connection's search path.
    client.release(true);
  }
  return summary;
}

interface Loading {
  readonly client: pg.PoolClient;
  readonly file: string;
  readonly stage: Stage;
  afterData: readonly string[];
  migrations: number;
  tables: number;
  rows: number;
  open: { stream: CopyStreamQuery; hash: ReturnType<typeof createHash>; failed: Error | null } | null;
}

async function load(client: pg.PoolClient, file: string, { replace, stage }: RestoreOptions): Promise<BackupSummary> {
  const loading: Loading = { client, file, stage, afterData: [], migrations: 0, tables: 0, rows: 0, open: null };
  await assertReplaceable(client, replace);
  try {
    for await (const record of readRecords(unpack(file), file)) await take(loading, record);
  } catch (error) {
    loading.open?.stream.destroy();
    throw readError(file, error);
  }
  for (const statement of loading.afterData) await client.query(statement);
  return { file, tables: loading.tables, rows: loading.rows, migrations: loading.migrations };
}

function unpack(file: string): AsyncIterable<Buffer> {
  const source = createReadStream(file);
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  return source.pipe(unpacked);
}

function readError(file: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || syscall === 'open' || syscall === 'read') {
    return new InputError(`${file} cannot be read (${code}).`, 'Check the path.', error);
  }
  return code?.startsWith('Z_') === true ? damaged(file, 'it is not a whole gzip file', error) : error;
}

async function assertReplaceable(client: pg.PoolClient, replace: boolean): Promise<void> {
  const tables = (await client.query<{ name: string; columns: string[] }>(DATA_TABLES, [SCHEMA])).rows;
  for (const { name } of replace ? [] : tables) {
    if (name !== 'migrations' && (await holdsData(client, name))) {
      throw new SignalboxError(`The database is not empty: table ${name} holds rows.`, {
        remedy: 'Restore into an empty database, or add --replace to throw away what this one holds.',
      });
    }
  }
}

/** Whether a table has rows that no migration put there: seeds were written by the transaction that recorded the migration. */
async function holdsData(client: pg.PoolClient, table: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM ${SCHEMA}.${pg.escapeIdentifier(table)}
     WHERE xmin::text NOT IN (SELECT xmin::text FROM ${SCHEMA}.migrations) LIMIT 1`,
  );
  return rowCount !== 0;
}

async function take(loading: Loading, record: ArchiveRecord): Promise<void> {
  const { file, client } = loading;
  const parse = <Schema extends z.ZodType>(schema: Schema): z.output<Schema> => parsePayload(schema, record, file);
  if (record.kind === 'H') await makeSchema(loading, parse(headerSchema));
  else if (record.kind === 'T') beginTable(loading, parse(tableSchema));
  else if (record.kind === 'D') await writeRows(loading, record.payload);
  else if (record.kind === 'E') await endTable(loading, parse(tableEndSchema));
  else if (record.kind === 'S') {
    for (const { name, value } of parse(sequencesSchema)) {
      if (value !== null) await client.query("SELECT setval(format('%I', $1::text)::regclass, $2)", [name, value]);
    }
  }
}

async function makeSchema(loading: Loading, header: z.output<typeof headerSchema>): Promise<void> {
  const known = knownMigrations();
  assertNotNewer({ unknown: header.migrations.filter((name) => !known.includes(name)) }, 'The backup');
  const { client } = loading;
  await client.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await client.query(`CREATE SCHEMA ${SCHEMA}`);
  await client.query(`SET LOCAL search_path = ${SCHEMA}`);
  await client.query('SET LOCAL check_function_bodies = off');
  for (const statement of header.beforeData) await client.query(statement);
  loading.afterData = header.afterData;
  loading.migrations = header.migrations.length;
}

function beginTable(loading: Loading, table: z.output<typeof tableSchema>): void {
  const stream = loading.client.query(copyFrom(`COPY ${copyTarget(table)} FROM STDIN`));
  const open: Loading['open'] = { stream, hash: createHash('sha256'), failed: null };
  stream.on('error', (error) => (open.failed = error));
  loading.open = open;
}

async function writeRows({ open, file }: Loading, payload: Buffer): Promise<void> {
  if (open === null) throw damaged(file, 'rows stand outside a table');
  if (open.failed !== null) throw open.failed;
  open.hash.update(payload);
  if (!open.stream.write(payload)) await once(open.stream, 'drain');
}

async function endTable(loading: Loading, end: z.output<typeof tableEndSchema>): Promise<void> {
  const { open, file } = loading;
  if (open === null) throw damaged(file, 'a table ends that did not begin');
  open.stream.end();
  await finished(open.stream);
  if (open.stream.rowCount !== end.rows || open.hash.digest('hex') !== end.sha256) {
    throw damaged(file, 'the rows of a table differ from their checksum');
  }
  loading.open = null;
  loading.tables += 1;
  loading.rows += end.rows;
  loading.stage.advance();
}

function parsePayload<Schema extends z.ZodType>(schema: Schema, record: ArchiveRecord, file: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(record.payload.toString());
  } catch (error) {
    throw damaged(file, `a record of kind ${record.kind} cannot be read`, error);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw damaged(file, `a record of kind ${record.kind} has another form`, result.error);
  return result.data;
}
