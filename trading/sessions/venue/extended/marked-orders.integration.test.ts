import { afterEach, describe, expect, it } from 'vitest';
import type { AlpacaBroker } from '../../../brokers/alpaca/alpaca-broker.ts';
import { brokerOf, type VenueBroker } from '../../../brokers/venue/venue-broker.ts';
import { bracket } from '../../../orders/order-request.ts';
import { share } from '../../../testing/venue/alpaca/alpaca-in-hand.ts';
import { hastyAlpaca } from '../../../testing/venue/alpaca/alpaca-mortal.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { sessionInHand, venueInHand } from '../../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const instrument = { ...share('AAPL'), rules: { extendedHours: true } };
const limit = { ...buy, type: 'limit', limit: 90 } as const;

/** Alpaca's broker that sends its orders with another mark than was meant. */
function unmarked(broker: AlpacaBroker): VenueBroker {
  const { submit, cancel, amend, find, openOrders, positions, account, executionsSince } = bound(broker);
  return brokerOf({
    ...{ name: broker.name, capabilities: broker.capabilities, prepare: undefined, hours: undefined },
    ...{ cancel, amend, find, openOrders, positions, account, executionsSince, paymentsSince: undefined },
    submit: (order) => submit({ ...order, instrument: share('AAPL') }),
    clockOffsetMs: () => broker.clockOffsetMs(),
    listen: (onMessage, signal) => broker.listen(onMessage, signal),
  });
}

function bound(broker: AlpacaBroker) {
  return {
    submit: broker.submit.bind(broker),
    cancel: broker.cancel.bind(broker),
    amend: broker.amend.bind(broker),
    find: broker.find.bind(broker),
    openOrders: broker.openOrders.bind(broker),
    positions: broker.positions.bind(broker),
    account: broker.account.bind(broker),
    executionsSince: broker.executionsSince.bind(broker),
  };
}

describe('the mark of extended hours', () => {
  it('that the venue does not show is told, once', async () => {
    venue = await venueInHand();
    const broker = unmarked(hastyAlpaca(venue.url, 2_000));
    const session = await sessionInHand(venue, { at: { broker, instrument }, strategy: placing([[limit]]) });
    session.close('HOLD');
    await session.until('it is told', () => session.notes.length > 0);
    await session.settled();
    expect(session.notes).toEqual([
      'order 1 works in regular hours alone at the venue, and in extended hours by what was decided',
    ]);
    await session.end();
  });

  it('is kept by a change, and found after a restart', async () => {
    venue = await venueInHand();
    const strategy = placing([[limit], [{ do: 'amend', label: 'in', limit: 91 }]]);
    const at = { broker: hastyAlpaca(venue.url, 2_000), instrument };
    const before = await sessionInHand(venue, { at, strategy });
    before.close('HOLD');
    await before.settled();
    before.close('HOLD');
    await before.settled();
    await before.end();
    const again = { broker: hastyAlpaca(venue.url, 2_000), instrument };
    const session = await sessionInHand(venue, {
      ...{ at: again, strategy },
      before: { record: before.record, words: before.words },
    });
    await session.settled();
    const open = venue.books.open('AAPL');
    expect(open.map((order) => [order.extendedHours, order.limit])).toEqual([[true, 91_000_000_000n]]);
    expect(session.notes.filter((note) => note.includes('hours'))).toEqual([]);
    await session.end();
  });

  it('is none of a bracket, which leaves whole at the next price and apart by a limit', async () => {
    venue = await venueInHand();
    const at = { broker: hastyAlpaca(venue.url, 2_000), instrument };
    const exits = { stop: 80, target: 130 };
    const session = await sessionInHand(venue, { at, strategy: placing([bracket(buy, exits)]) });
    session.close('HOLD');
    await session.until('both exits rest', () => venue.books.open('AAPL').length === 2);
    await session.settled();
    const marks = venue.books.orders.map(({ type, orderClass, extendedHours }) => [type, orderClass, extendedHours]);
    expect(marks.every(([, , marked]) => marked === false)).toBe(true);
    expect(marks[0]).toEqual(['market', 'bracket', false]);
    await session.end();
  });

  it('of an entry by a limit keeps its exits here until it is filled', async () => {
    venue = await venueInHand();
    const at = { broker: hastyAlpaca(venue.url, 2_000), instrument };
    const entry = { ...limit, limit: 101 };
    const session = await sessionInHand(venue, {
      at,
      strategy: placing([bracket(entry, { stop: 80, target: 130 })]),
    });
    session.close('HOLD');
    await session.until('both exits rest', () => venue.books.open('AAPL').length === 2);
    await session.settled();
    const orders = venue.books.orders.map(({ type, orderClass, extendedHours }) => [type, orderClass, extendedHours]);
    expect(orders).toEqual([
      ['limit', '', true],
      ['limit', 'oco', false],
      ['stop', 'oco', false],
    ]);
    await session.end();
  });
});
