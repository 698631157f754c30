import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { benchApi } from './api-bench.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

it('asks the service and the bare server the same in turn, and both answer', async () => {
  const context = { now: () => performance.now(), note: () => undefined, database: () => Promise.resolve(database) };
  const results = await benchApi(context, { orders: 40, clients: 300, rounds: 1, seconds: 1, offered: 20 });
  expect(results.map(({ name }) => name)).toEqual([
    'api orders, service',
    'api orders, node:http',
    'api kept, service',
    'api kept, node:http',
    'api at 20/s, service',
    'api at 20/s, node:http',
  ]);
  for (const { rate, checks } of results) {
    expect(rate).toBeGreaterThan(0);
    expect(checks.answers).toBeGreaterThan(0);
  }
  const [service, bare] = results;
  expect(service!.checks.shareOfBare).toBeCloseTo(service!.rate / bare!.rate, 6);
});
