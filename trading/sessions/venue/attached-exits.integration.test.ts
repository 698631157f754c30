import { afterEach, describe, expect, it } from 'vitest';
import { bracket, type PlaceOrder } from '../../orders/order-request.ts';
import type { StrategyAction } from '../../strategies/strategy.ts';
import { failing, NO_FAULTS, statusFault } from '../../testing/venue/stand-in-faults.ts';
import { heldAt, sameBooks } from '../../testing/venue/placing-session.ts';
import { buy, placing } from '../../testing/venue/scripted-strategy.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';

// Exits that leave with their entry as one request: order classes `bracket` and `oto`, over the real SDK.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const exits = { stop: 80, target: 130 };
const limited: PlaceOrder = { ...buy, type: 'limit', limit: 100 };

const open = () => venue.books.open('AAPL');
const shape = (): string[] =>
  open().map(({ type, isLeg, qty, status }) => `${type}${isLeg ? ' leg' : ''} ${qty / 1_000_000_000n} ${status}`);
const posts = () => venue.seen.filter(({ method }) => method === 'POST').map(({ body }) => body);

/** A session whose limit at 100 rests with its exits, the market being at 101. */
async function resting(): Promise<SessionInHand> {
  venue.books.trade('AAPL', '101');
  const session = await sessionInHand(venue, { strategy: placing([bracket(limited, exits)]) });
  session.close('HOLD');
  await session.until('it rests', () => open().length === 3);
  return session;
}

const isExit = ({ order }: SessionInHand['edge']['working'][number]): boolean => order.reduces;
const stops = (): number[] => open().flatMap(({ stop }) => (stop === null ? [] : [Number(stop) / 1e9]));

/** A session whose limit is filled after its strategy has moved the stop to 90. */
async function moved(): Promise<SessionInHand> {
  venue.books.trade('AAPL', '101');
  const move: StrategyAction = { do: 'amend', label: 'in/stop', stop: 90 };
  const session = await sessionInHand(venue, { strategy: placing([bracket(limited, exits), [move]]) });
  session.close('HOLD');
  await session.until('it rests', () => open().length === 3);
  session.close('HOLD');
  await session.until('the second bar', () => session.record.bars.length === 2);
  await session.settled();
  venue.books.trade('AAPL', '99');
  return session;
}

describe('an entry with its exits', () => {
  it('leaves as one bracket, and is protected by the venue from the fill on', async () => {
    venue = await venueInHand();
    const session = await resting();
    expect(shape()).toEqual(['limit 10 new', 'limit leg 10 held', 'stop leg 10 held']);
    venue.books.trade('AAPL', '99');
    expect(shape()).toEqual(['limit leg 10 new', 'stop leg 10 held']);
    await session.until('it is bought', () => session.record.fills.length === 1);
    await sameBooks(session, 10);
    expect(posts()).toMatchObject([
      {
        order_class: 'bracket',
        time_in_force: 'gtc',
        take_profit: { limit_price: '130' },
        stop_loss: { stop_price: '80' },
      },
    ]);
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect(posts()).toHaveLength(1);
    expect(open()).toEqual([]);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('that is a stop alone leaves as an oto, not as a bracket with one leg (TraderAlice/OpenAlice 342)', async () => {
    venue = await venueInHand();
    const [entry, stop] = bracket(buy, exits);
    const session = await sessionInHand(venue, { strategy: placing([[entry!, stop!]]) });
    session.close('HOLD');
    await session.until('the stop works', () => shape().join() === 'stop leg 10 new');
    await sameBooks(session, 10);
    expect(posts()).toMatchObject([{ order_class: 'oto', stop_loss: { stop_price: '80' } }]);
    expect(posts()[0]).not.toHaveProperty('take_profit');
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect(posts()).toHaveLength(1);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('that is filled while no process runs is protected all the same, and found again', async () => {
    venue = await venueInHand();
    const before = await resting();
    await before.settled();
    await before.end();
    venue.books.trade('AAPL', '99');
    expect(shape()).toEqual(['limit leg 10 new', 'stop leg 10 held']);
    const words = ['HOLD'] as const;
    const strategy = placing([bracket(limited, exits)]);
    const session = await sessionInHand(venue, { before: { record: before.record, words }, strategy });
    await session.until('it has heard', () => session.record.fills.length === 1);
    await sameBooks(session, 10);
    expect(posts()).toHaveLength(1);
    expect(session.edge.working.map(({ state }) => state)).toEqual(['ACCEPTED', 'ACCEPTED']);
    venue.books.trade('AAPL', '131');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('and one of these are filled while no process runs: both are booked, and nothing is sold twice', async () => {
    venue = await venueInHand();
    const before = await resting();
    await before.settled();
    await before.end();
    venue.books.trade('AAPL', '99');
    venue.books.trade('AAPL', '79');
    const strategy = placing([bracket(limited, exits)]);
    const session = await sessionInHand(venue, { before: { record: before.record, words: ['HOLD'] }, strategy });
    await session.until('it has heard', () => session.record.fills.length === 2);
    await sameBooks(session, 0);
    expect(session.record.fills.map(({ sequence }) => sequence > 0)).toEqual([true, true]);
    expect(posts()).toHaveLength(1);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('is followed by its legs after a restart, though one that is held is not listed (alpaca-trade-api-python 322)', async () => {
    venue = await venueInHand();
    const before = await resting();
    venue.books.trade('AAPL', '99');
    await before.until('it is bought', () => before.record.fills.length === 1);
    await sameBooks(before, 10);
    await before.end();
    const strategy = placing([bracket(limited, exits)]);
    const session = await sessionInHand(venue, { before: { record: before.record, words: ['HOLD'] }, strategy });
    await session.until('both are known', () => session.edge.working.every(({ shown }) => shown));
    await session.settled();
    expect(session.edge.working).toHaveLength(2);
    expect(posts()).toHaveLength(1);
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('whose exits were moved before the fill: these are changed at the venue, which protects meanwhile', async () => {
    venue = await venueInHand();
    const session = await moved();
    await session.until('the stop is moved', () => stops().join() === '90');
    await sameBooks(session, 10);
    expect(posts()).toHaveLength(1);
    expect(shape()).toEqual(['limit leg 10 new', 'stop leg 10 held']);
    venue.books.trade('AAPL', '89');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('whose exits were moved, and the venue does not change them: they end, and leave anew as a pair', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    venue.faults = failing({ method: 'PATCH' }, statusFault(422, 'cannot replace order in accepted status'));
    const session = await moved();
    await session.until('a pair rests in their place', () => shape().join() === 'limit 10 new,stop leg 10 held');
    await sameBooks(session, 10);
    expect(stops()).toEqual([90]);
    venue.books.trade('AAPL', '89');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('that is a stop alone is placed anew where the strategy moves it: an oto cannot be replaced', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    const [entry, stop] = bracket(buy, exits);
    const move: StrategyAction = { do: 'amend', label: 'in/stop', stop: 85 };
    const session = await sessionInHand(venue, { strategy: placing([[entry!, stop!], [move]]) });
    session.close('HOLD');
    await session.until('the stop works', () => shape().join() === 'stop leg 10 new');
    await session.settled();
    session.close('HOLD');
    await session.until('it is moved', () => shape().join() === 'stop 10 new');
    await sameBooks(session, 10);
    expect(stops()).toEqual([85]);
    venue.books.trade('AAPL', '84');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('whose exits are wanted no more when it is filled has none left at the venue', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    venue.books.trade('AAPL', '101');
    const dropped = ['in/stop', 'in/target'].map((label) => ({ do: 'cancel', label }) as const);
    const session = await sessionInHand(venue, { strategy: placing([bracket(limited, exits), dropped]) });
    session.close('HOLD');
    await session.until('it rests', () => open().length === 3);
    session.close('HOLD');
    await session.until('the second bar', () => session.record.bars.length === 2);
    venue.books.trade('AAPL', '99');
    await session.until('nothing is left', () => session.record.fills.length === 1 && open().length === 0);
    await sameBooks(session, 10);
    await session.end();
  });

  it('moves with its exits: the price of the entry is changed, and these hang on the new one', async () => {
    venue = await venueInHand();
    venue.books.trade('AAPL', '101');
    const strategy = placing([bracket(limited, exits), [{ do: 'amend', label: 'in', limit: 100.5 }]]);
    const session = await sessionInHand(venue, { strategy });
    session.close('HOLD');
    await session.until('it rests', () => open().length === 3);
    await session.settled();
    session.close('HOLD');
    await session.until('it is moved', () => open().some(({ limit }) => limit === 100_500_000_000n));
    await session.settled();
    venue.books.trade('AAPL', '100.2');
    await session.until('it is bought', () => session.record.fills.length === 1);
    await sameBooks(session, 10);
    expect(posts()).toHaveLength(1);
    expect(session.edge.working.map(({ shown }) => shown)).toEqual([true, true]);
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('of before a restart stand for no exit of a later entry, whose own are placed', async () => {
    venue = await venueInHand();
    const again = placing([bracket(limited, exits), [], bracket(limited, exits)]);
    const before = await resting();
    venue.books.trade('AAPL', '99');
    await before.until('it is bought', () => before.record.fills.length === 1);
    venue.books.trade('AAPL', '79');
    await before.until('it is flat', () => before.record.fills.length === 2);
    before.close('HOLD');
    await before.until('the second bar', () => before.record.bars.length === 2);
    await sameBooks(before, 0);
    await before.end();
    // Another process asks for the first entry, is not answered for a while, and buys again meanwhile.
    const first = { method: 'GET', at: (path: string) => path.includes('by_client_order_id'), count: 12 };
    venue.faults = failing(first, statusFault(500));
    venue.books.trade('AAPL', '99');
    const words = ['HOLD', 'HOLD'] as const;
    const record = { ...before.record, state: null };
    const session = await sessionInHand(venue, { before: { record, words }, strategy: again });
    session.close('HOLD');
    await session.until('it is bought again', () => session.record.fills.length === 3);
    await session.until('its own exits rest', () => shape().join() === 'limit 10 new,stop leg 10 held');
    await sameBooks(session, 10);
    expect(session.edge.working.map(({ state }) => state)).toEqual(['ACCEPTED', 'ACCEPTED']);
    venue.books.trade('AAPL', '131');
    await session.until('it is flat again', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('that was filled in part has none of its legs: its exits leave by themselves, after a restart, too', async () => {
    venue = await venueInHand();
    const before = await resting();
    // The exits of the part are decided and recorded, and do not arrive.
    venue.faults = failing({ method: 'POST', count: Infinity }, { kind: 'hang', when: 'before' });
    venue.books.fill(open()[0]!, '4', '100');
    await before.until('its exits are decided', () => before.edge.working.filter(isExit).length === 2);
    await before.until('its legs have ended', () => open().length === 0);
    await before.end();
    venue.faults = NO_FAULTS;
    const strategy = placing([bracket(limited, exits)]);
    const session = await sessionInHand(venue, { before: { record: before.record, words: ['HOLD'] }, strategy });
    await session.until('they rest', () => shape().join() === 'limit 4 new,stop leg 4 held');
    await sameBooks(session, 4);
    expect(session.edge.working.map(({ state }) => state)).toEqual(['ACCEPTED', 'ACCEPTED']);
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('ends both of its exits where somebody else cancels them at the venue', async () => {
    venue = await venueInHand();
    const session = await resting();
    venue.books.trade('AAPL', '99');
    await session.until('they rest', () => session.edge.working.filter(isExit).length === 2);
    await session.settled();
    for (const { id } of open()) venue.books.cancel(id);
    await session.until('both have ended', () => session.edge.working.length === 0);
    await sameBooks(session, 10);
    await session.end();
  });

  /** A session whose limit is filled while its cancel is under way, which takes so long. */
  async function filledInCancel(cancelMs: number): Promise<SessionInHand> {
    venue = await venueInHand({ cancelMs });
    venue.books.trade('AAPL', '101');
    const strategy = placing([bracket(limited, exits), [{ do: 'cancel', label: 'in' }]]);
    const session = await sessionInHand(venue, { strategy });
    session.close('HOLD');
    await session.until('it rests', () => open().length === 3);
    await session.settled();
    session.close('HOLD');
    await session.until('the cancel is under way', () => open().some(({ cancelAtMs }) => cancelAtMs !== null));
    venue.books.trade('AAPL', '99');
    return session;
  }

  it('that is filled while its cancel is under way, which ends its legs: its exits are placed again', async () => {
    const session = await filledInCancel(60);
    await session.until('its exits rest', () => shape().join() === 'limit 10 new,stop leg 10 held');
    await sameBooks(session, 10);
    expect(session.edge.working.map(({ state }) => state)).toEqual(['ACCEPTED', 'ACCEPTED']);
    venue.books.trade('AAPL', '79');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect((await session.end()).refusals).toEqual([]);
  });

  it('that is filled while its cancel is under way, and one of its legs before that ends it: nothing is placed', async () => {
    const session = await filledInCancel(2_000);
    venue.books.trade('AAPL', '131');
    await session.until('it is flat', () => session.record.fills.length === 2 && heldAt(session) === 0);
    await session.until('both exits have ended', () => session.edge.working.length === 0);
    await sameBooks(session, 0);
    expect(posts()).toHaveLength(1);
    expect((await session.end()).refusals).toEqual([]);
  });
});
