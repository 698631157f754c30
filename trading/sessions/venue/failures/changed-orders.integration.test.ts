import { describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../../orders/order-request.ts';
import { GROUND_NAMES, GROUNDS } from '../../../testing/venue/faults/trading-ground.ts';
import { buy } from '../../../testing/venue/scripted-strategy.ts';

// A change is one request at Alpaca and a cancel with another order at Binance: the end of the old one is no end.

const low: PlaceOrder = { ...buy, label: 'low', size: { units: 5 }, type: 'limit', limit: 90 };

describe.each(GROUND_NAMES)('an order at %s', (venue) => {
  it('that is changed, told of by the stream, goes on as another, and is cancelled as that', async () => {
    const ground = await GROUNDS[venue]();
    const { session, books } = ground;
    try {
      await ground.places(low);
      await session.settled();
      for (const limit of [91, 92]) {
        await ground.does({ do: 'amend', label: 'low', limit });
        await session.until('it is another', () => books.orders().length === limit - 89);
        await session.settled();
        expect(books.working()).toBe(1);
        expect(session.edge.working).toMatchObject([{ state: 'ACCEPTED', venueName: books.orders().at(-1) }]);
      }
      await ground.does({ do: 'cancel', label: 'low' });
      await session.until('it is cancelled', () => books.working() === 0);
      await session.settled();
      expect(session.edge.working).toEqual([]);
      expect(ground.refusals).toEqual([]);
    } finally {
      await ground.end();
    }
  });
});
