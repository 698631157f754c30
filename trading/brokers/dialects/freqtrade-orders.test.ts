import { expect, it } from 'vitest';
import type { OrderAction, PlaceOrder } from '../../orders/order-request.ts';
import { dialectBars, dialectSession, type DialectOptions, type DialectRow } from '../../testing/dialect-session.ts';

// More scenarios of freqtrade, tests/optimize/test_backtest_detail.py (GPL-3.0): inputs and profits as facts. Entries
// and exits at a price of their own, those that are readjusted, targets that a table of times lowers, turns of the side
// and leverage. Its stop is a loss of the stake: with leverage a fifth of it is the way of the price.

const DAY: readonly DialectRow[] = [
  [5000, 5025, 4975, 4987],
  [5000, 5025, 4975, 4987],
];
const CALM: DialectRow = [5000, 5050, 4950, 5000];
const SIGNAL: readonly DialectRow[] = [...DAY, [4987, 5012, 4986, 4986]];

const entry = (side: 'buy' | 'sell', limit: number): PlaceOrder => {
  return { do: 'place', label: 'entry', side, size: { units: 1 }, type: 'limit', limit };
};
const exit = (side: 'buy' | 'sell', order: Partial<PlaceOrder> & Pick<PlaceOrder, 'type'>): PlaceOrder => {
  const own = { do: 'place', label: 'exit', size: 'position', reduceOnly: true } as const;
  return { ...own, side, ...order };
};
const amend = (limit: number, label = 'exit'): OrderAction => ({ do: 'amend', label, limit });
const market = (side: 'buy' | 'sell'): PlaceOrder => {
  return { do: 'place', label: 'entry', side, size: { units: 1 }, type: 'market' };
};

interface Scenario {
  readonly name: string;
  readonly rows: readonly DialectRow[];
  readonly options: DialectOptions;
  /** Of the stake, as it rounds: to a tenth of a per cent. */
  readonly profit: number;
  /** Bars of the exits. */
  readonly exits: readonly number[];
}

const share = (percent: number) => ({ percent });

const BY_SIGNALS: readonly Scenario[] = [
  {
    name: '2: a stop that is reached in the second bar',
    rows: [...DAY, [4987, 5012, 4962, 4975], [4975, 5000, 4800, 4962]],
    options: { signals: 'L', protection: { stopLoss: share(0.03) } },
    profit: -0.03,
    exits: [3],
  },
  {
    name: '7: a target is reached, the stop is not',
    rows: [...DAY, [4987, 5300, 4950, 5050]],
    options: { signals: 'L', protection: { stopLoss: share(0.02), takeProfit: share(0.03) } },
    profit: 0.03,
    exits: [2],
  },
  {
    name: '27: leverage of five, the exit signal before the stop',
    rows: [...SIGNAL, [5010, 5010, 4986, 5010], [5010, 5010, 4855, 4995]],
    options: { signals: 'L..X', protection: { stopLoss: share(0.05 / 5) } },
    profit: 0.01,
    exits: [4],
  },
  {
    name: '28: the same of a short position',
    rows: [...SIGNAL, [5010, 5010, 4986, 5010], [4990, 5010, 4855, 4995]],
    options: { signals: 'S..X', protection: { stopLoss: share(0.05 / 5) } },
    profit: 0.01,
    exits: [4],
  },
  {
    name: '29: a target in the bar of the exit signal comes before it',
    rows: [...SIGNAL, [5010, 5251, 4986, 5010], [5010, 5010, 4855, 4995]],
    options: { signals: 'L..X', protection: { stopLoss: share(0.1), takeProfit: share(0.05) } },
    profit: 0.05,
    exits: [3],
  },
  {
    name: '54: from long to short',
    rows: [CALM, [5000, 5000, 4951, 5000], [4910, 5150, 4910, 5100], [5100, 5100, 4950, 4950], CALM, CALM],
    options: { signals: 'L..SX', protection: { stopLoss: share(0.1), takeProfit: share(0.1) } },
    profit: 0,
    exits: [4, 5],
  },
  {
    name: '55: from short to long',
    rows: [CALM, [5000, 5000, 4951, 5000], [4910, 5150, 4910, 5100], [5100, 5100, 4950, 4950], CALM, CALM],
    options: { signals: 'S.L.X', protection: { stopLoss: share(0.1), takeProfit: share(0.1) } },
    profit: -0.04,
    exits: [3, 5],
  },
];

const HIGH: DialectRow = [5000, 5200, 4951, 5000];
const HELD: readonly DialectRow[] = [...DAY, [4987, 5300, 4950, 5200]];

const BY_ORDERS: readonly Scenario[] = [
  {
    name: '17: closed after two bars, at the open',
    rows: [...DAY, [4987, 5300, 4950, 5050], [4980, 5000, 4940, 4962]],
    options: { orders: { 0: [market('buy')], 2: [exit('sell', { type: 'market' })] } },
    profit: -0.004,
    exits: [3],
  },
  {
    name: '18: a target that is lowered below the next open takes that',
    rows: [...HELD, [5200, 5220, 4940, 4962]],
    options: {
      orders: { 0: [market('buy')], 1: [exit('sell', { type: 'limit', limit: 5500 })], 2: [amend(5050)] },
    },
    profit: 0.04,
    exits: [3],
  },
  {
    name: '19: and above it waits for its price',
    rows: [...HELD, [5000, 5300, 4940, 4962]],
    options: {
      orders: { 0: [market('buy')], 1: [exit('sell', { type: 'limit', limit: 5500 })], 2: [amend(5050)] },
    },
    profit: 0.01,
    exits: [3],
  },
  {
    name: '39: an entry below every bar is never filled',
    rows: [CALM, [5000, 5500, 4951, 5000], [4900, 5250, 4500, 5100]],
    options: { orders: { 0: [entry('buy', 4200)] } },
    profit: 0,
    exits: [],
  },
  {
    name: '42: a target after an entry inside a bar waits for the next',
    rows: [CALM, [5000, 5500, 4951, 4999], [4900, 5250, 4500, 5100]],
    options: {
      orders: {
        0: [
          entry('buy', 4952),
          exit('sell', { type: 'limit', limit: 4952 * 1.01, after: 'entry', group: 'exits' }),
          exit('sell', { label: 'stop', type: 'stop', stop: 4952 * 0.9, after: 'entry', group: 'exits' }),
        ],
      },
    },
    profit: 0.01,
    exits: [2],
  },
  {
    name: '49: an entry is readjusted until it is reached',
    rows: [CALM, HIGH, [4900, 5250, 4900, 5100], [5100, 5100, 4650, 4750], [4750, 4950, 4350, 4750]],
    options: {
      orders: { 0: [entry('sell', 5300)], 1: [amend(5000, 'entry')], 3: [exit('buy', { type: 'market' })] },
    },
    profit: 0.05,
    exits: [4],
  },
  {
    name: '53: and its stop may be reached in that bar',
    rows: [CALM, HIGH, [4900, 5250, 4900, 5100]],
    options: {
      orders: {
        0: [entry('sell', 5300), exit('buy', { type: 'stop', stop: 5150, after: 'entry' })],
        1: [amend(5000, 'entry')],
      },
    },
    profit: -0.03,
    exits: [2],
  },
  {
    name: '51: an entry that is not reached ends at its time',
    rows: [CALM, HIGH, [4900, 5250, 4500, 5100], [4000, 4100, 3900, 4000]],
    options: { orders: { 0: [{ ...entry('buy', 4100), tif: 'gtd', expiresMs: Date.UTC(2020, 0, 4) }] } },
    profit: 0,
    exits: [],
  },
  {
    name: '59: an exit is readjusted until it is reached',
    rows: [
      ...[CALM, [5000, 5500, 4951, 5000] as const, [4900, 5250, 4500, 5100] as const],
      ...[[5100, 5100, 4650, 4750] as const, [4750, 4950, 4350, 4750] as const],
    ],
    options: {
      orders: { 0: [market('buy')], 2: [exit('sell', { type: 'limit', limit: 5300 })], 3: [amend(4900)] },
    },
    profit: -0.02,
    exits: [4],
  },
];

it.each([...BY_SIGNALS, ...BY_ORDERS])('freqtrade $name', ({ name, rows, options, profit, exits }) => {
  const leverage = name.includes('leverage') || name.startsWith('28') ? 5 : 1;
  const { result } = dialectSession(dialectBars(rows), {
    costs: { stopFill: 'in-range', intrabar: 'trail-in-bar' },
    ...options,
    // What is turned needs more than one unit's price after a loss.
    capital: leverage === 1 ? 10_000 : 5_100,
    sizing: { kind: 'units', units: leverage },
    limits: leverage === 1 ? {} : { margin: { initial: 0.1, maintenance: 0.05 } },
  });
  const closed = result.ledger.filter(({ exitTimeMs }) => exitTimeMs !== null);
  const stake = (price: number, quantity: number): number => (price * quantity) / leverage;
  const made = closed.reduce((sum, { pnl, entryPrice, quantity }) => sum + pnl / stake(entryPrice, quantity), 0);
  expect(Math.round(made * 1e3) / 1e3 + 0).toBeCloseTo(profit, 12);
  expect(result.ledger).toHaveLength(exits.length);
  const times = [...result.timeMs];
  const barOf = (timeMs: number, atOpen: boolean): number =>
    times.findIndex((close) => close >= timeMs + (atOpen ? 1 : 0));
  expect(
    closed.map(({ exitTimeMs, exitPrice }) => {
      const bar = barOf(exitTimeMs!, false);
      const next = rows[bar + 1];
      // An exit at an open is at the moment of the close before it.
      return typeof next === 'object' && next[0] === exitPrice && times[bar] === exitTimeMs ? bar + 1 : bar;
    }),
  ).toEqual(exits);
});
