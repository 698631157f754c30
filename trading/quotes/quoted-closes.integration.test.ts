import { afterAll, beforeAll, expect, it } from 'vitest';
import { barAt, sliceBarColumns } from '../../features/bar.ts';
import { systemClock } from '../../infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import type { FeedEvent } from '../../pipelines/feeds/feed-event.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { liveBars, type LiveTail } from '../sessions/live-bars.ts';
import { SessionBars } from '../sessions/session-bar-store.ts';
import { openSession } from '../sessions/session-store.ts';
import { runPaperSession } from '../sessions/streaming-session.ts';
import { bracketStrategy } from '../testing/bracket-strategy.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';

const WARM_UP = 50;
const SYMBOL = 'AAA';
const bars = randomWalkBars(SYMBOL, 300, { seed: 5, sigma: 0.01 });
const instruments = [testInstrument(SYMBOL)];
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** Quotes before every third close that are far below its price, and others before them that are not. */
function quotesAt(row: number): FeedEvent[] {
  if (row % 3 !== 0) return [];
  const timeMs = bars.closeTimeMs[row]! - 500;
  const quote = (middle: number): FeedEvent => ({
    kind: 'quote',
    quote: { symbol: SYMBOL, timeMs, bid: middle - 0.01, ask: middle + 0.01, bidSize: 1, askSize: 2 },
  });
  return [quote(bars.close[row]!), quote(bars.close[row]! * 0.9)];
}

/** After `closes` of them the process is to stop. */
function tailOf(quotes: (row: number) => FeedEvent[], closes: number, stop: () => void): LiveTail {
  return {
    decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
    actions: () => Promise.resolve([]),
    lateBars: () => 0,
    observe: () => Promise.resolve(null),
    open: async function* (fromMs): AsyncGenerator<FeedEvent> {
      let left = closes;
      for (let row = 0; row < bars.length; row++) {
        if (bars.openTimeMs[row]! < fromMs) continue;
        if (left === 0) return stop();
        yield* quotes(row);
        yield { kind: 'bar', symbol: SYMBOL, bar: barAt(bars, row), origin: 'stream', lastOfClose: true };
        left -= 1;
      }
    },
  };
}

async function run(id: string, quotes: (row: number) => FeedEvent[], closes = Infinity) {
  const session = { id, kind: 'paper', symbols: [SYMBOL], capital: 100_000, definition: {} } as const;
  await openSession(database.pool, session);
  const stopping = new AbortController();
  const { signal } = stopping;
  const result = await runPaperSession({
    instruments,
    strategy: bracketStrategy,
    sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
    limits: { ...NAMED_LIMITS.unbounded, priceCollarFraction: 0.05 },
    broker: simulatedBroker({ feeBps: 5 }),
    capital: 100_000,
    sessionId: id,
    feed: liveBars({
      instruments,
      warmUp: [sliceBarColumns(bars, 0, WARM_UP)],
      tail: tailOf(quotes, closes, () => stopping.abort()),
      store: new SessionBars(database.pool, id),
      signal,
    }),
    journal: await PostgresJournal.open(database, session),
    clock: systemClock,
    signal,
  });
  return { hash: result.journalHash, refused: result.refusals.filter(({ code }) => code === 'price-collar').length };
}

it('the last quote of each close narrows the collar, and a restarted session has the same again', async () => {
  const whole = await run('whole', quotesAt);
  const without = await run('without', () => []);
  expect(without.refused).toBe(0);
  expect(whole.refused).toBeGreaterThan(5);
  await run('stopped', quotesAt, 120);
  expect(await run('stopped', quotesAt)).toEqual(whole);
});
