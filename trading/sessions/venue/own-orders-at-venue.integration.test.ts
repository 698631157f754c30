import { afterEach, describe, expect, it } from 'vitest';
import { bracket, type PlaceOrder } from '../../orders/order-request.ts';
import { NO_FAULTS, type RequestFault } from '../../testing/venue/stand-in-faults.ts';
import type { StandInOrder } from '../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';
import { sameBooks } from '../../testing/venue/placing-session.ts';
import { buy, placing } from '../../testing/venue/scripted-strategy.ts';
import type { StrategyAction } from '../../strategies/strategy.ts';

// Orders that a strategy places by itself, and exits of `protection`, at a venue over the real SDK.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const sell: PlaceOrder = { ...buy, label: 'out', side: 'sell' };
const exits = { stop: 80, target: 130 };

const open = (): StandInOrder[] => venue.books.open('AAPL');
const held = (): number => Number(venue.books.held('AAPL') / 1_000_000_000n);
const shape = (): string[] =>
  open().map(({ type, isLeg, qty }) => `${type}${isLeg ? ' leg' : ''} ${qty / 1_000_000_000n}`);

/** A session that has bought 10, of which a stop at 80 and a target at 130 are the exits. */
async function bracketed(script: readonly (readonly StrategyAction[])[] = []): Promise<SessionInHand> {
  const session = await sessionInHand(venue, { strategy: placing([bracket(buy, exits), ...script]) });
  session.close('HOLD');
  await session.until('both exits rest', () => open().length === 2);
  await sameBooks(session, 10);
  expect(shape()).toEqual(['limit leg 10', 'stop leg 10']);
  return session;
}

describe('a bracket', () => {
  it('has exits at the venue once its entry is filled; the target ends the stop', async () => {
    venue = await venueInHand({ partsMax: 3 });
    const session = await bracketed();
    venue.books.trade('AAPL', '131');
    await session.until('it is flat', () => held() === 0);
    await sameBooks(session, 0);
    expect(open()).toEqual([]);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('of which the stop is filled has no target any more', async () => {
    venue = await venueInHand();
    const session = await bracketed();
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => held() === 0);
    await sameBooks(session, 0);
    expect(open()).toEqual([]);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('of which the answer was lost is one pair, and a fill of the leg is no stranger', async () => {
    venue = await venueInHand();
    let posts = 0;
    const lost: RequestFault = { kind: 'hang', when: 'after' };
    venue.faults = { ...NO_FAULTS, request: (method) => (method === 'POST' && ++posts === 1 ? lost : null) };
    const session = await sessionInHand(venue, { strategy: placing([bracket(buy, exits)]) });
    session.close('HOLD');
    await session.until('both exits rest', () => open().length === 2);
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => held() === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('is found again after a restart, and what the leg did meanwhile', async () => {
    venue = await venueInHand();
    const strategy = placing([bracket(buy, exits)]);
    const before = await bracketed();
    await before.end();
    venue.books.trade('AAPL', '79');
    const session = await sessionInHand(venue, { before: { record: before.record, words: ['HOLD'] }, strategy });
    await session.until('it has heard', () => session.record.fills.length === 2);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('whose target alone is cancelled keeps its stop', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    const session = await bracketed([[{ do: 'cancel', label: 'in/target' }]]);
    session.close('HOLD');
    await session.until('the stop rests by itself', () => shape().join() === 'stop 10');
    await sameBooks(session, 10);
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => held() === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('whose entry is filled in part cancels the rest in time, says so, and protects the part', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue, {
      strategy: placing([bracket({ ...buy, type: 'limit', limit: 100 }, exits)]),
    });
    venue.books.prices.set('AAPL', 101_000_000_000n);
    session.close('HOLD');
    await session.until('it rests', () => open().length === 3);
    venue.books.fill(open()[0]!, '4', '100');
    await session.until('it is told', () => session.notes.some((note) => note.includes('filled in part')));
    await session.until('both exits rest', () => open().length === 2);
    await sameBooks(session, 4);
    expect(shape()).toEqual(['limit 4', 'stop leg 4']);
    await session.end();
  });
});

describe('an exit', () => {
  it('of the strategy itself waits until its bracket is gone', async () => {
    venue = await venueInHand({ cancelMs: 30 });
    const cancels = ['in/stop', 'in/target'].map((label) => ({ do: 'cancel', label }) as const);
    const session = await bracketed([cancels, [{ ...sell, size: 'position' }]]);
    session.close('HOLD');
    await session.until('nothing rests', () => open().length === 0);
    await session.settled();
    session.close('HOLD');
    await session.until('it is flat', () => held() === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('that cannot rest beside another of its group is refused before it leaves', async () => {
    venue = await venueInHand();
    const exit = { ...sell, size: 'position', group: 'exits', reduceOnly: true } as const;
    const trail: PlaceOrder = { ...exit, label: 'trail', type: 'trailing', trail: { percent: 0.1 } };
    const session = await sessionInHand(venue, {
      strategy: placing([[buy], [trail, { ...exit, label: 'stop', type: 'stop', stop: 80 }]]),
    });
    session.close('HOLD');
    // Held by the books of both: of what the session does not know of yet there is nothing to sell.
    await session.until('it is bought', () => session.record.fills.length > 0);
    await sameBooks(session, 10);
    session.close('HOLD');
    await session.until('it is told', () => session.notes.some((note) => note.includes('not-supported')));
    await sameBooks(session, 10);
    expect(shape()).toEqual(['trailing_stop 10']);
    await session.end();
  });
});

describe('orders of every kind', () => {
  it.each<[string, Partial<PlaceOrder>, Record<string, string>]>([
    ['limit', { type: 'limit', limit: 90 }, { type: 'limit', limit_price: '90', time_in_force: 'gtc' }],
    ['stop', { type: 'stop', stop: 120 }, { type: 'stop', stop_price: '120' }],
    ['stop-limit', { type: 'stop-limit', stop: 120, limit: 121 }, { stop_price: '120', limit_price: '121' }],
    ['trailing', { type: 'trailing', trail: { price: 5 } }, { type: 'trailing_stop', trail_price: '5' }],
    ['day', { type: 'limit', limit: 90, tif: 'day' }, { time_in_force: 'day' }],
    ['ioc', { type: 'limit', limit: 90, tif: 'ioc' }, { time_in_force: 'ioc' }],
    ['fok', { type: 'limit', limit: 90, tif: 'fok' }, { time_in_force: 'fok' }],
    ['on-open', { tif: 'on-open' }, { type: 'market', time_in_force: 'opg' }],
    ['on-close', { type: 'limit', limit: 90, tif: 'on-close' }, { time_in_force: 'cls' }],
    ['notional', { size: { notional: 500 } }, { type: 'market', qty: '5' }],
  ])('leave: %s', async (_name, order, body) => {
    venue = await venueInHand();
    const session = await sessionInHand(venue, { strategy: placing([[{ ...buy, ...order }]]) });
    session.close('HOLD');
    await session.until('it has arrived', () => venue.books.orders.length === 1);
    expect(venue.seen.find(({ method }) => method === 'POST')!.body).toMatchObject(body);
    await session.end();
  });

  it('or are refused before they leave: post-only', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue, {
      strategy: placing([[{ ...buy, type: 'limit', limit: 90, postOnly: true }]]),
    });
    session.close('HOLD');
    await session.until('it is told', () => session.notes.some((note) => note.includes('no post-only orders')));
    expect(venue.books.orders).toEqual([]);
    await session.end();
  });

  it('of one group that open: the first that is filled ends the other', async () => {
    venue = await venueInHand({ cancelMs: 10 });
    const entry = { ...buy, group: 'entries' } as const;
    const session = await sessionInHand(venue, {
      strategy: placing([
        [
          { ...entry, label: 'dip', type: 'limit', limit: 90 },
          { ...entry, label: 'break', type: 'stop', stop: 120 },
        ],
      ]),
    });
    session.close('HOLD');
    await session.until('both rest', () => open().length === 2);
    venue.books.trade('AAPL', '121');
    await session.until('one is left of them', () => held() === 10 && open().length === 0);
    await sameBooks(session, 10);
    expect((await session.end()).refusals).toEqual([]);
  });
});
