import { afterEach, describe, expect, it } from 'vitest';
import type { Instrument } from '../../../../features/instrument.ts';
import { hastyAlpaca } from '../../../testing/venue/alpaca/alpaca-mortal.ts';
import { share } from '../../../testing/venue/alpaca/alpaca-in-hand.ts';
import { sessionInHand, venueInHand, type InHandOptions } from '../../../testing/venue/session-in-hand.ts';
import { amountOf } from '../../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';

// What Alpaca takes of a sale of coins it tells apart from the sale, and often later.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const instrument: Instrument = { ...share('BTC/USD'), assetClass: 'crypto', lot: 1e-9 };

const start = (before?: InHandOptions['before']) => {
  const at = { broker: hastyAlpaca(venue.url), instrument };
  return sessionInHand(venue, before === undefined ? { at } : { at, before });
};

describe('a fee in dollars', () => {
  it('is booked once, at its order, also after a restart; what was of another order is not', async () => {
    venue = await venueInHand();
    venue.books.trade('BTC/USD', '100');
    const before = await start();
    before.close('BUY');
    await before.until('it is bought', () => before.record.fills.length === 1);
    await before.settled();
    before.close('SELL');
    await before.until('it is sold', () => before.record.fills.length === 2);
    await before.settled();
    const sale = venue.books.orders.at(-1)!;
    venue.books.chargeDollars('2.5', sale.id);
    await before.until('it is booked', () => before.record.payments.length === 1);
    await before.settled();
    await before.end();
    expect(before.record.payments).toMatchObject([{ charge: 'fee', cash: -2.5, sequence: 2 }]);
    const spent = before.record.fills.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
    expect(100_000 - spent - 2.5).toBeCloseTo(Number(amountOf(venue.books.cash)), 9);
    // While it is down another fee comes, of an order that is not the session's.
    const id = 'by-hand';
    venue.books.submit({
      client_order_id: id,
      symbol: 'BTC/USD',
      side: 'buy',
      qty: '1',
      type: 'market',
      time_in_force: 'gtc',
    });
    venue.books.turn();
    venue.books.submit({
      client_order_id: `${id}-2`,
      symbol: 'BTC/USD',
      side: 'sell',
      qty: '1',
      type: 'market',
      time_in_force: 'gtc',
    });
    venue.books.turn();
    venue.books.chargeDollars('0.25', venue.books.byClientId(`${id}-2`)!.id);
    const session = await start(before);
    await session.until('it is ready', () => session.edge.ready);
    await session.settled();
    expect(session.record.payments).toHaveLength(1);
    await session.end();
  });
});
