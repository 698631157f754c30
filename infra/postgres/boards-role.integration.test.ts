import pg from 'pg';
import { afterAll, beforeAll, expect, describe, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { boardViews, makeBoardsRole } from './boards-role.ts';

let database: TestDatabase;
const role = `boards_${process.pid}`;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.pool.query(`DROP OWNED BY ${role}`);
  await database.pool.query(`DROP ROLE ${role}`);
  await database.drop();
});

async function as<T>(password: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(database.url);
  [url.username, url.password] = [role, password];
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('the role of boards', () => {
  it('reads every view of boards, no table, and writes nothing', async () => {
    const made = await database.transaction((client) => makeBoardsRole(client, role, "it's secret"));
    expect(made).toEqual({ role, views: await boardViews(database.pool), isNew: true });
    expect(made.views.length).toBeGreaterThan(20);
    await as("it's secret", async (client) => {
      for (const view of made.views) await client.query(`SELECT * FROM ${view} LIMIT 1`);
      const { rows } = await database.pool.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relnamespace = 'signalbox'::regnamespace AND relkind IN ('r', 'p')",
      );
      expect(rows.length).toBeGreaterThan(50);
      for (const { name } of rows)
        await expect(client.query(`SELECT 1 FROM signalbox.${name}`), name).rejects.toThrow('permission denied');
      await expect(client.query('DELETE FROM board_alerts')).rejects.toThrow(/read-only|permission|cannot delete/);
      await expect(client.query('CREATE TABLE signalbox.mine (a int)')).rejects.toThrow();
    });
  });

  it('is brought up to date when it is made again, with another password', async () => {
    await database.pool.query(`GRANT SELECT ON signalbox.sessions TO ${role}`);
    expect(await makeBoardsRole(database.pool, role, 'other')).toMatchObject({ isNew: false });
    await as('other', (client) => expect(client.query('SELECT 1 FROM sessions')).rejects.toThrow('permission denied'));
  });

  it('is nobody else: not the owner, no name that is more than a name', async () => {
    const { rows } = await database.pool.query<{ name: string }>('SELECT current_user AS name');
    await expect(makeBoardsRole(database.pool, rows[0]!.name, 'x')).rejects.toThrow(/owns the database|no name/);
    await expect(makeBoardsRole(database.pool, 'a; DROP', 'x')).rejects.toThrow('is no name of a role');
  });
});
