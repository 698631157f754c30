import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../infra/clock.ts';
import { decodeRecords } from '../../journal/journal-record.ts';
import type { PlaceOrder } from '../../orders/order-request.ts';
import { heldAt, sameBooks } from '../../testing/venue/placing-session.ts';
import { buy, placing } from '../../testing/venue/scripted-strategy.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInOrder } from '../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';

// Orders that are executed in parts, at a venue over the real SDK: timers between bars are inputs of the session.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const sliced = (execution: PlaceOrder['execution']): PlaceOrder => ({ ...buy, execution: execution! });
const units = (value: bigint): number => Number(value) / 1e9;
const orders = (): string[] =>
  venue.books.orders.map(({ type, qty, limit }) =>
    `${type} ${units(qty)} ${limit === null ? '' : units(limit)}`.trim(),
  );
const open = (): StandInOrder[] => venue.books.open('AAPL');
const said = (session: SessionInHand): unknown[] =>
  [...decodeRecords(Buffer.concat(session.record.effects))].flatMap((effect) =>
    effect.kind === 'parent-end' ? [[effect.filled, effect.left, effect.code]] : [],
  );

describe('at Alpaca', () => {
  it('twap sends its slices by the clock, between bars', async () => {
    // The clock is put by hand: a busy machine would let several slices become due at once.
    let nowMs = systemClock();
    const clock = (): number => nowMs;
    venue = await venueInHand({ clock });
    const order = sliced({ kind: 'twap', slices: 4, withinMinutes: 1 });
    const session = await sessionInHand(venue, { strategy: placing([[order]]), clock });
    session.close('HOLD');
    await session.until('the first is bought', () => heldAt(session) === 2);
    // It begins with the bar.
    nowMs = session.record.bars.at(-1)!.closeTimeMs;
    for (const due of [2, 5, 7, 10]) {
      await session.until(`${due} are bought`, () => heldAt(session) === due);
      await sameBooks(session, due);
      // A moment before the next slice there is no more of it.
      nowMs += 14_999;
      await session.settled();
      expect(heldAt(session)).toBe(due);
      nowMs += 1;
    }
    expect(orders()).toEqual(['market 2', 'market 3', 'market 2', 'market 3']);
    expect(said(session)).toEqual([[10, 0, null]]);
    expect(session.record.inputs.filter(({ event }) => event.kind === 'timer').length).toBeGreaterThan(2);
    await session.end();
  });

  it('twap goes on where it was after a restart', async () => {
    venue = await venueInHand();
    const strategy = placing([[sliced({ kind: 'twap', slices: 2, withinMinutes: 0.05 })]]);
    const before = await sessionInHand(venue, { strategy });
    before.close('HOLD');
    await before.until('the first half is bought', () => before.record.fills.length > 0);
    await before.end();
    const session = await sessionInHand(venue, { before: { record: before.record, words: ['HOLD'] }, strategy });
    await session.until('all is bought', () => heldAt(session) === 10);
    await sameBooks(session, 10);
    expect(orders()).toEqual(['market 5', 'market 5']);
    await session.end();
  });

  it('chase follows the price by the proof of each cancel, and gives up beyond its bound', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    const order = sliced({ kind: 'chase', maxSlippageBps: 500, withinMinutes: 10 });
    const session = await sessionInHand(venue, { strategy: placing([[order]]) });
    venue.books.prices.set('AAPL', 120_000_000_000n);
    session.close('HOLD');
    await session.until('it rests', () => open().length === 1);
    const [first] = open();
    venue.books.fill(first!, '4', '99');
    await session.until('a part is booked', () => session.record.fills.length === 1);
    session.market.prices[0] = 103;
    session.close('HOLD');
    await session.until('it follows', () => open().some(({ qty }) => units(qty) === 6));
    session.market.prices[0] = 108;
    session.close('HOLD');
    await session.until('it gives up', () => said(session).length === 1);
    await sameBooks(session, 4);
    expect(open()).toEqual([]);
    expect(said(session)).toEqual([[4, 6, 'execution-bound']]);
    for (const { limit } of venue.books.orders) expect(units(limit!)).toBeLessThanOrEqual(105.5);
    await session.end();
  });

  it('maker, where nothing can be post-only, takes once it is urgent', async () => {
    venue = await venueInHand();
    const order = sliced({ kind: 'maker', takerAfterMinutes: 0.01, offsetBps: 0, everySeconds: 1 });
    const session = await sessionInHand(venue, { strategy: placing([[order]]) });
    session.close('HOLD');
    await session.until('it is bought', () => heldAt(session) === 10);
    await sameBooks(session, 10);
    expect(orders()).toEqual(['market 10']);
    expect(said(session)).toEqual([[10, 0, null]]);
    await session.end();
  });

  it('ends with a halt: its child is cancelled, and nothing follows', async () => {
    venue = await venueInHand();
    const order = sliced({ kind: 'chase', maxSlippageBps: 500, withinMinutes: 10 });
    const session = await sessionInHand(venue, { strategy: placing([[order]]) });
    venue.books.prices.set('AAPL', 120_000_000_000n);
    session.close('HOLD');
    await session.until('it rests', () => open().length === 1);
    session.commands.push('halt');
    await session.until('it has ended', () => said(session).length === 1);
    await sameBooks(session, 0);
    expect(open()).toEqual([]);
    expect(said(session)).toEqual([[0, 10, 'execution-stopped']]);
    await session.end();
  });
});
