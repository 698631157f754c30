import { afterEach, describe, expect, it } from 'vitest';
import { decodeRecords } from '../../journal/journal-record.ts';
import type { PlaceOrder } from '../../orders/order-request.ts';
import {
  binanceInHand,
  brokerAt,
  pairOf,
  untilTold,
  type BinanceInHand,
} from '../../testing/venue/binance/binance-in-hand.ts';
import { buy, placing } from '../../testing/venue/scripted-strategy.ts';
import { sessionInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';

// Orders that are executed in parts, at Binance over the real SDK: post-only is LIMIT_MAKER, refused where it would
// take.

let hand: BinanceInHand;
const HASTE = { deadlineMs: 150, recvWindowMs: 100, pingMs: 100 };

afterEach(async () => {
  await hand.venue.stop();
});

async function start(execution: PlaceOrder['execution']): Promise<SessionInHand<BinanceInHand['venue']>> {
  hand = await binanceInHand(HASTE);
  hand.venue.run(5);
  const broker = brokerAt(hand.venue, HASTE);
  const held = { instruments: [], held: { BTC: '1' } };
  const { instruments } = await untilTold(() => broker.prepare([pairOf('BTCUSDT')], held));
  const [instrument] = instruments.length > 0 ? instruments : [pairOf('BTCUSDT')];
  const at = { broker, instrument: { ...instrument!, rules: { dustBelow: 0.001 } } };
  return sessionInHand(hand.venue, { at, strategy: placing([[{ ...buy, execution: execution! }]]) });
}

const sent = (): string[] => hand.venue.books.orders.map(({ type }) => type);
const bought = (session: SessionInHand<unknown>): number =>
  session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0);
const said = (session: SessionInHand<unknown>): unknown[] =>
  [...decodeRecords(Buffer.concat(session.record.effects))].flatMap((effect) =>
    effect.kind === 'parent-end' ? [[effect.filled, effect.left, effect.code]] : [],
  );
const ended = (session: SessionInHand<unknown>): Promise<void> =>
  session.until('it has ended', () => said(session).length === 1);

describe('at Binance', () => {
  it('twap buys in slices, by the clock', async () => {
    const session = await start({ kind: 'twap', slices: 2, withinMinutes: 0.02 });
    session.close('HOLD');
    await ended(session);
    await session.settled();
    expect([bought(session), sent(), said(session)]).toEqual([10, ['MARKET', 'MARKET'], [[10, 0, null]]]);
    await session.end();
  });

  it('chase rests at the price, follows it, and gives up beyond its bound', async () => {
    const session = await start({ kind: 'chase', maxSlippageBps: 500, withinMinutes: 10 });
    hand.venue.books.trade('BTCUSDT', '120');
    session.close('HOLD');
    await session.until('it rests', () => sent().length === 1);
    await session.settled();
    session.market.prices[0] = 104;
    session.close('HOLD');
    await session.until('it follows', () => sent().length === 2);
    await session.settled();
    session.market.prices[0] = 106;
    session.close('HOLD');
    await ended(session);
    expect([bought(session), sent(), said(session)]).toEqual([0, ['LIMIT', 'LIMIT'], [[0, 10, 'execution-bound']]]);
    await session.end();
  });

  it('maker that would take is refused, priced anew at the next bar, and filled', async () => {
    const session = await start({ kind: 'maker', takerAfterMinutes: 10, offsetBps: 0 });
    hand.venue.books.trade('BTCUSDT', '99');
    session.close('HOLD');
    await session.until('it is refused', () => session.notes.some((note) => note.includes('would-take')));
    await session.settled();
    session.market.prices[0] = 98;
    session.close('HOLD');
    await session.until('it rests', () => sent().includes('LIMIT_MAKER'));
    await session.settled();
    hand.venue.books.trade('BTCUSDT', '97');
    await ended(session);
    expect([bought(session), said(session)]).toEqual([10, [[10, 0, null]]]);
    expect(session.record.fills.every(({ price }) => price < 98)).toBe(true);
    await session.end();
  });

  it('maker takes once the price has run away', async () => {
    const session = await start({ kind: 'maker', takerAfterMinutes: 10, takerBeyondBps: 100, offsetBps: 0 });
    hand.venue.books.trade('BTCUSDT', '102');
    session.close('HOLD');
    await session.until('it rests', () => sent().length === 1);
    await session.settled();
    session.market.prices[0] = 102;
    session.close('HOLD');
    await ended(session);
    await session.settled();
    expect([bought(session), sent(), said(session)]).toEqual([10, ['LIMIT_MAKER', 'MARKET'], [[10, 0, null]]]);
    await session.end();
  });
});
