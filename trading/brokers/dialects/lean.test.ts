import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, REFERENCE_DIR } from '../../../infra/testing/requirements.ts';
import { dialectBars, dialectSession, type DialectOptions, type DialectRow } from '../../testing/dialect-session.ts';

// Rules of QuantConnect Lean (Apache-2.0) for daily strategies, as facts: an order of a day's close takes the open of
// the next; SetHoldings sizes it at the close, in whole shares, so that 0.25 % of the portfolio and the order's own fee
// stay free (BuyingPowerModel, FreePortfolioValuePercentage); InteractiveBrokersFeeModel charges half a cent a share, 1
// at least and 0.5 % of the value at most. Here: `--size all-in` with `--cost sizedAt=decision`, `cashBuffer=0.0025`
// and the commission. Its margin account pays for what the open costs more; it owes it for as long.

const FREE = 0.0025;
const COMMISSION = { perShare: 0.005, perOrderMin: 1, maxShare: 0.005 };

function rowsOf(symbol: string): Exclude<DialectRow, number>[] {
  const text = readFileSync(join(REFERENCE_DIR, 'zipline/daily', `${symbol}.csv`), 'utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [open, high, low, close, volume] = line.split(',').slice(1).map(Number) as number[];
      return [open!, high!, low!, close!, volume!];
    });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Long while the mean of 10 closes is above that of 30, by the close of each day. */
function wanted(closes: readonly number[]): boolean[] {
  return closes.map((_, day) => {
    return day >= 30 && mean(closes.slice(day - 9, day + 1)) > mean(closes.slice(day - 29, day + 1));
  });
}

const feeOf = (shares: number, price: number): number => Math.max(1, Math.min(0.005 * shares, 0.005 * shares * price));

/** Shares that SetHoldings(1) buys from nothing: fewer by what the order's fee asks for. */
function sharesOf(equity: number, price: number): number {
  let shares = Math.floor((equity * (1 - FREE)) / price);
  while (shares * price > equity - feeOf(shares, price) - equity * FREE) shares -= 1;
  return shares;
}

/** The account day by day: what Lean's engine does with such a strategy, and nothing else. */
function leanEquity(rows: readonly Exclude<DialectRow, number>[], long: readonly boolean[]) {
  let [cash, held, order] = [100_000, 0, 0];
  const fills: (readonly [shares: number, price: number, fee: number])[] = [];
  const equity = rows.map(([open, , , close], day) => {
    if (order !== 0) {
      const fee = feeOf(Math.abs(order), open);
      cash -= order * open + fee;
      held += order;
      fills.push([order, open, fee]);
    }
    const value = cash + held * close;
    const enters = long[day]! && held === 0;
    order = enters ? sharesOf(value, close) : !long[day]! && held > 0 ? -held : 0;
    return value;
  });
  return { equity, fills };
}

describeWith('reference', 'Lean’s daily strategies, to the cent', () => {
  it.each(['AAPL', 'IBM', 'KO', 'MSFT'])('an average cross of %s', (symbol) => {
    const rows = rowsOf(symbol);
    const long = wanted(rows.map(([, , , close]) => close));
    const expected = leanEquity(rows, long);
    const { result, fills } = dialectSession(dialectBars(rows), {
      signals: long.map((is) => (is ? 'L' : 'X')).join(''),
      sizing: { kind: 'all-in' },
      costs: { commission: COMMISSION, cashBuffer: FREE, sizedAt: 'decision' },
    });
    expect(expected.fills.length).toBeGreaterThan(10);
    expect(fills.map(({ quantity }) => quantity)).toEqual(expected.fills.map(([shares]) => shares));
    fills.forEach(({ price, fee }, at) => {
      expect(price).toBe(expected.fills[at]![1]);
      expect(fee).toBeCloseTo(expected.fills[at]![2], 9);
    });
    const cents = (value: number): number => Math.round(value * 100) / 100;
    expect([...result.equity].map(cents)).toEqual(expected.equity.map(cents));
  });
});

it('what the open costs more than the close that sized the order is owed, and nothing is by default', () => {
  const bars = dialectBars([10, [11, 11, 11, 11]]);
  const all = { signals: 'L', sizing: { kind: 'all-in' }, capital: 100 } as const;
  const sized = (costs: DialectOptions['costs']): number => dialectSession(bars, { ...all, costs }).fills[0]!.quantity;
  expect([sized({ sizedAt: 'decision' }), sized({}), sized({ cashBuffer: 0.2 })]).toEqual([10, 9, 7]);
  expect(dialectSession(bars, { ...all, costs: { sizedAt: 'decision' } }).result.equity.at(-1)).toBe(100);
});

// Lean's AlgorithmTradingTests: 100,000 at a price of 25. It takes its buffer off before it takes the part.
it.each([
  [0.5, 'L', 1_995],
  [0.5, 'S', -1_995],
] as const)('SetHoldings(%d), %s: the part of what the buffer leaves', (part, signals, shares) => {
  const { fills } = dialectSession(dialectBars([25, 25]), {
    signals,
    sizing: { kind: 'fraction-of-equity', fraction: part * (1 - FREE) },
  });
  expect(fills.map(({ quantity }) => quantity)).toEqual([shares]);
});

// And all of it: 99,750 / 25 = 3,990 shares, of which a fee of 1 and one of 10,000 leave 3,989 and 3,590.
it.each([
  [0, 3_990],
  [1, 3_989],
  [10_000, 3_590],
])('SetHoldings(1) with a fee of %d an order', (perOrder, shares) => {
  const { fills } = dialectSession(dialectBars([25, 25]), {
    signals: 'L',
    sizing: { kind: 'all-in' },
    costs: { commission: { perOrder }, cashBuffer: FREE, sizedAt: 'decision' },
  });
  expect(fills.map(({ quantity }) => quantity)).toEqual([shares]);
});
