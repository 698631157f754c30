import { describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../orders/order-request.ts';
import type { OrderBook } from '../../strategies/strategy.ts';
import { dialectBars, dialectSession, type DialectOptions, type DialectRow } from '../../testing/dialect-session.ts';

// Tables of orders of vectorbt, tests/test_portfolio.py (Apache-2.0 with the Commons Clause): its inputs and expected
// orders, as facts. It fills at the close that decided (`same-close`), in fractions of units, with 100 in cash. A size
// of infinity is `all-in`; its directions are signals for long, short or flat; `allow_partial=False` is `fok`.

type Order = readonly [bar: number, quantity: number, price: number, fee?: number];

const PRICES: readonly DialectRow[] = [1, 2, 3, 4, 5];
const ALL_IN = { kind: 'all-in' } as const;
const ONE = { kind: 'units', units: 1 } as const;

function ordersOf(rows: readonly DialectRow[], options: DialectOptions): Order[] {
  const { costs, ...rest } = options;
  const { fills } = dialectSession(dialectBars(rows), {
    lot: 1e-8,
    capital: 100,
    ...rest,
    costs: { fill: 'same-close', ...costs },
  });
  return fills.map(({ bar, quantity, price, fee }) => [bar, quantity, price, fee]);
}

function expectOrders(found: readonly Order[], expected: readonly Order[]): void {
  expect(found.map(([bar]) => bar)).toEqual(expected.map(([bar]) => bar));
  found.forEach(([, quantity, price, fee], at) => {
    expect(quantity).toBeCloseTo(expected[at]![1], 7);
    expect(price).toBeCloseTo(expected[at]![2], 12);
    expect(fee).toBeCloseTo(expected[at]![3] ?? 0, 7);
  });
}

describe('vectorbt from_signals: entries in bars 0 to 2, exits in 3 and 4', () => {
  const BOTH = 'LLLSS';
  const LONG = 'LLLXX';
  const SHORT = 'SSSXX';

  it.each<[string, DialectOptions, readonly Order[]]>([
    [
      'both directions, infinite size: one order turns the position',
      { signals: BOTH, sizing: ALL_IN },
      [
        [0, 100, 1],
        [3, -200, 4],
      ],
    ],
    [
      'long only, infinite size',
      { signals: LONG, sizing: ALL_IN },
      [
        [0, 100, 1],
        [3, -100, 4],
      ],
    ],
    [
      'both directions, one unit',
      { signals: BOTH, sizing: ONE },
      [
        [0, 1, 1],
        [3, -2, 4],
      ],
    ],
    [
      'long only, one unit',
      { signals: LONG, sizing: ONE },
      [
        [0, 1, 1],
        [3, -1, 4],
      ],
    ],
    [
      'short only, one unit',
      { signals: SHORT, sizing: ONE },
      [
        [0, -1, 1],
        [3, 1, 4],
      ],
    ],
    [
      'fees of 10 %',
      { signals: BOTH, sizing: ONE, costs: { feeBps: 1_000 } },
      [
        [0, 1, 1, 0.1],
        [3, -2, 4, 0.8],
      ],
    ],
    [
      'fees of 100 %',
      { signals: SHORT, sizing: ONE, costs: { feeBps: 10_000 } },
      [
        [0, -1, 1, 1],
        [3, 1, 4, 4],
      ],
    ],
    [
      'fixed fees',
      { signals: BOTH, sizing: ONE, costs: { commission: { perOrder: 0.1 } } },
      [
        [0, 1, 1, 0.1],
        [3, -2, 4, 0.1],
      ],
    ],
    [
      'slippage of 10 %',
      { signals: BOTH, sizing: ONE, costs: { slippage: { kind: 'fixed', bps: 1_000 } } },
      [
        [0, 1, 1.1],
        [3, -2, 3.6],
      ],
    ],
    [
      'slippage of 10 %, short only',
      { signals: SHORT, sizing: ONE, costs: { slippage: { kind: 'fixed', bps: 1_000 } } },
      [
        [0, -1, 0.9],
        [3, 1, 4.4],
      ],
    ],
    [
      'half of what there is, long only',
      { signals: LONG, sizing: { kind: 'fraction-of-equity', fraction: 0.5 } },
      [
        [0, 50, 1],
        [3, -50, 4],
      ],
    ],
    [
      'more than the cash pays for, in part',
      { signals: LONG, sizing: { kind: 'units', units: 1_000 } },
      [
        [0, 100, 1],
        [3, -100, 4],
      ],
    ],
  ])('%s', (_, options, expected) => {
    expectOrders(ordersOf(PRICES, options), expected);
  });

  it.each([
    [1, 2],
    [2, 0],
  ])('a least size of %d', (minimumQuantity, orders) => {
    const { fills, codes } = dialectSession(dialectBars(PRICES), {
      signals: LONG,
      sizing: ONE,
      capital: 100,
      costs: { fill: 'same-close' },
      rules: { minimumQuantity },
    });
    expect(fills).toHaveLength(orders);
    expect(new Set(codes)).toEqual(new Set(orders === 0 ? ['venue-minimum'] : []));
  });

  it('is marked at the close it was filled at, fees included', () => {
    const { result } = dialectSession(dialectBars(PRICES), {
      signals: 'L...X',
      sizing: ONE,
      capital: 100,
      costs: { fill: 'same-close', feeBps: 1_000 },
    });
    const equity = [99.9, 100.9, 101.9, 102.9, 103.4];
    [...result.equity].forEach((value, bar) => expect(value).toBeCloseTo(equity[bar]!, 12));
  });

  // Where vectorbt's cash does not pay for a cover it covers in part; here what closes is never cut (`cash-bound`).
  it('a cover that cash does not pay for is whole, and leaves a debt', () => {
    expectOrders(ordersOf(PRICES, { signals: SHORT, sizing: ALL_IN }), [
      [0, -100, 1],
      [3, 100, 4],
    ]);
  });

  // vectorbt sells at 0 with slippage of 100 %; here nobody buys at nothing (`against-the-order`).
  it('slippage of the whole price fills nothing', () => {
    const costs = { fill: 'same-close', slippage: { kind: 'fixed', bps: 10_000 } } as const;
    const { fills, codes } = dialectSession(dialectBars(PRICES), { signals: SHORT, sizing: ONE, capital: 100, costs });
    expect(fills).toEqual([]);
    expect(codes).toContain('no-market');
  });
});

describe('vectorbt from_signals: stops of a position that is opened at the first close', () => {
  const around = (closes: readonly number[], open: number): DialectRow[] =>
    closes.map((close) => [close + open, close + 0.5, close - 0.5, close]);
  const FALLING = [5, 4, 3, 2, 1];
  const RISING = [1, 2, 3, 4, 5];
  const HUMP = [4, 5, 4, 3, 2];
  const DENT = [2, 1, 2, 3, 4];

  type Case = ['stopLoss' | 'takeProfit' | 'trailing', 'L' | 'S', number, readonly DialectRow[], number, number];
  it.each<Case>([
    ['stopLoss', 'L', 0.1, FALLING, 1, 4],
    ['stopLoss', 'L', 0.5, FALLING, 3, 2],
    ['stopLoss', 'L', 0.1, around(FALLING, 0.25), 1, 4.25],
    ['stopLoss', 'L', 0.15, around(FALLING, 0.25), 1, 4.25],
    ['stopLoss', 'L', 0.2, around(FALLING, 0.25), 1, 4],
    ['stopLoss', 'S', 0.5, RISING, 1, 2],
    ['stopLoss', 'S', 0.5, around(RISING, -0.25), 1, 1.75],
    ['stopLoss', 'S', 0.75, around(RISING, -0.25), 1, 1.75],
    ['trailing', 'L', 0.1, HUMP, 2, 4],
    ['trailing', 'L', 0.5, HUMP, 4, 2],
    ['trailing', 'S', 0.1, HUMP, 1, 5],
    ['trailing', 'L', 0.15, around(HUMP, 0.25), 2, 4.25],
    ['trailing', 'L', 0.2, around(HUMP, 0.25), 2, 4.25],
    ['trailing', 'L', 0.25, around(HUMP, 0.25), 2, 4.125],
    ['trailing', 'S', 0.15, around(HUMP, 0.25), 1, 5.25],
    ['trailing', 'S', 0.25, around(HUMP, 0.25), 1, 5.25],
    ['trailing', 'L', 0.5, DENT, 1, 1],
    ['trailing', 'S', 0.5, DENT, 2, 2],
    ['trailing', 'L', 0.5, around(DENT, -0.25), 1, 0.75],
    ['trailing', 'L', 0.75, around(DENT, -0.25), 1, 0.5],
    ['trailing', 'S', 0.5, around(DENT, -0.25), 2, 1.75],
    ['trailing', 'S', 0.75, around(DENT, -0.25), 2, 1.75],
    ['takeProfit', 'S', 0.1, FALLING, 1, 4],
    ['takeProfit', 'S', 0.5, FALLING, 3, 2],
    ['takeProfit', 'S', 0.1, around(FALLING, 0.25), 1, 4.25],
    ['takeProfit', 'S', 0.2, around(FALLING, 0.25), 1, 4],
    ['takeProfit', 'L', 0.5, RISING, 1, 2],
    ['takeProfit', 'L', 3, RISING, 3, 4],
    ['takeProfit', 'L', 0.75, around(RISING, -0.25), 1, 1.75],
    ['takeProfit', 'L', 1, around(RISING, -0.25), 1, 2],
  ])('%s of %s at %d', (...[kind, side, percent, rows, bar, price]) => {
    const [entry, exit] = ordersOf(rows, { signals: side, sizing: ALL_IN, protection: { [kind]: { percent } } });
    expect(entry![0]).toBe(0);
    expect(exit!.slice(0, 3)).toEqual([bar, -entry![1], price]);
  });
});

describe('vectorbt from_orders', () => {
  const market = (side: 'buy' | 'sell', size: PlaceOrder['size'], more: Partial<PlaceOrder> = {}): PlaceOrder => {
    return { do: 'place', label: 'one', side, type: 'market', size, ...more };
  };
  const ones = { 0: 'buy', 1: 'sell', 3: 'buy', 4: 'sell' } as const;
  const each = (size: PlaceOrder['size'], more: Partial<PlaceOrder> = {}): DialectOptions['orders'] =>
    Object.fromEntries(Object.entries(ones).map(([bar, side]) => [bar, [market(side, size, more)]]));

  it('sizes in units', () => {
    expectOrders(ordersOf(PRICES, { orders: each({ units: 1 }), costs: { feeBps: 1_000 } }), [
      [0, 1, 1, 0.1],
      [1, -1, 2, 0.2],
      [3, 1, 4, 0.4],
      [4, -1, 5, 0.5],
    ]);
  });

  it('orders of more than there is, long only, are filled in part', () => {
    expectOrders(ordersOf(PRICES, { ...longOnly }), [
      [0, 100, 1],
      [1, -100, 2],
      [3, 50, 4],
      [4, -50, 5],
    ]);
  });

  // Risk cuts an order to its limits before it is sent; what the cash at the fill does not pay for is for `fok` to say.
  it.each([
    ['gtc', [[0, 90.90909091, 1.1]], ['cash']],
    ['fok', [], ['not-immediate']],
  ] as const)('where the price that is conceded asks for more than the cash: %s', (tif, expected, refused) => {
    const { fills, codes } = dialectSession(dialectBars(PRICES), {
      orders: { 0: [market('buy', { units: 100 }, { tif })] },
      costs: { fill: 'same-close', slippage: { kind: 'fixed', bps: 1_000 } },
      capital: 100,
      lot: 1e-8,
    });
    expectOrders(
      fills.map(({ bar, quantity, price, fee }) => [bar, quantity, price, fee]),
      expected,
    );
    expect(codes).toEqual(refused);
  });

  // What is held is brought to an amount, a value or a share of the equity at each close.
  const target =
    (wanted: (book: OrderBook, price: number) => number) =>
    (book: OrderBook, price: number): readonly PlaceOrder[] => {
      const units = wanted(book, price) - book.position;
      return Math.abs(units) < 1e-9 ? [] : [market(units > 0 ? 'buy' : 'sell', { units: Math.abs(units) })];
    };

  it.each<[string, (book: OrderBook, price: number) => number, readonly number[]]>([
    ['amount of 75', () => 75, [75, 0, 0, 0, 0]],
    ['amount of -75', () => -75, [-75, 0, 0, 0, 0]],
    ['value of 50', (_, price) => 50 / price, [50, -25, -8.33333333, -4.16666667, -2.5]],
    ['value of -50', (_, price) => -50 / price, [-50, 25, 8.33333333, 4.16666667, 2.5]],
    ['share of a half', ({ equity }, price) => (0.5 * equity) / price, [50, -12.5, -6.25, -3.90625, -2.734375]],
    ['share of a half, short', ({ equity }, price) => (-0.5 * equity) / price, [-50, 37.5, 6.25, 2.34375, 1.171875]],
  ])('targets: a %s', (_, wanted, units) => {
    const orders = Object.fromEntries(
      PRICES.map((price, bar) => [bar, (book: OrderBook) => target(wanted)(book, price as number)]),
    );
    const expected = units.flatMap((size, bar): Order[] => (size === 0 ? [] : [[bar, size, PRICES[bar] as number]]));
    expectOrders(ordersOf(PRICES, { orders }), expected);
  });

  // Proceeds of short sales pay for nothing: what vectorbt calls lock_cash.
  it('infinite sizes in both directions, one order turning the position', () => {
    expectOrders(ordersOf(PRICES, { signals: 'LS.LS', sizing: ALL_IN }), [
      [0, 100, 1],
      [1, -200, 2],
      [3, 100, 4],
    ]);
  });
});

/** What is sold is what is held. */
const longOnly = {
  orders: {
    0: [{ do: 'place', label: 'one', side: 'buy', type: 'market', size: { units: 1_000 } }],
    1: [{ do: 'place', label: 'one', side: 'sell', type: 'market', size: { units: 1_000 }, reduceOnly: true }],
    3: [{ do: 'place', label: 'one', side: 'buy', type: 'market', size: { units: 1_000 } }],
    4: [{ do: 'place', label: 'one', side: 'sell', type: 'market', size: { units: 1_000 }, reduceOnly: true }],
  },
} as const satisfies Pick<DialectOptions, 'orders'>;
