import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../infra/clock.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { costsOf } from '../../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { decodeRecords } from '../../journal/journal-record.ts';
import { HOLD, ruleSignal } from '../../strategies/strategy.ts';
import { childBars, childSession } from '../../testing/streaming-session-child.ts';
import { share } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { sessionInHand, venueInHand } from '../../testing/venue/session-in-hand.ts';
import { runPaper } from '../paper-command.ts';
import type { Replay } from '../replay.ts';
import { requestCommand } from '../session-store.ts';
import { parityOutput } from './parity-command.ts';
import { sessionParity, type SessionParity } from './session-parity.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const context = (stop = new AbortController()) => databaseContext(database, { signal: stop.signal });
const costs = costsOf({ feeBps: 5, halfSpreadBps: 1 });
const replay = (id: string, definition = {}): Replay => ({
  options: childSession,
  bars: childBars,
  session: { id, kind: 'paper', symbols: ['AAA', 'BBB'], capital: childSession.capital, definition },
  costs,
});
const source = { experiment: 'walked.yaml', options: { broker: 'simulated' } };
const paper = (id: string, of: CommandContext = context()) =>
  runPaper(of, { speed: 'max', feed: 'replay', session: id }, () => Promise.resolve(replay(id)), {
    source,
    prepare: () => Promise.resolve(replay(id)),
  });
const parityOf = async (id: string, definition = {}): Promise<SessionParity> =>
  (await parityOutput(context(), { session: id }, () => Promise.resolve(replay(id, definition))))
    .value as SessionParity;
const counts = ({ byClass }: Pick<SessionParity, 'byClass'>): Record<string, number> =>
  Object.fromEntries(Object.entries(byClass).flatMap(([name, { count }]) => (count === 0 ? [] : [[name, count]])));

describe('a simulated session', () => {
  it('has no difference from its backtest, brackets and words of operators included, and stores that', async () => {
    // Words that wait are taken at the first bars, and repeated at their step.
    const halt = new AbortController();
    halt.abort();
    await paper('simulated', context(halt));
    await requestCommand(database.pool, 'reduce', 'simulated');
    await requestCommand(database.pool, 'resume', 'simulated');
    const { value, text } = (await paper('simulated'))!;
    const { parity } = value as { parity: Pick<SessionParity, 'byClass' | 'cost' | 'rest' | 'asOf'> };
    expect(counts(parity)).toEqual({});
    expect(parity).toMatchObject({ cost: 0, rest: 0 });
    expect(text()).toContain('parity: no order differs');
    const again = await parityOf('simulated');
    expect(again.orders.session).toBeGreaterThan(50);
    expect(again.orders.backtest).toBe(again.orders.session);
    expect(again.differences).toEqual([]);
    expect(again.equity.session).toBeCloseTo((value as { finalEquity: number }).finalEquity, 6);
    expect(again.costs).toMatchObject({ proposal: null, reason: expect.stringContaining('cost what') as string });
    const { rows } = await database.pool.query<{ document: SessionParity }>(
      `SELECT document FROM signalbox.session_parity WHERE session_id = 'simulated'`,
    );
    expect(rows.map(({ document }) => document)).toEqual([JSON.parse(JSON.stringify(again))]);
  });

  it('that was tampered with shows it, and what cannot be compared is said', async () => {
    await paper('compared');
    await expect(parityOf('none')).rejects.toThrow('there is no session "none"');
    await expect(parityOf('compared', { experimentHash: 'other' })).rejects.toThrow('its experimentHash differs');
    await expect(parityOutput(context(), {}, () => Promise.resolve(replay('compared')))).rejects.toThrow('--session');
  });
});

describe('a session at a venue', () => {
  it('shows worse fills, orders filled in part and one that was missed by class, to the cent', async () => {
    let bought = 0;
    const venue = await venueInHand({ partsMax: 9 });
    const session = await sessionInHand(venue);
    try {
      const held = (): number => session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0);
      const trade = async (word: 'BUY' | 'SELL', price: string): Promise<void> => {
        venue.books.trade('AAPL', price);
        session.close(word);
        await session.until('all of it is filled', () => held() === (word === 'BUY' ? 10 : 0));
        await session.settled();
      };
      // Bought and sold half a dollar worse than the bars say, ten shares each.
      await trade('BUY', '100.50');
      await trade('SELL', '99.50');
      // Of the next purchase the venue cancels what its first execution leaves.
      const { books } = venue;
      const turn = books.turn.bind(books);
      books.turn = () => {
        turn();
        for (const { status, id } of books.open()) if (status === 'partially_filled') books.cancel(id);
      };
      const before = session.record.fills.length;
      books.trade('AAPL', '100');
      session.close('BUY');
      await session.until(
        'part of it is filled, and the rest cancelled',
        () => session.record.fills.length > before && books.open().length === 0,
      );
      await session.settled();
      books.turn = turn;
      bought = session.record.fills.slice(before).reduce((sum, { quantity }) => sum + quantity, 0);
      await trade('SELL', '100');
      // Refused at the venue: the backtest buys at 100.
      venue.books.cash = 0n;
      const records = session.record.effects.length;
      session.close('BUY');
      await session.until('it is refused', () => session.record.effects.length > records + 1);
      await session.settled();
      session.close('HOLD');
      await session.settled();
      await session.end();
    } finally {
      await venue.stop();
    }
    const { words, record } = session;
    const said = [...words];
    const parity = await sessionParity({
      sessionId: 'kept',
      entries: decodeRecords(Buffer.concat(record.effects)),
      options: {
        instruments: [share('AAPL')],
        strategy: {
          name: 'spoken',
          parameters: {},
          forSymbol: () => ({
            decide: (view) => {
              const word = said[view.length - 1] ?? 'HOLD';
              return word === 'HOLD' ? HOLD : ruleSignal(word, 'spoken');
            },
          }),
        },
        sizing: { kind: 'units', units: 10 },
        limits: { ...NAMED_LIMITS.unbounded, shortAllowed: false },
        broker: simulatedBroker({}),
        capital: 100_000,
      },
      feed: (async function* () {
        yield* record.bars;
      })(),
      commands: () => [],
      costs: costsOf({}),
      clock: systemClock,
    });
    expect(parity.differences.map((one) => [one.class, one.side, one.quantity, Number(one.cost.toFixed(2))])).toEqual([
      ['price', 'buy', 10, 5],
      ['price', 'sell', 10, 5],
      ['partial', 'buy', 10 - bought, 0],
      ['partial', 'sell', 10 - bought, 0],
      ['missed', 'buy', 10, 0],
    ]);
    expect(parity.cost).toBeCloseTo(10, 6);
    expect(parity.rest).toBe(0);
    expect(parity.costs.slippageBps!.session).toBeCloseTo(1_000 / (20 + 2 * bought), 6);
    expect(bought).toBeGreaterThan(0);
    expect(parity.differences.slice(2).map(({ reason }) => reason)).toEqual(['canceled', null, 'rejected']);
  });
});
