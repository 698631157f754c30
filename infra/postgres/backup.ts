import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Clock } from '../clock.ts';
import { InputError } from '../errors.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import type { Stage } from '../progress.ts';
import { ARCHIVE_FORMAT, createRecordWriter } from './backup-archive.ts';
import { SCHEMA } from './connection.ts';
import type { Database } from './database.ts';
import { migrationStatus } from './migrate.ts';
import { readSchema } from './read-schema.ts';
import { DATA_TABLES, SEQUENCE_VALUES } from './schema-queries.ts';

export interface BackupSummary {
  readonly file: string;
  readonly tables: number;
  readonly rows: number;
  readonly migrations: number;
}

/**
 * Writes everything in schema `signalbox`, as it stands at one moment, to `file`. The job queue is not part of it: jobs are
 * found again from their inputs. The file appears under its name when it is whole.
 */
export async function backUp(
  database: Database,
  file: string,
  { clock, stage }: { clock: Clock; stage: Stage },
): Promise<BackupSummary> {
  if (existsSync(file)) throw new InputError(`${file} exists already.`, 'Choose another name or remove it.');
  const summary = { file, tables: 0, rows: 0, migrations: 0 };
  await database.transaction(async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await writeWholeFile(file, recordsOf(client, summary, { clock, stage }), { gzip: true, mustBeNew: true });
  });
  return summary;
}

type Counts = { -readonly [Key in keyof BackupSummary]: BackupSummary[Key] };

async function* recordsOf(
  client: pg.PoolClient,
  counts: Counts,
  { clock, stage }: { clock: Clock; stage: Stage },
): AsyncGenerator<Buffer> {
  const writer = createRecordWriter();
  const { applied } = await migrationStatus(client);
  const schema = await readSchema(client);
  const version = await client.query<{ server_version: string }>('SHOW server_version');
  const tables = (await client.query<{ name: string; columns: string[] }>(DATA_TABLES, [SCHEMA])).rows;
  counts.migrations = applied.length;
  stage.total(tables.length);
  yield writer.encode('H', {
    format: ARCHIVE_FORMAT,
    createdAt: new Date(clock()).toISOString(),
    postgres: version.rows[0]!.server_version,
    migrations: applied,
    ...schema,
  });
  for (const table of tables) {
    yield writer.encode('T', table);
    const hash = createHash('sha256');
    const stream = client.query(copyTo(`COPY ${copyTarget(table)} TO STDOUT`));
    for await (const piece of stream as AsyncIterable<Buffer>) {
      hash.update(piece);
      yield writer.encode('D', piece);
    }
    yield writer.encode('E', { rows: stream.rowCount, sha256: hash.digest('hex') });
    counts.tables += 1;
    counts.rows += stream.rowCount;
    stage.advance();
  }
  yield writer.encode('S', (await client.query(SEQUENCE_VALUES, [SCHEMA])).rows);
  yield writer.end();
}

/** `signalbox."table" ("column", ...)` */
export function copyTarget({ name, columns }: { name: string; columns: readonly string[] }): string {
  return `${SCHEMA}.${pg.escapeIdentifier(name)} (${columns.map((column) => pg.escapeIdentifier(column)).join(', ')})`;
}
