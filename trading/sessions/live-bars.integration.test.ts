import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barAt, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { systemClock } from '../../infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { FeedEvent } from '../../pipelines/feeds/feed-event.ts';
import { runHistoricalSession } from './historical-session.ts';
import { liveBars, type LiveTail } from './live-bars.ts';
import { childBars, childSession } from '../testing/streaming-session-child.ts';
import { runPaperSession } from './streaming-session.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import type { ClosedBars } from './replayed-feed.ts';
import { SessionBars } from './session-bar-store.ts';
import { SessionCommands } from './record/session-commands.ts';
import { openSession, requestCommand } from './session-store.ts';

const WARM_UP = 100;
const SYMBOLS = childSession.instruments.map(({ symbol }) => symbol);
const warmUp = childBars.map((bars) => sliceBarColumns(bars, 0, WARM_UP));
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/**
 * The bars after the warm-up as a feed brings them, with what it says of itself in between; stops for good after
 * `closes`.
 */
function tailOf(bars: readonly BarColumns[], closes: number, observed: number[], opened: number[]): LiveTail {
  return {
    decider: () => Promise.resolve({ decidedBy: 'a model', unfit: null }),
    actions: () => Promise.resolve([]),
    lateBars: () => 0,
    observe: ({ closeTimeMs }) => {
      observed.push(closeTimeMs);
      return Promise.resolve(null);
    },
    open: async function* (fromMs): AsyncGenerator<FeedEvent> {
      opened.push(fromMs);
      yield { kind: 'status', status: 'connected', timeMs: fromMs, symbol: null, message: 'made up' };
      let left = closes;
      for (let row = 0; row < bars[0]!.length && left > 0; row++) {
        if (bars[0]!.openTimeMs[row]! < fromMs) continue;
        for (const [symbol, columns] of bars.entries()) {
          const lastOfClose = symbol === bars.length - 1;
          yield { kind: 'bar', symbol: columns.symbol, bar: barAt(columns, row), origin: 'stream', lastOfClose };
        }
        left -= 1;
      }
    },
  };
}

describe('a paper session on a live feed', () => {
  it('killed twice, is given the same bars again and ends with the journal of history', async () => {
    const session = {
      id: 'live',
      kind: 'paper' as const,
      symbols: SYMBOLS,
      capital: childSession.capital,
      definition: {},
    };
    await openSession(database.pool, session);
    const run = async (recorded: number, closes: number) => {
      const [observed, opened, events]: [number[], number[], string[]] = [[], [], []];
      const stopping = new AbortController();
      const feed = liveBars({
        instruments: childSession.instruments,
        warmUp,
        tail: tailOf(childBars, closes, observed, opened),
        store: new SessionBars(database.pool, session.id),
        signal: stopping.signal,
        onEvent: ({ kind }) => events.push(kind),
      });
      // What the feed has recorded for the session may not have reached it when the process dies.
      const last = WARM_UP + recorded + closes;
      async function* dying(): AsyncGenerator<ClosedBars> {
        let count = 0;
        for await (const closed of feed) {
          if (closed.goesLive !== true) count += 1;
          if (count === last) return stopping.abort();
          yield closed;
        }
      }
      const result = await runPaperSession({
        ...childSession,
        sessionId: session.id,
        feed: dying(),
        journal: await PostgresJournal.open(database, session),
        clock: systemClock,
        signal: stopping.signal,
      });
      return { result, observed, opened, events };
    };
    const first = await run(0, 50);
    expect(first.opened).toEqual([warmUp[0]!.closeTimeMs[WARM_UP - 1]]);
    expect(first.events).toEqual(['status']);
    const second = await run(50, 40);
    expect(second.opened).toEqual([childBars[0]!.closeTimeMs[WARM_UP + 50 - 1]]);
    const { result, observed } = await run(90, Infinity);
    const history = runHistoricalSession({ ...childSession, bars: childBars });
    expect(history.fills).toBeGreaterThan(50);
    expect(result.journalHash).toBe(history.journalHash);
    expect(result.equity).toEqual(history.equity);
    expect(observed).toEqual([...childBars[0]!.closeTimeMs]);
  });

  it('takes a command after the closes that were recorded before it was given, reached or not', async () => {
    const session = {
      id: 'asked',
      kind: 'paper',
      symbols: SYMBOLS,
      capital: childSession.capital,
      definition: {},
    } as const;
    await openSession(database.pool, session);
    // Each look is a poll interval after the last.
    let nowMs = 0;
    const clock = (): number => (nowMs += 1000);
    const run = async (closes: number, reached: number) => {
      const stopping = new AbortController();
      const store = new SessionBars(database.pool, session.id);
      const tail = tailOf(childBars, closes, [], []);
      const { instruments } = childSession;
      const feed = liveBars({ instruments, warmUp, tail, store, signal: stopping.signal });
      async function* dying(): AsyncGenerator<ClosedBars> {
        let count = 0;
        for await (const closed of feed) {
          if (count === reached) return stopping.abort();
          if (closed.goesLive !== true) count += 1;
          yield closed;
        }
      }
      const journal = await PostgresJournal.open(database, session);
      const commands = await SessionCommands.load(database.pool, session.id);
      const asked = { sessionId: session.id, journal, commands, clock, signal: stopping.signal };
      await runPaperSession({ ...childSession, ...asked, feed: dying() });
    };
    await run(10, WARM_UP + 9);
    await requestCommand(database.pool, 'halt', session.id);
    await run(3, Infinity);
    const { rows } = await database.pool.query<{ step: number }>(
      'SELECT step::int AS step FROM signalbox.session_commands WHERE session_id = $1',
      [session.id],
    );
    // Opens and closes of the history and of the ten closes on record.
    expect(rows).toEqual([{ step: 2 * (WARM_UP + 10) }]);
  });

  it('does not let two processes record the same close', async () => {
    const store = new SessionBars(database.pool, 'live');
    const closeTimeMs = childBars[0]!.closeTimeMs[WARM_UP]!;
    const bar = barAt(childBars[0]!, WARM_UP);
    await expect(
      store.write({ closeTimeMs, bars: [{ symbol: 0, bar }], decidedBy: null, unfit: null, records: null }),
    ).rejects.toThrow(/duplicate key/);
  });
});
