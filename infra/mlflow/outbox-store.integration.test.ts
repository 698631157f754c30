import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { enqueue } from './outbox-store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

it('stores and sends no secret that a run was told', async () => {
  const url = 'postgres://me:se@s/ame@host/db';
  await enqueue(database.pool, 'secrets', [
    {
      kind: 'createRun',
      runKey: 'one',
      experimentName: 'e',
      runName: `from ${url}`,
      startTimeMs: 1,
      tags: { source: url },
    },
    {
      kind: 'logBatch',
      runKey: 'one',
      part: 'params',
      params: { address: url, 'vendor.apiKey': 'sesame' },
      metrics: [{ key: 'm', value: 0.1, step: 0, timestampMs: 2 }],
    },
  ]);
  const { rows } = await database.pool.query<{ payload: object }>(
    `SELECT payload FROM signalbox.tracking_entries WHERE stream = 'secrets' ORDER BY id`,
  );
  const text = JSON.stringify(rows);
  expect(text).not.toMatch(/se@s|ame@|sesame/);
  expect(text).toContain('postgres://me:***@host/db');
  expect(text).toContain('0.1');
});
