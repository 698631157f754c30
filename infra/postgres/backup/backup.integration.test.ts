import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentProgress } from '../../terminal/progress.ts';
import { recordsOfBackup, writeBackup } from '../../testing/rewrite-backup.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { backUp } from './backup.ts';
import { connect, type Database } from '../database.ts';
import { migrate, migrationStatus, migrationsFolder } from '../migrate.ts';
import { writeWholeFile } from '../../files/write-whole-file.ts';
import { readCopy } from './read-copy.ts';
import { dumpSchema } from './read-schema.ts';
import { restore } from './restore.ts';

const ROWS = 20_000;

/** A table with everything that a schema can have, and a trigger that would change every row that it saw. */
const PROBE = `
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.text := 'touched'; RETURN NEW; END $$;
  CREATE FUNCTION is_ordinary() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT NOT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user $$;
  CREATE TABLE backup_probe (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, text text, bytes bytea,
    amount numeric, doubled numeric GENERATED ALWAYS AS (amount * 2) STORED, parent bigint) PARTITION BY RANGE (at);
  CREATE INDEX ON backup_probe (amount);
  CREATE TABLE z_parent (id bigint PRIMARY KEY);
  CREATE TABLE probe_rights (id int, CHECK (id > 0 OR is_ordinary()));
  ALTER TABLE backup_probe ADD CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES z_parent (id);
  CREATE TRIGGER stamped BEFORE INSERT ON backup_probe FOR EACH ROW EXECUTE FUNCTION stamp();
  CREATE VIEW backup_view AS SELECT count(*) FROM backup_probe;`;

const ROWS_OF_PROBE = `
  SET search_path = signalbox;
  ALTER TABLE backup_probe DISABLE TRIGGER stamped;
  CREATE TABLE backup_probe_2020 PARTITION OF backup_probe FOR VALUES FROM ('2020-01-01Z') TO ('2021-01-01Z');
  CREATE TABLE backup_probe_2021 PARTITION OF backup_probe FOR VALUES FROM ('2021-01-01Z') TO ('2022-01-01Z');
  INSERT INTO z_parent VALUES (7);
  INSERT INTO probe_rights VALUES (1);
  INSERT INTO backup_probe (at, text, bytes, amount, parent)
    SELECT '2020-12-31T00:00:00Z'::timestamptz + i * interval '7 seconds',
      CASE WHEN i % 3 = 0 THEN NULL ELSE E'tab\\t back\\\\ \\n ü ' || i END,
      decode(md5(i::text), 'hex'), i / 7.0, CASE WHEN i % 2 = 0 THEN 7 END FROM generate_series(1, ${ROWS}) i;
  ALTER TABLE backup_probe ENABLE TRIGGER stamped;
  RESET search_path`;

const stage = silentProgress().stage('test');

describe('backup and restore', () => {
  let source: TestDatabase;
  let folder: string;
  let file: string;
  let migrations: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backup-'));
    file = join(folder, 'all.backup');
    migrations = join(folder, 'migrations');
    cpSync(migrationsFolder(), migrations, { recursive: true });
    rmSync(join(migrations, 'schema.sql'));
    writeFileSync(join(migrations, '0900_probe.sql'), PROBE);
    source = await createTestDatabase();
    await migrateOn(source);
    await source.pool.query(ROWS_OF_PROBE);
    await backUp(source, file, { clock: () => Date.UTC(2026, 0, 1), stage, migrations });
  });

  afterAll(async () => {
    await source.drop();
    rmSync(folder, { recursive: true });
  });

  const migrateOn = async (database: Database): Promise<void> => {
    const client = await database.pool.connect();
    await migrate(client, migrations);
    client.release(true);
  };
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
      expect(await restore(database, file, { replace: false, stage, migrations })).toMatchObject({
        rows: expect.any(Number),
      });
      expect(await fingerprint(database)).toEqual(await fingerprint(source));
      expect(await database.transaction(dumpSchema)).toBe(await source.transaction(dumpSchema));
      const insert = "INSERT INTO backup_probe (at, amount) VALUES ('2021-05-05Z', 1) RETURNING id";
      expect((await database.pool.query(insert)).rows).toEqual([{ id: ROWS + 1 }]);
    }));

  it('writes rows without the rights of a superuser', async () => {
    const records = await recordsOfBackup(file);
    const at = records.findIndex(({ value }) => (value as { name?: string }).name === 'probe_rights') + 1;
    const rows = Buffer.from('-1\n');
    const end = { rows: 1, sha256: createHash('sha256').update(rows).digest('hex') };
    const other = join(folder, 'rights.backup');
    writeBackup(other, [
      ...records.slice(0, at),
      { kind: 'D', value: rows },
      { kind: 'E', value: end },
      ...records.slice(at + 2),
    ]);
    await withEmpty(async (database) => {
      await restore(database, other, { replace: false, stage, migrations });
      expect((await database.pool.query('SELECT id FROM probe_rights')).rows).toEqual([{ id: -1 }]);
      // The table tells the two apart: what a superuser writes it refuses.
      await expect(database.pool.query('INSERT INTO probe_rights VALUES (-2)')).rejects.toThrow(/violates check/);
    });
  });

  it('takes a backup of an older version through its own level to the newest', async () => {
    const older = join(folder, 'older');
    cpSync(migrations, older, { recursive: true });
    writeFileSync(
      join(older, '0901_later.sql'),
      `ALTER TABLE z_parent ADD COLUMN doubled bigint; UPDATE z_parent SET doubled = id * 2; ALTER TABLE probe_rights RENAME TO renamed;`,
    );
    await withEmpty(async (database) => {
      await restore(database, file, { replace: false, stage, migrations: older });
      expect((await database.pool.query('SELECT * FROM z_parent')).rows).toEqual([{ id: 7, doubled: 14 }]);
      expect((await database.pool.query('SELECT * FROM renamed')).rows).toEqual([{ id: 1 }]);
      const client = await database.pool.connect();
      expect(await migrationStatus(client, older)).toMatchObject({ pending: [], unknown: [] });
      client.release();
      await expect(restore(database, file, { replace: false, stage, migrations: older })).rejects.toThrow(/not empty/);
    });
  });

  it('refuses to back up a table that a restore could not make', async () => {
    const strange = await createTestDatabase();
    await strange.pool.query('CREATE TABLE mine (id int)');
    const attempt = backUp(strange, join(folder, 'strange.backup'), { clock: () => 0, stage });
    await expect(attempt).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining('signalbox.mine') });
    await strange.drop();
  });

  it('restores into a migrated database without rows, and into one with rows only when told to', async () => {
    const target = await createTestDatabase();
    await restore(target, file, { replace: false, stage, migrations });
    await expect(restore(target, file, { replace: false, stage, migrations })).rejects.toMatchObject({
      message: expect.stringMatching(/not empty: table \w+ holds rows/),
      exitCode: 1,
    });
    await target.pool.query('DELETE FROM backup_probe WHERE id > 10');
    await restore(target, file, { replace: true, stage, migrations });
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
        const attempt = restore(database, join(folder, name), { replace: false, stage, migrations });
        await expect(attempt, name).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(name) });
        expect(await schemaExists(database), name).toBe(false);
      }
      await expect(
        restore(database, join(folder, 'absent'), { replace: false, stage, migrations }),
      ).rejects.toMatchObject({
        exitCode: 2,
      });
    }));

  it('refuses a backup of a newer version', async () => {
    await source.pool.query("INSERT INTO migrations (name, run_on) VALUES ('9999_future', now())");
    const newer = join(folder, 'newer.backup');
    await backUp(source, newer, { clock: () => 0, stage, migrations });
    await source.pool.query("DELETE FROM migrations WHERE name = '9999_future'");
    await withEmpty(async (database) => {
      await expect(restore(database, newer, { replace: false, stage, migrations })).rejects.toThrow(
        /backup is newer.*9999_future/,
      );
      expect(await schemaExists(database)).toBe(false);
    });
  });

  it('ends when its file cannot be written on, and leaves a connection that can be used', async () => {
    const full = source.transaction((client) =>
      writeWholeFile(
        '/dev/full',
        readCopy(client, "COPY (SELECT repeat('x', 1000), generate_series(1, 100000)) TO STDOUT"),
      ),
    );
    await expect(full).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('ENOSPC') as string });
    expect((await source.pool.query('SELECT count(*) AS n FROM backup_probe')).rows).toEqual([{ n: ROWS }]);
  });

  it('gives up a COPY in the middle without waiting for its end', async () => {
    const endless = "COPY (SELECT repeat('x', 1000), generate_series(1, 1000000000)) TO STDOUT";
    const attempt = source.transaction(async (client) => {
      for await (const piece of readCopy(client, endless)) throw new Error(`enough: ${piece.length > 0}`);
    });
    await expect(attempt).rejects.toThrow('enough: true');
    expect((await source.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    const wrong = source.transaction(async (client) => {
      for await (const piece of readCopy(client, 'COPY nowhere TO STDOUT')) expect(piece).toBeNull();
    });
    await expect(wrong).rejects.toThrow(/nowhere/);
  });

  it('does not overwrite a file and leaves no half of one', async () => {
    await expect(backUp(source, file, { clock: () => 0, stage, migrations })).rejects.toMatchObject({ exitCode: 2 });
    const nowhere = join(folder, 'missing', 'a.backup');
    await expect(backUp(source, nowhere, { clock: () => 0, stage, migrations })).rejects.toMatchObject({ exitCode: 2 });
    expect(existsSync(`${nowhere}.part`)).toBe(false);
  });
});
