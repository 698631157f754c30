import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentProgress } from '../progress.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { backUp } from './backup.ts';
import { connect, type Database } from './database.ts';
import { dumpSchema } from './read-schema.ts';
import { restore } from './restore.ts';

const ROWS = 20_000;
const stage = silentProgress().stage('test');

describe('backup and restore', () => {
  let source: TestDatabase;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backup-'));
    file = join(folder, 'all.backup');
    source = await createTestDatabase();
    await source.pool.query(`
      CREATE TABLE backup_probe (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, text text, bytes bytea,
        amount numeric, doubled numeric GENERATED ALWAYS AS (amount * 2) STORED) PARTITION BY RANGE (at);
      CREATE TABLE backup_probe_2020 PARTITION OF backup_probe FOR VALUES FROM ('2020-01-01Z') TO ('2021-01-01Z');
      CREATE TABLE backup_probe_2021 PARTITION OF backup_probe FOR VALUES FROM ('2021-01-01Z') TO ('2022-01-01Z');
      CREATE VIEW backup_view AS SELECT count(*) FROM backup_probe;
      INSERT INTO backup_probe (at, text, bytes, amount)
        SELECT '2020-12-31T00:00:00Z'::timestamptz + i * interval '7 seconds', CASE WHEN i % 3 = 0 THEN NULL ELSE E'tab\\t back\\\\ ü ' || i END,
          decode(md5(i::text), 'hex'), i / 7.0 FROM generate_series(1, ${ROWS}) i;`);
    await backUp(source, file, { clock: () => Date.UTC(2026, 0, 1), stage });
  });

  afterAll(async () => {
    await source.drop();
    rmSync(folder, { recursive: true });
  });

  const fingerprint = async (database: Database): Promise<unknown> =>
    (
      await database.pool.query(
        'SELECT count(*), count(DISTINCT tableoid) AS parts, md5(string_agg(p::text, chr(10) ORDER BY id)) FROM backup_probe p',
      )
    ).rows;

  /** An empty database, closed and dropped after `work`. */
  async function withEmpty(work: (database: Database) => Promise<void>): Promise<void> {
    const empty = await createEmptyDatabase();
    const database = await connect(empty.url, { migrate: false }, null);
    try {
      await work(database);
    } finally {
      await database.close();
      await empty.drop();
    }
  }
  const schemaExists = async (database: Database): Promise<boolean> =>
    (await database.pool.query("SELECT FROM pg_namespace WHERE nspname = 'signalbox'")).rowCount === 1;

  it('brings back every row, partition, view and sequence', () =>
    withEmpty(async (database) => {
      expect(await restore(database, file, { replace: false, stage })).toMatchObject({ rows: expect.any(Number) });
      expect(await fingerprint(database)).toEqual(await fingerprint(source));
      expect(await database.transaction(dumpSchema)).toBe(await source.transaction(dumpSchema));
      const insert = "INSERT INTO backup_probe (at, amount) VALUES ('2021-05-05Z', 1) RETURNING id";
      expect((await database.pool.query(insert)).rows).toEqual([{ id: ROWS + 1 }]);
    }));

  it('restores into a migrated database without rows, and into one with rows only when told to', async () => {
    const target = await createTestDatabase();
    await restore(target, file, { replace: false, stage });
    await expect(restore(target, file, { replace: false, stage })).rejects.toMatchObject({
      message: expect.stringMatching(/not empty: table \w+ holds rows/),
      exitCode: 1,
    });
    await target.pool.query('DELETE FROM backup_probe WHERE id > 10');
    await restore(target, file, { replace: true, stage });
    expect(await fingerprint(target)).toEqual(await fingerprint(source));
    await target.drop();
  });

  it('refuses damaged files and changes nothing', () =>
    withEmpty(async (database) => {
      const whole = readFileSync(file);
      const plain = gunzipSync(whole);
      const flipped = Buffer.from(plain);
      const at = plain.indexOf('back\\\\ ');
      expect(at).toBeGreaterThan(0);
      flipped[at] = flipped[at]! ^ 1;
      const cases = {
        'truncated.backup': whole.subarray(0, Math.floor(whole.length / 2)),
        'cut.backup': gzipSync(plain.subarray(0, plain.length - 100_000)),
        'flipped.backup': gzipSync(flipped),
        'text.backup': Buffer.from('hello'),
        'other.backup': gzipSync('hello world, this is no backup'),
        'empty.backup': Buffer.alloc(0),
        'trailing.backup': gzipSync(Buffer.concat([plain, Buffer.from('x')])),
      };
      for (const [name, bytes] of Object.entries(cases)) {
        writeFileSync(join(folder, name), bytes);
        const attempt = restore(database, join(folder, name), { replace: false, stage });
        await expect(attempt, name).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(name) });
        expect(await schemaExists(database), name).toBe(false);
      }
      await expect(restore(database, join(folder, 'absent'), { replace: false, stage })).rejects.toMatchObject({
        exitCode: 2,
      });
    }));

  it('refuses a backup of a newer version', async () => {
    await source.pool.query("INSERT INTO migrations (name, run_on) VALUES ('9999_future', now())");
    const newer = join(folder, 'newer.backup');
    await backUp(source, newer, { clock: () => 0, stage });
    await source.pool.query("DELETE FROM migrations WHERE name = '9999_future'");
    await withEmpty(async (database) => {
      await expect(restore(database, newer, { replace: false, stage })).rejects.toThrow(/backup is newer.*9999_future/);
      expect(await schemaExists(database)).toBe(false);
    });
  });

  it('does not overwrite a file and leaves no half of one', async () => {
    await expect(backUp(source, file, { clock: () => 0, stage })).rejects.toMatchObject({ exitCode: 2 });
    const nowhere = join(folder, 'missing', 'a.backup');
    await expect(backUp(source, nowhere, { clock: () => 0, stage })).rejects.toMatchObject({ exitCode: 2 });
    expect(existsSync(`${nowhere}.part`)).toBe(false);
  });
});
