import { describe, expect, it } from 'vitest';
import { orderSchema } from '../../../sessions/routes/order-schema.ts';
import { faultOf, numberOf, orderOf, PRICES, type Typed } from './typed-order.ts';

const typed: Typed = {
  symbol: 'AAA',
  side: 'buy',
  quantity: '2,5',
  orderType: 'market',
  limitPrice: '99.5',
  stopPrice: '101',
  timeInForce: 'gtc',
  reduceOnly: false,
};

describe('an order that is typed', () => {
  it.each(Object.keys(PRICES) as Typed['orderType'][])('is one that the service takes: %s', (orderType) => {
    const order = orderOf({ ...typed, orderType }, 'one');
    expect(faultOf({ ...typed, orderType })).toBeNull();
    expect(orderSchema.parse(order)).toMatchObject({ session: 'one', quantity: 2.5, orderType });
  });

  it('is not looked at before it is whole', () => {
    expect(faultOf({ ...typed, symbol: null })).toMatchObject({ field: 'symbol' });
    for (const quantity of ['', '0', '-1', 'ten', '1e3', '1.2.3']) {
      expect(faultOf({ ...typed, quantity }), quantity).toMatchObject({ field: 'quantity' });
    }
    expect(faultOf({ ...typed, orderType: 'stop-limit', limitPrice: '' })).toMatchObject({ field: 'limitPrice' });
    expect([numberOf(' 1.5 '), numberOf('1,5'), numberOf('.5'), numberOf('7.')]).toEqual([1.5, 1.5, 0.5, 7]);
  });
});
