import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmptyDatabase } from '../testing/test-database.ts';
import { clientConfig } from './connection.ts';
import { connect } from './database.ts';
import { migrate, migrationStatus } from './migrate.ts';

describe('migrations', () => {
  let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let folder: string;
  let client: pg.Client;

  beforeEach(async () => {
    empty = await createEmptyDatabase();
    folder = mkdtempSync(join(tmpdir(), 'migrations-'));
    client = new pg.Client(clientConfig(empty.url));
    await client.connect();
  });

  afterEach(async () => {
    await client.end();
    await empty.drop();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, sql: string): void => writeFileSync(join(folder, name), sql);
  const second = async (): Promise<pg.Client> => {
    const other = new pg.Client(clientConfig(empty.url));
    await other.connect();
    return other;
  };

  it('are applied once, and a second call does nothing', async () => {
    write('0001_a.sql', 'CREATE TABLE a (id int PRIMARY KEY);');
    write('schema.sql', 'this is not a migration');
    expect(await migrate(client, folder)).toEqual(['0001_a']);
    expect(await migrate(client, folder)).toEqual([]);
    expect((await client.query("SELECT to_regclass('signalbox.a') AS a")).rows[0]).toEqual({ a: 'a' });
  });

  it('accept a lower number that arrives late', async () => {
    write('0020_b.sql', 'CREATE TABLE b (id int);');
    await migrate(client, folder);
    write('0010_a.sql', 'CREATE TABLE a (id int);');
    expect(await migrate(client, folder)).toEqual(['0010_a']);
    expect((await migrationStatus(client, folder)).pending).toEqual([]);
  });

  it('leave nothing behind when one fails', async () => {
    write('0001_a.sql', 'CREATE TABLE a (id int);');
    write('0002_b.sql', 'CREATE TABLE b (id nonsense);');
    await expect(migrate(client, folder)).rejects.toThrow(/nonsense/);
    expect((await migrationStatus(client, folder)).applied).toEqual([]);
    expect((await client.query("SELECT to_regclass('signalbox.a') AS a")).rows[0]).toEqual({ a: null });
  });

  it('run once when two processes start together', async () => {
    write('0001_a.sql', 'SELECT pg_sleep(0.3); CREATE TABLE a (id int);');
    const other = await second();
    const results = await Promise.all([migrate(client, folder), migrate(other, folder)]);
    await other.end();
    expect(results.flat()).toEqual(['0001_a']);
  });

  it('refuse a database that is newer than the code', async () => {
    write('0001_a.sql', 'CREATE TABLE a (id int);');
    write('9999_future.sql', 'CREATE TABLE future (id int);');
    await migrate(client, folder);
    rmSync(join(folder, '9999_future.sql'));
    await expect(migrate(client, folder)).rejects.toMatchObject({
      message: expect.stringMatching(/newer than this code.*9999_future/),
      exitCode: 1,
      remedy: expect.stringMatching(/Update/),
    });
    await expect(connect(empty.url, {}, null)).rejects.toMatchObject({ exitCode: 1 });
  });
});
