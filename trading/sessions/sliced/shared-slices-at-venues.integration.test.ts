import { afterEach, describe, expect, it } from 'vitest';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import { binanceInHand, brokerAt, pairOf, untilTold } from '../../testing/venue/binance/binance-in-hand.ts';
import { heldAt, sameBooks } from '../../testing/venue/placing-session.ts';
import { speakingStrategies } from '../../testing/venue/scripted-strategy.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';

// Two strategies on one account of a venue, over the real SDK, whose signals are executed in parts: each execution is
// its strategy's, and the parts add up to what the venue holds.

let stop: () => Promise<void>;

afterEach(() => stop());

async function atAlpaca(): Promise<StandInVenue> {
  const venue = await venueInHand({ cancelMs: 20 });
  stop = () => venue.stop();
  return venue;
}

const twap = (slices: number, withinMinutes: number): ExecutionRule => ({ kind: 'twap', slices, withinMinutes });
/** What each strategy traded, signed. */
function traded({ record }: Pick<SessionInHand<unknown>, 'record'>): Record<string, number> {
  const units: Record<string, number> = {};
  for (const { owner, quantity } of record.fills) {
    const name = owner?.name ?? 'nobody';
    units[name] = (units[name] ?? 0) + quantity;
  }
  return units;
}

describe('at Alpaca', () => {
  it('slices leave by the clock, for each strategy, and go on after a restart', async () => {
    const venue = await atAlpaca();
    const strategy = () =>
      speakingStrategies({
        one: { words: ['BUY'], execution: { entry: twap(2, 0.1) } },
        two: { words: ['BUY', 'SELL'], execution: { entry: twap(2, 0.1), exit: twap(2, 0.1) } },
      });
    const before = await sessionInHand(venue, { strategy: strategy() });
    before.close('HOLD');
    await before.until('the first halves are bought', () => before.record.fills.length >= 2);
    await before.end();
    const session = await sessionInHand(venue, { strategy: strategy(), before });
    await session.until('all is bought', () => heldAt(session) === 20);
    await sameBooks(session, 20);
    session.close('HOLD');
    await session.until('the second is out', () => heldAt(session) === 10);
    await sameBooks(session, 10);
    const { strategies } = await session.end();
    expect(traded(session)).toEqual({ one: 10, two: 0 });
    expect(strategies!.map(({ name, fills }) => [name, fills])).toEqual([
      ['one', 2],
      ['two', 4],
      [null, 0],
    ]);
  });

  it('the stop of a part covers what was filled of it, and ends what is left of it alone', async () => {
    const venue = await atAlpaca();
    const strategy = speakingStrategies({
      one: { words: ['BUY'], execution: { entry: twap(2, 60) } },
      two: { words: ['HOLD', 'HOLD', 'BUY'] },
    });
    const protection = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
    const session = await sessionInHand(venue, { strategy, protection });
    const resting = (): string[] => venue.books.open('AAPL').map(({ type, qty }) => `${type} ${qty / 1_000_000_000n}`);
    session.close('HOLD');
    await session.until('the first half is protected', () => heldAt(session) === 5 && resting().length === 1);
    await session.settled();
    expect(resting()).toEqual(['stop 5']);
    venue.books.trade('AAPL', '89');
    await session.until('it is flat', () => heldAt(session) === 0 && resting().length === 0);
    session.market.prices[0] = 89;
    session.close('HOLD');
    session.close('HOLD');
    await session.until('the second is protected', () => heldAt(session) === 10 && resting().length === 1);
    await sameBooks(session, 10);
    expect(resting()).toEqual(['stop 10']);
    expect(traded(session)).toEqual({ one: 0, two: 10 });
    await session.end();
  });

  it('resting slices of opposite sides come to what each strategy wanted', async () => {
    const venue = await atAlpaca();
    const chase: ExecutionRule = { kind: 'chase', maxSlippageBps: 500, withinMinutes: 60 };
    const strategy = speakingStrategies({
      one: { words: ['BUY', 'HOLD', 'SELL'], execution: { exit: chase } },
      two: { words: ['HOLD', 'HOLD', 'BUY'], execution: { entry: chase } },
    });
    const session = await sessionInHand(venue, { strategy });
    session.close('HOLD');
    // In our books: the edge knows of a fill before the engine does, which would sell nothing yet.
    await session.until('the first is in', () => traded(session).one === 10);
    session.close('HOLD');
    session.close('HOLD');
    await session.until('one is out and the other in', () => {
      const units = traded(session);
      return units.one === 0 && units.two === 10;
    });
    await sameBooks(session, 10);
    expect(venue.books.open('AAPL')).toEqual([]);
    await session.end();
  });
});

describe('at Binance', () => {
  it('slices are of each strategy, and an exit in parts sells what its own holds', async () => {
    const haste = { deadlineMs: 150, recvWindowMs: 100, pingMs: 100 };
    const hand = await binanceInHand(haste);
    stop = () => hand.venue.stop();
    hand.venue.run(5);
    const broker = brokerAt(hand.venue, haste);
    const held = { instruments: [], held: { BTC: '1' } };
    const { instruments } = await untilTold(() => broker.prepare([pairOf('BTCUSDT')], held));
    const instrument = { ...(instruments[0] ?? pairOf('BTCUSDT')), rules: { dustBelow: 0.001 } };
    const strategy = speakingStrategies({
      one: { words: ['BUY'], execution: { entry: twap(2, 0.1) } },
      two: { words: ['BUY', 'SELL'], execution: { entry: twap(2, 0.1), exit: twap(2, 0.1) } },
    });
    const session = await sessionInHand(hand.venue, { at: { broker, instrument }, strategy });
    session.close('HOLD');
    await session.until('all is bought', () => traded(session).one === 10 && traded(session).two === 10);
    await session.settled();
    session.close('HOLD');
    await session.until('the second is out', () => Math.abs(traded(session).two!) < 1e-9);
    await session.settled();
    expect(traded(session)).toEqual({ one: 10, two: 0 });
    expect(hand.venue.books.orders.map(({ type }) => type)).toEqual(Array(6).fill('MARKET'));
    await session.end();
  });
});
