import { afterAll, beforeAll, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { ConnectionLock, tryLock } from './connection-lock.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('is held by one at a time, by name, and given back', async () => {
  const { pool } = database;
  const lock = (await ConnectionLock.hold(pool, 'one'))!;
  expect(await ConnectionLock.hold(pool, 'one', { turns: 2 })).toBeNull();
  const other = (await ConnectionLock.hold(pool, 'another'))!;
  await other.release();
  const waiting = ConnectionLock.hold(pool, 'one', { turns: 1000 });
  await lock.release();
  await (await waiting)!.release();
});

it('is the same lock on a connection that is there already', async () => {
  const client = await database.pool.connect();
  try {
    const unlock = (await tryLock(client, 'one'))!;
    expect(await ConnectionLock.hold(database.pool, 'one')).toBeNull();
    await unlock();
    await (await ConnectionLock.hold(database.pool, 'one'))!.release();
  } finally {
    client.release();
  }
});

it('goes with its connection, and leaves the pool as it was', async () => {
  const { pool } = database;
  const lock = (await ConnectionLock.hold(pool, 'one'))!;
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
       AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  while (!lock.isLost) await sleep(10);
  await lock.release();
  const again = (await ConnectionLock.hold(pool, 'one', { turns: 50 }))!;
  await again.release();
  expect(pool.idleCount).toBe(pool.totalCount);
  for (let i = 0; i < 30; i++) await (await ConnectionLock.hold(pool, 'one'))!.release();
  const client = await pool.connect();
  expect(client.listenerCount('end')).toBeLessThan(5);
  client.release();
});
