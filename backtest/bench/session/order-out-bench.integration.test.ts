import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { benchOrderOut } from './order-out-bench.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

it('every order that is due leaves to the venue, and its way there is timed', async () => {
  const [alone, together] = await benchOrderOut({ database: () => Promise.resolve(database), closes: 14, warm: 2 });
  expect([alone!.runs, together!.runs]).toEqual([14, 2 * 50]);
  for (const { checks, rate } of [alone!, together!]) {
    const { medianMs, p99Ms, maxMs } = checks as Record<string, number>;
    expect(medianMs).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(medianMs!);
    expect(maxMs).toBeGreaterThanOrEqual(p99Ms!);
    expect(rate).toBe(p99Ms);
  }
  const { rows } = await database.pool.query<{ orders: number }>('SELECT count(*)::int AS orders FROM orders');
  // Of the second session: the first one gave way to it.
  expect(rows[0]!.orders).toBe((2 + 2) * 50);
});
