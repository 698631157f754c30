import { describe, expect, it } from 'vitest';
import type { VenueRules } from '../../../../features/instrument.ts';
import type { AmendOrder, PlaceOrder } from '../../../orders/order-request.ts';
import type { OrderBook, WorkingOrder } from '../../../strategies/strategy.ts';
import { dialectBars, dialectSession, type DialectOptions } from '../../../testing/dialect-session.ts';

const FLAT = dialectBars([100, 100, 100, 100]);

const buys = (more: Partial<PlaceOrder> = {}): PlaceOrder => {
  return { do: 'place', label: 'one', side: 'buy', type: 'market', size: { units: 10 }, ...more };
};

function traded(rules: VenueRules, options: DialectOptions): { units: number[]; codes: string[] } {
  const { fills, codes } = dialectSession(FLAT, { rules, ...options });
  return { units: fills.map(({ quantity }) => quantity), codes };
}

describe('rules of a venue', () => {
  it.each<[VenueRules, Partial<PlaceOrder>, string | null]>([
    [{}, {}, null],
    [{ enabled: true }, {}, null],
    [{ enabled: false }, {}, 'venue-disabled'],
    [{ minimumQuantity: 10, maximumQuantity: 10, minimumNotional: 1_000, band: 0.01 }, {}, null],
    [{ minimumQuantity: 11 }, {}, 'venue-minimum'],
    [{ maximumQuantity: 9 }, {}, 'venue-maximum'],
    [{ minimumNotional: 1_001 }, {}, 'venue-notional'],
    [{ band: 0.02 }, { type: 'limit', limit: 102 }, null],
    [{ band: 0.019 }, { type: 'limit', limit: 102 }, 'price-band'],
    [{ band: 0.01 }, { type: 'limit', limit: 97 }, 'price-band'],
    [{ band: 0.01 }, { type: 'stop-limit', stop: 100, limit: 102 }, 'price-band'],
  ])('%j of an order %j: %s', (rules, order, code) => {
    const { units, codes } = traded(rules, { orders: { 0: [buys(order)] } });
    expect([units, codes]).toEqual(code === null ? [[10], []] : [[], [code]]);
  });

  it('are asked of signals too, sized at the decision or at the fill', () => {
    for (const sizing of [{ kind: 'units', units: 5 }, { kind: 'all-in' }] as const) {
      const small = traded({ minimumNotional: 1e6 }, { signals: 'L', sizing });
      expect(small).toEqual({ units: [], codes: ['venue-notional'] });
      expect(traded({ minimumNotional: 500 }, { signals: 'L', sizing }).codes).toEqual([]);
    }
  });

  it('never keep a position from being closed', () => {
    const sold = buys({ label: 'two', side: 'sell', size: { units: 1 }, reduceOnly: true });
    const { units } = traded({ minimumQuantity: 5 }, { orders: { 0: [buys()], 1: [sold] } });
    expect(units).toEqual([10, -1]);
  });

  it.each<[VenueRules, AmendOrder, string]>([
    [{ minimumQuantity: 5 }, { do: 'amend', label: 'one', units: 4 }, 'venue-minimum'],
    [{ maximumQuantity: 12 }, { do: 'amend', label: 'one', units: 13 }, 'venue-maximum'],
    [{ minimumNotional: 900 }, { do: 'amend', label: 'one', units: 9 }, 'venue-notional'],
    [{ minimumNotional: 900 }, { do: 'amend', label: 'one', limit: 89 }, 'venue-notional'],
    [{ band: 0.1 }, { do: 'amend', label: 'one', limit: 89 }, 'price-band'],
  ])('%j of an amendment %j: %s, and the order works as it was', (rules, change, code) => {
    const entry = buys({ type: 'limit', limit: 95 });
    const bars = dialectBars([100, 100, 100, [100, 100, 80, 90]]);
    const seen: (readonly WorkingOrder[])[] = [];
    const look = (book: OrderBook) => (seen.push(book.working), []);
    const { fills, codes } = dialectSession(bars, { rules, orders: { 0: [entry], 1: [change], 2: look } });
    expect(codes).toEqual([code]);
    expect(seen[0]).toMatchObject([{ units: 10, filled: 0, request: { limit: 95 } }]);
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([[10, 95]]);
  });

  it('are asked of an amendment with what was executed before, and not where it only closes', () => {
    const bars = dialectBars([100, [100, 100, 95, 100, 80], 100, [100, 100, 80, 90]]);
    const orders = { 0: [buys({ type: 'limit', limit: 95 })], 1: [{ do: 'amend', label: 'one', units: 2 } as const] };
    const options = { rules: { minimumQuantity: 10 }, costs: { participation: 0.1 } };
    const part = dialectSession(bars, { ...options, orders });
    expect([part.codes, part.fills.map(({ quantity }) => quantity)]).toEqual([[], [8, 2]]);
    const exit = buys({ label: 'exit', side: 'sell', type: 'limit', limit: 110, reduceOnly: true });
    const lower = { do: 'amend', label: 'exit', units: 1, limit: 101 } as const;
    const closing = dialectSession(dialectBars([100, 100, 100, [100, 102, 100, 100]]), {
      rules: { minimumQuantity: 10, band: 0.05 },
      orders: { 0: [buys()], 1: [exit], 2: [lower] },
    });
    expect([closing.codes, closing.fills.map(({ quantity }) => quantity)]).toEqual([[], [10, -1]]);
  });

  it('are asked of what a fill inside a bar triggers', () => {
    const entry = buys({ type: 'limit', limit: 99 });
    const more = buys({ label: 'two', type: 'limit', limit: 90, after: 'one' });
    const bars = dialectBars([100, [100, 100, 98, 100], 100]);
    const { codes } = dialectSession(bars, { rules: { band: 0.05 }, orders: { 0: [entry, more] } });
    expect(codes).toEqual(['price-band']);
  });

  it('tick by price level, of an instrument that nothing else is known of', () => {
    const ticks = [
      { from: 0, tick: 0.01 },
      { from: 50, tick: 0.5 },
    ];
    const costs = { slippage: { kind: 'fixed', bps: 10 } } as const;
    const price = (at: number): number =>
      dialectSession(dialectBars([at, at]), { rules: { ticks }, signals: 'L', costs }).fills[0]!.price;
    expect([price(100), price(40)]).toEqual([100.5, 40.04]);
  });
});
