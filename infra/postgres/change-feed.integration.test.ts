import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { ChangeFeed, type Change } from './change-feed.ts';

describe('a feed of changes', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('ends at whatever moment it is told to, also while it connects', async () => {
    const ended: number[] = [];
    const moments = Array.from({ length: 30 }, (_, at) => at / 2);
    for (const afterMs of moments) {
      const feed = new ChangeFeed(database.url, () => undefined);
      await sleep(afterMs);
      void feed.close().then(() => ended.push(afterMs));
    }
    await expect.poll(() => ended.sort((a, b) => a - b)).toEqual(moments);
  });

  it('tells what was committed, and that anything may have changed once it has a connection again', async () => {
    const heard: Change[] = [];
    const feed = new ChangeFeed(database.url, (change) => void heard.push(change));
    await expect.poll(() => heard).toEqual(['all']);
    const notice = JSON.stringify({ channel: 'orders', session: 'one' });
    await database.pool.query("SELECT pg_notify('signalbox_changes', $1)", [notice]);
    await expect.poll(() => heard.slice(1)).toEqual([{ channel: 'orders', session: 'one' }]);
    await database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    await expect.poll(() => heard.slice(2)).toEqual(['all']);
    await feed.close();
  });
});
