import { afterEach, describe, expect, it } from 'vitest';
import { bracket, type PlaceOrder } from '../../orders/order-request.ts';
import { heldAt, sameBooks } from '../../testing/venue/placing-session.ts';
import { buy, placing } from '../../testing/venue/scripted-strategy.ts';
import { failing, NO_FAULTS, type RequestFault } from '../../testing/venue/stand-in-faults.ts';
import type { StandInOrder } from '../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';
import type { StrategyAction } from '../../strategies/strategy.ts';

// Changes of orders at a venue: a change makes another order there, and its 200 proves nothing.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const limit: PlaceOrder = { ...buy, type: 'limit', limit: 90 };
const amend = (to: number): StrategyAction => ({ do: 'amend', label: 'in', limit: to });
const open = (): StandInOrder[] => venue.books.open('AAPL');
const limits = (): number[] => open().map(({ limit: at }) => Number(at! / 1_000_000_000n));
const at = (price: number) => (): boolean => limits().join() === `${price}`;
const refusals = async (session: SessionInHand): Promise<string[]> =>
  (await session.end()).refusals.map(({ code }) => code);

/** A session with a purchase that rests at 90, which then does so at each bar. */
async function resting(...script: StrategyAction[][]): Promise<SessionInHand> {
  const session = await sessionInHand(venue, { strategy: placing([[limit], ...script]) });
  session.close('HOLD');
  await session.until('it rests', at(90));
  await session.settled();
  return session;
}

function once(method: string, fault: RequestFault): void {
  venue.faults = failing({ method }, fault);
}

describe('a change', () => {
  it('is another order at the venue, followed by its new name: filled, booked and over', async () => {
    venue = await venueInHand({ partsMax: 3 });
    const session = await resting([amend(92)], [{ ...amend(94), units: 6 } as StrategyAction]);
    session.close('HOLD');
    await session.until('it is changed', at(92));
    await session.settled();
    session.close('HOLD');
    await session.until('it is changed again', at(94));
    await session.settled();
    expect(open()[0]!.clientOrderId).toMatch(/-1-a2$/);
    venue.books.trade('AAPL', '93');
    await session.until('it is filled', () => heldAt(session) === 6);
    await sameBooks(session, 6);
    expect(await refusals(session)).toEqual([]);
  });

  it.each<[string, RequestFault]>([
    ['is lost on the way back', { kind: 'hang', when: 'after' }],
    ['is lost on the way there', { kind: 'hang', when: 'before' }],
    ['is cut', { kind: 'reset', when: 'after' }],
    ['is garbled', { kind: 'garbled' }],
    ['is 429', { kind: 'status', status: 429, message: 'slow down', retryAfter: '0' }],
    ['is 503', { kind: 'status', status: 503, message: 'unavailable' }],
  ])('whose answer %s is made once', async (_name, fault) => {
    venue = await venueInHand();
    const session = await resting([amend(92)]);
    once('PATCH', fault);
    session.close('HOLD');
    await session.until('it is changed', at(92));
    await session.settled();
    expect(venue.books.orders).toHaveLength(2);
    venue.books.trade('AAPL', '91');
    await session.until('it is filled', () => heldAt(session) === 10);
    await sameBooks(session, 10);
    expect(await refusals(session)).toEqual([]);
  });

  it('that the venue refuses leaves the order as it was, in the books of the session too', async () => {
    venue = await venueInHand();
    const session = await resting([amend(92)], [amend(93)]);
    once('PATCH', { kind: 'status', status: 422, message: 'order is not replaceable' });
    session.close('HOLD');
    await session.until('it is told', () => session.record.inputs.some(({ event }) => event.kind === 'outcome'));
    await session.settled();
    expect(limits()).toEqual([90]);
    session.close('HOLD');
    await session.until('it is changed', at(93));
    await session.settled();
    venue.books.trade('AAPL', '92');
    await session.until('it is filled', () => heldAt(session) === 10);
    await sameBooks(session, 10);
    expect(await refusals(session)).toEqual(['amend-refused']);
  });

  it('of an order that is filled meanwhile comes to nothing: no second purchase', async () => {
    venue = await venueInHand();
    const session = await resting([amend(92)]);
    venue.faults = {
      ...NO_FAULTS,
      request: (method) => {
        if (method === 'PATCH') venue.books.trade('AAPL', '89');
        return null;
      },
    };
    session.close('HOLD');
    await session.until('it is filled', () => heldAt(session) === 10);
    await sameBooks(session, 10);
    expect(venue.books.orders).toHaveLength(1);
    await session.end();
  });

  it('of which a cancel follows at once leaves nothing, whatever became of its answer', async () => {
    venue = await venueInHand();
    const session = await resting([amend(92)], [{ do: 'cancel', label: 'in' }]);
    once('PATCH', { kind: 'hang', when: 'after' });
    session.close('HOLD');
    session.close('HOLD');
    await session.until('nothing rests', () => open().length === 0);
    await sameBooks(session, 0);
    expect(venue.books.orders.map(({ status }) => status)).toEqual(['replaced', 'canceled']);
    expect(await refusals(session)).toEqual([]);
  });

  it('is there after a restart, and what was executed of it meanwhile', async () => {
    venue = await venueInHand();
    const before = await resting([amend(92)]);
    before.close('HOLD');
    await before.until('it is changed', at(92));
    await before.settled();
    await before.end();
    venue.books.trade('AAPL', '91');
    const session = await sessionInHand(venue, {
      before: { record: before.record, words: ['HOLD', 'HOLD'] },
      strategy: placing([[limit], [amend(92)]]),
    });
    await session.until('it has heard', () => session.record.fills.length === 1);
    await sameBooks(session, 10);
    expect(await refusals(session)).toEqual([]);
  });

  it('of an order that is filled in part is not made: the order works on', async () => {
    venue = await venueInHand();
    const session = await resting([amend(92)]);
    venue.books.fill(open()[0]!, '4', '90');
    await session.until('it is booked', () => session.record.fills.length === 1);
    session.close('HOLD');
    await session.until('it is told', () => session.record.inputs.some(({ event }) => event.kind === 'outcome'));
    expect(session.notes.join()).toContain('a part of it is filled');
    venue.books.trade('AAPL', '89');
    await session.until('it is filled', () => heldAt(session) === 10);
    await sameBooks(session, 10);
    expect(await refusals(session)).toEqual(['amend-refused']);
  });

  it('moves the stop of a bracket, which stays one of its pair', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue, {
      strategy: placing([bracket(buy, { stop: 80, target: 130 }), [{ do: 'amend', label: 'in/stop', stop: 85 }]]),
    });
    session.close('HOLD');
    await session.until('both exits rest', () => open().length === 2);
    await session.settled();
    session.close('HOLD');
    const stop = (): StandInOrder | undefined => open().find(({ type }) => type === 'stop');
    await session.until('it is moved', () => stop()?.stop === 85_000_000_000n);
    await session.settled();
    expect(open()).toHaveLength(2);
    venue.books.trade('AAPL', '84');
    await session.until('it is flat', () => heldAt(session) === 0);
    await sameBooks(session, 0);
    expect(open()).toEqual([]);
    expect(await refusals(session)).toEqual([]);
  });
});
