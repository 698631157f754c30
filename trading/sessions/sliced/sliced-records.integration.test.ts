import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sliceBarColumns } from '../../../features/bar.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { childBars, childSession } from '../../testing/streaming-session-child.ts';
import { runHistoricalSession } from '../historical-session.ts';
import { latencyFigures, readLatencies, writeLatencies } from '../latency/latency-store.ts';
import { orderTrail } from '../operators/order-trail.ts';
import { ordersOutput } from '../operators/rows-output.ts';
import { sessionOutput } from '../operators/session-output.ts';
import { runPaper } from '../paper-command.ts';
import type { Replay } from '../replay.ts';
import { openSession } from '../session-store.ts';

// What is on record of orders that are executed in parts, and of the time that orders take.

let database: TestDatabase;

const execution = {
  entry: { kind: 'chase', maxSlippageBps: 5, withinMinutes: 4 },
  exit: { kind: 'twap', slices: 3, withinMinutes: 3 },
} as const;
const bars = childBars.map((columns) => sliceBarColumns(columns, 0, 120));
const options = { ...childSession, protection: undefined, execution };
const replay: Replay = {
  options,
  bars,
  session: {
    id: 'sliced',
    kind: 'paper',
    symbols: ['AAA', 'BBB'],
    capital: childSession.capital,
    experiment: 'walk',
    definition: {},
  },
};

interface Shown {
  readonly sequence: number;
  readonly parent: number | null;
  readonly algorithm: string | null;
  readonly givenUp: number | null;
  readonly givenUpFor: string | null;
  readonly latency: Readonly<Record<string, number>> | null;
}

let orders: readonly Shown[];
let hash: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const context = databaseContext(database, { json: false });
  const output = await runPaper(context, { speed: 'max', feed: 'replay' }, () => Promise.resolve(replay));
  hash = (output.value as { journalHash: string }).journalHash;
  orders = ((await ordersOutput(database, { limit: '10000' })).value as { orders: Shown[] }).orders;
});
afterAll(async () => {
  await database.drop();
});

describe('orders that are executed in parts', () => {
  it('are what they are in history, whatever the clock said', () => {
    expect(hash).toBe(runHistoricalSession({ ...options, bars }).journalHash);
  });

  it('are shown with the order that they execute, and with what that gave up', () => {
    expect(orders.length).toBeGreaterThan(5);
    expect(orders.every(({ parent, algorithm }) => parent !== null && algorithm !== null)).toBe(true);
    const givenUp = orders.filter(({ givenUpFor }) => givenUpFor === 'execution-bound');
    expect(givenUp.length).toBeGreaterThan(0);
    expect(givenUp.every((one) => one.givenUp! > 0)).toBe(true);
  });

  it('lead back to the signal of their parent', async () => {
    const parts = new Map<number, number[]>();
    for (const { parent, sequence } of orders) parts.set(parent!, [...(parts.get(parent!) ?? []), sequence]);
    const several = [...parts.values()].find((list) => list.length > 1)!;
    for (const sequence of several) {
      const { value, text } = await orderTrail(database, String(sequence));
      expect(value).toMatchObject({
        signal: { symbol: expect.any(String) as string },
        parent: { side: expect.any(String) as string },
      });
      expect(text()).toContain('parentEnd');
    }
  });
});

describe('the time that orders take', () => {
  it('is stored step by step, in order, and shown', async () => {
    for (const { latency } of orders) {
      const { decided, committed, sent } = latency!;
      expect(decided! <= committed!).toBe(true);
      // It leaves to no venue.
      expect(sent).toBeUndefined();
    }
    const { value, text } = await sessionOutput(database, 'sliced');
    const { latencies } = value as {
      latencies: readonly { step: string; orders: number; p50Ms: number; p99Ms: number }[];
    };
    // The closes of history are no moments of today.
    expect(latencies.map(({ step }) => step)).not.toContain('arrived');
    const committed = latencies.find(({ step }) => step === 'committed')!;
    expect(committed.orders).toBe(orders.length);
    expect(committed.p50Ms).toBeGreaterThan(0);
    expect(committed.p99Ms).toBeGreaterThanOrEqual(committed.p50Ms);
    expect(text()).toMatch(/until committed.+p50 [\d.]+ ms, p99 [\d.]+ ms/);
  });

  it('keeps the first time of a step, and figures are of the steps that were taken', async () => {
    const { pool } = database;
    await openSession(pool, { ...replay.session, id: 'timed' });
    const first = new Map([
      [1, { decided: 10, committed: 12 }],
      [2, { decided: 20, committed: 26 }],
    ]);
    await writeLatencies(pool, 'timed', first);
    await writeLatencies(pool, 'timed', new Map([[1, { committed: 99, sent: 15 }]]));
    expect((await readLatencies(pool, 'timed', [1])).get(1)).toEqual({ decided: 10, committed: 12, sent: 15 });
    expect(await latencyFigures(pool, 'timed')).toEqual([
      { step: 'committed', orders: 2, p50Ms: 2, p99Ms: 6 },
      { step: 'sent', orders: 1, p50Ms: 3, p99Ms: 3 },
    ]);
  });
});
