import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import type { Clock } from '../../clock.ts';
import { InputError, SignalboxError } from '../../errors.ts';
import { writeWholeFile } from '../../files/write-whole-file.ts';
import type { Stage } from '../../terminal/progress.ts';
import { ARCHIVE_FORMAT, createRecordWriter } from './backup-archive.ts';
import { SCHEMA } from '../connection.ts';
import type { Database } from '../database.ts';
import { migrationStatus, migrationsFolder } from '../migrate.ts';
import { readCopy } from './read-copy.ts';
import { DATA_TABLES, SEQUENCE_VALUES, type DataTable } from './schema-queries.ts';
import { sealFor } from './sealed-backup.ts';
import { parseYearPartition } from '../year-partition.ts';

export interface BackupSummary {
  readonly file: string;
  readonly tables: number;
  readonly rows: number;
  readonly migrations: number;
  /** Nobody reads it without a key. */
  readonly sealed: boolean;
}

export interface BackupOptions {
  readonly clock: Clock;
  readonly stage: Stage;
  /** Whom it is sealed for; in clear where there is none. */
  readonly recipients?: readonly string[];
  /** Folder of the migrations. Default: ours. */
  readonly migrations?: string;
}

/**
 * Writes everything in schema `signalbox`, as it stands at one moment, to `file`. The job queue is not part of it: jobs
 * are found again from their inputs. The file appears under its name when it is whole.
 */
export async function backUp(database: Database, file: string, options: BackupOptions): Promise<BackupSummary> {
  if (existsSync(file)) throw new InputError(`${file} exists already.`, 'Choose another name or remove it.');
  const { recipients = [] } = options;
  const seal = recipients.length > 0 ? sealFor(recipients) : null;
  const summary = { file, tables: 0, rows: 0, migrations: 0, sealed: seal !== null };
  await database.transaction(async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const records = recordsOf(client, summary, options);
    if (seal === null) return writeWholeFile(file, records, { gzip: true, mustBeNew: true });
    const packed = createGzip();
    // What goes wrong destroys `packed` and is thrown where it is read.
    pipeline(Readable.from(records), packed, () => undefined);
    await writeWholeFile(file, seal(packed), { gzip: false, mustBeNew: true });
  });
  return summary;
}

type Counts = { -readonly [Key in keyof BackupSummary]: BackupSummary[Key] };

async function* recordsOf(
  client: pg.PoolClient,
  counts: Counts,
  { clock, stage, migrations: folder = migrationsFolder() }: BackupOptions,
): AsyncGenerator<Buffer> {
  const writer = createRecordWriter();
  const { applied, pending } = await migrationStatus(client, folder);
  const version = await client.query<{ server_version: string }>('SHOW server_version');
  const tables = (await client.query<DataTable>(DATA_TABLES, [SCHEMA])).rows.filter(
    ({ name }) => name !== 'migrations',
  );
  if (pending.length === 0) assertOurs(tables, folder);
  counts.migrations = applied.length;
  stage.total(tables.length);
  yield writer.encode('H', {
    format: ARCHIVE_FORMAT,
    createdAt: new Date(clock()).toISOString(),
    postgres: version.rows[0]!.server_version,
    migrations: applied,
  });
  for (const table of tables) {
    yield writer.encode('T', table);
    const hash = createHash('sha256');
    const rows = readCopy(client, `COPY ${copyTarget(table)} TO STDOUT`);
    for await (const piece of rows) {
      hash.update(piece);
      yield writer.encode('D', piece);
    }
    yield writer.encode('E', { rows: rows.rowCount, sha256: hash.digest('hex') });
    counts.tables += 1;
    counts.rows += rows.rowCount;
    stage.advance();
  }
  yield writer.encode('S', (await client.query(SEQUENCE_VALUES, [SCHEMA])).rows);
  yield writer.end();
}

/** A table that no migration makes could not be restored: that is said when there is still time to save it. */
function assertOurs(tables: readonly DataTable[], folder: string): void {
  const schema = join(folder, 'schema.sql');
  if (!existsSync(schema)) return;
  const ours = new Set(
    [...readFileSync(schema, 'utf8').matchAll(/^CREATE (?:UNLOGGED )?TABLE (\w+)/gm)].map(([, name]) => name),
  );
  const stranger = tables.find(({ name }) => !ours.has(name) && !ours.has(parseYearPartition(name)?.table ?? ''));
  if (stranger === undefined) return;
  throw new SignalboxError(`Table ${SCHEMA}.${stranger.name} is none of Signalbox: a restore could not make it.`, {
    remedy: `Move it to another schema (ALTER TABLE ... SET SCHEMA ...) and back it up on its own.`,
  });
}

/** `signalbox."table" ("column", ...)` */
export function copyTarget({ name, columns }: { name: string; columns: readonly string[] }): string {
  return `${SCHEMA}.${pg.escapeIdentifier(name)} (${columns.map((column) => pg.escapeIdentifier(column)).join(', ')})`;
}
