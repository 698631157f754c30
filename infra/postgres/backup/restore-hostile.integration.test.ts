import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../package-root.ts';
import { silentProgress } from '../../terminal/progress.ts';
import { recordsOfBackup, writeBackup, type PlainRecord } from '../../testing/rewrite-backup.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { backUp } from './backup.ts';
import type { Database } from '../database.ts';
import { knownMigrations } from '../migrate.ts';
import { dumpSchema } from './read-schema.ts';
import { restore } from './restore.ts';

const stage = silentProgress().stage('test');
const SERIES = `INSERT INTO bar_series (source, origin, symbol, timeframe, calendar, asset_class, currency, tick, lot, source_statement)
  SELECT 's', 'o', 'SYM' || i, '1d', 'none', 'equity', 'USD', 0.01, 1, '' FROM generate_series(1, 500) i;
  INSERT INTO quality_reports (series_id, fingerprint, bars, errors, warnings, infos) SELECT id, 'f', 1, 0, 0, 0 FROM bar_series`;

/** Everything that the schema and its tables say. */
async function dumpOf(database: Database): Promise<string> {
  const tables = await database.pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'signalbox' ORDER BY tablename",
  );
  const texts = [await database.transaction(dumpSchema)];
  for (const { name } of tables.rows) {
    // Of migrations, when they were applied is this database's own.
    const row = name === 'migrations' ? 't.name' : 't::text';
    const query = `SELECT string_agg(${row}, E'\\n' ORDER BY ${row}) AS text FROM ${name} t`;
    texts.push(`${name}\n${(await database.pool.query<{ text: string }>(query)).rows[0]!.text}`);
  }
  const sequences = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'signalbox' ORDER BY 1";
  texts.push(JSON.stringify((await database.pool.query(sequences)).rows));
  return texts.join('\n\n');
}

describe('restore of a file that means harm or is not whole', () => {
  let target: TestDatabase;
  let folder: string;
  let records: PlainRecord[];
  let before: string;
  let witness: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostile-'));
    const source = await createTestDatabase();
    await source.pool.query(SERIES);
    await backUp(source, join(folder, 'good'), { clock: () => 0, stage });
    await source.drop();
    records = await recordsOfBackup(join(folder, 'good'));
  });

  beforeEach(async () => {
    target = await createTestDatabase();
    await target.pool.query("INSERT INTO model_aliases SELECT 'm', 'a', 1 WHERE false");
    await target.pool.query("INSERT INTO searches VALUES ('old', 'e', 'd', '{}')");
    before = await dumpOf(target);
    witness = join(folder, 'witness');
  });

  afterEach(() => target.drop());
  afterAll(() => rmSync(folder, { recursive: true }));

  const changed = (kind: string, change: (value: never) => unknown, at = 0): PlainRecord[] => {
    let seen = 0;
    return records.map((record) =>
      record.kind === kind && seen++ === at ? { ...record, value: change(record.value as never) } : record,
    );
  };
  const write = (list: readonly PlainRecord[]): string => {
    const file = join(folder, 'bad');
    writeBackup(file, list);
    return file;
  };
  const indexOf = (name: string): number =>
    records.filter(({ kind }) => kind === 'T').findIndex(({ value }) => (value as { name: string }).name === name);
  const rowsOf = (name: string): number => {
    const at = records.findIndex(({ kind, value }) => kind === 'T' && (value as { name: string }).name === name);
    return records.slice(0, at).filter(({ kind }) => kind === 'D').length;
  };
  const refused = async (list: readonly PlainRecord[], message: RegExp): Promise<void> => {
    const attempt = restore(target, write(list), { replace: true, stage });
    await expect(attempt).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
    expect(await dumpOf(target)).toBe(before);
    expect(existsSync(witness)).toBe(false);
  };

  it('runs no statement that a file of the old format brings', async () => {
    const program = `COPY (SELECT 1) TO PROGRAM 'touch ${witness}'`;
    const old = changed('H', (header: object) => ({
      ...header,
      format: 1,
      beforeData: [program, 'CREATE TABLE intruder ()', 'DROP SCHEMA public CASCADE'],
      afterData: [`DO $$ BEGIN EXECUTE '${program.replaceAll("'", "''")}'; END $$`, 'CREATE ROLE intruder SUPERUSER'],
    }));
    await restore(target, write(old), { replace: true, stage });
    expect(existsSync(witness)).toBe(false);
    const { rows } = await target.pool.query(
      "SELECT to_regclass('intruder') AS made, (SELECT count(*) FROM pg_roles WHERE rolname ~ '^(intruder|signalbox_rows)') AS roles",
    );
    expect(rows).toEqual([{ made: null, roles: 0 }]);
    expect((await target.pool.query('SELECT count(*) AS n FROM bar_series')).rows).toEqual([{ n: 500 }]);
  });

  it('takes no name that the schema does not have', async () => {
    const at = indexOf('bar_series');
    const table = (name: string) => changed('T', (value: object) => ({ ...value, name }), at);
    const column = (name: string) =>
      changed('T', (value: { columns: string[] }) => ({ ...value, columns: [name, ...value.columns.slice(1)] }), at);
    await refused(table(`x"; COPY (SELECT 1) TO PROGRAM 'touch ${witness}'; --`), /no table|another form/);
    await refused(table('pg_class'), /no table "pg_class"/);
    await refused(table('bars_view'), /no table "bars_view"/);
    await refused(table('searches_2020'), /no table "searches_2020"/);
    await refused(table('a'.repeat(64)), /another form/);
    await refused(table(''), /another form/);
    await refused(column(`id") FROM PROGRAM 'touch ${witness}'; --`), /no column/);
    await refused(column('ctid'), /no column "ctid"/);
    await refused(
      changed('T', (value: object) => ({ ...value, columns: ['id'] }), at),
      /not have all its columns/,
    );
    await refused(
      changed('T', (value: object) => ({ ...value, columns: ['id', 'id'] }), at),
      /another form/,
    );
  });

  it('takes no migration that it does not know, and none without those it needs', async () => {
    const migrations = (names: readonly string[]) => changed('H', (value: object) => ({ ...value, migrations: names }));
    await refused(migrations(["0001_a'; DROP TABLE bars; --"]), /another form/);
    await refused(migrations([...knownMigrations(), '../../etc/0001_x']), /another form/);
    await refused(
      migrations(knownMigrations().filter((name) => !name.startsWith('0020'))),
      /do not work without others/,
    );
    await refused(migrations(knownMigrations().slice(0, 3)), /no table/);
  });

  it('takes no sequence that is not one, no value that it cannot have', async () => {
    const first = (change: object) => changed('S', ([head, ...rest]: object[]) => [{ ...head, ...change }, ...rest]);
    await refused(first({ name: `x'); DROP TABLE bars; --` }), /no sequence/);
    await refused(first({ name: 'pg_class' }), /no sequence "pg_class"/);
    await refused(first({ value: '1); DROP TABLE bars; --' }), /another form/);
    await refused(first({ value: '9999999999999999999' }), /do not fit/);
    await refused(
      changed('S', (values: object[]) => values.slice(1)),
      /says nothing of sequence/,
    );
  });

  it('takes no rows that are not the tables', async () => {
    const at = rowsOf('bar_series');
    const swap = (from: string, to: string) =>
      changed('D', (bytes: Buffer) => Buffer.from(bytes.toString().replace(from, to)), at);
    await refused(swap('SYM1', 'SYMX'), /differ from their checksum/);
    await refused(
      changed('E', (end: object) => ({ ...end, rows: 7 }), indexOf('bar_series')),
      /checksum/,
    );
    const twice = records.flatMap((record) => (record.kind === 'T' ? [record] : [record]));
    const start = records.findIndex(
      ({ kind, value }) => kind === 'T' && (value as { name: string }).name === 'searches',
    );
    twice.splice(start, 0, records[start]!, records[start + 1]!);
    await refused(twice, /table "searches" stands in it twice/);
    const without = records.filter((_, index) => index !== start && index !== start + 1);
    await refused(without, /table searches is missing/);
  });

  it('says what does not fit the schema, and keeps what was there', async () => {
    const { createHash } = await import('node:crypto');
    const replaced = (name: string, text: string): PlainRecord[] => {
      const start = records.findIndex(({ kind, value }) => kind === 'T' && (value as { name: string }).name === name);
      const end = records.findIndex(({ kind }, index) => index > start && kind === 'E');
      const sha256 = createHash('sha256').update(text).digest('hex');
      const rows = text.split('\n').length - 1;
      return [
        ...records.slice(0, start + 1),
        { kind: 'D', value: Buffer.from(text) },
        { kind: 'E', value: { rows, sha256 } },
        ...records.slice(end + 1),
      ];
    };
    await refused(replaced('quality_reports', 'words\n'), /its rows do not fit/);
    await refused(replaced('quality_reports', '1\t999\tf\t1\t0\t0\t0\t2020-01-01\n'), /do not fit.*foreign key/);
    await refused(replaced('searches', 'h\te\td\t{}\t2020-01-01\tf\n\\.\nh2\te\td\t{}\t2020-01-01\tf\n'), /./);
    await refused(replaced('bar_series', ''), /do not fit.*foreign key/);
  });

  it('is whole again after the process is killed in the middle', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const bytes = readFileSync(join(folder, 'good'));
    const cli = join(packageRoot(), 'signalbox.mjs');
    const child = spawn(process.execPath, [cli, 'db', 'restore', pipe, '--replace'], {
      env: { ...process.env, DATABASE_URL: target.url, SIGNALBOX_HOME: folder },
      stdio: 'ignore',
    });
    const feed = createWriteStream(pipe);
    feed.on('error', () => undefined);
    feed.write(bytes.subarray(0, bytes.length - 100));
    const inside =
      'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL';
    while ((await target.pool.query(inside)).rowCount === 0) await sleep(20);
    await sleep(200);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    feed.destroy();
    while ((await target.pool.query(inside)).rowCount !== 0) await sleep(20);
    expect(await dumpOf(target)).toBe(before);
  });

  it('brings everything back and leaves no role behind', async () => {
    const { tables } = await restore(target, join(folder, 'good'), { replace: true, stage });
    expect(tables).toBeGreaterThan(30);
    const again = join(folder, 'again');
    await backUp(target, again, { clock: () => 0, stage });
    expect(await recordsOfBackup(again)).toEqual(records);
  });
});
