import { describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../orders/order-request.ts';
import type { Costs } from '../simulated/cost-model.ts';
import { dialectBars, dialectSession, type DialectRow } from '../../testing/dialect-session.ts';

// Rules of Zipline (Apache-2.0), tests/finance/test_slippage.py and test_commissions.py: inputs and expected prices,
// sizes and commissions, as facts. It fills at the close of the bar after the order (`next-close`), a share of the
// bar's volume at most (`participation`).

const order = (units: number, more: Partial<PlaceOrder> = {}): PlaceOrder => {
  const side = units < 0 ? 'sell' : 'buy';
  return { do: 'place', label: 'one', side, type: 'market', size: { units: Math.abs(units) }, ...more };
};

function fillsOf(rows: readonly DialectRow[], orders: readonly PlaceOrder[], costs: Partial<Costs>) {
  return dialectSession(dialectBars(rows), { orders: { 0: orders }, costs }).fills;
}

describe('slippage of Zipline', () => {
  /** The fourth and second bars of its test: 2,000 traded, closes of 3.5. */
  const minutes = (open: number): DialectRow[] => [open, [open, 3.6, 2.85, 3.5, 2_000]];
  const share = { participation: 0.025, slippage: { kind: 'volume-share', bps: 1_000 }, fill: 'next-close' } as const;

  it.each([
    [100, 50, 3.50021875],
    [-100, -50, 3.49978125],
  ])('VolumeShareSlippage: of %d, %d are filled at %d', (asked, filled, price) => {
    const [first] = fillsOf(minutes(3.5), [order(asked)], share);
    expect(first!.quantity).toBe(filled);
    expect(first!.price).toBeCloseTo(price, 12);
  });

  // A second order of the bar pays for what the first has traded: 0.1 x (40 / 2000)^2.
  it('VolumeShareSlippage: orders of one bar add up', () => {
    const fills = fillsOf(minutes(3.5), [order(20), order(20, { label: 'two' })], share);
    expect(fills.map(({ quantity }) => quantity)).toEqual([20, 20]);
    expect(fills[0]!.price).toBeCloseTo(3.5 * (1 + 0.1 * 0.01 ** 2), 12);
    expect(fills[1]!.price).toBeCloseTo(3.5 * (1 + 0.1 * 0.02 ** 2), 12);
  });

  it.each([
    [10, 100.25],
    [-10, 99.75],
  ])('FixedSlippage: half of a spread of 0.5 on %d', (units, price) => {
    const [first] = fillsOf([100, 100], [order(units)], { spread: 0.5, fill: 'next-close' });
    expect(first!.price).toBeCloseTo(price, 12);
  });

  it.each([
    [100, 20, 100.05],
    [-100, -20, 99.95],
  ])('FixedBasisPointsSlippage: 5 bps, a tenth of the volume, of %d', (units, filled, price) => {
    const costs = { slippage: { kind: 'fixed', bps: 5 }, participation: 0.1, fill: 'next-close' } as const;
    const [first] = fillsOf([100, [100, 100, 100, 100, 200]], [order(units)], costs);
    expect(first!.quantity).toBe(filled);
    expect(first!.price).toBeCloseTo(price, 12);
  });
});

describe('commissions of Zipline on 230, 170 and 100 units at 100, 101 and 102', () => {
  const rows: DialectRow[] = [
    100,
    [100, 100, 100, 100, 2_300],
    [101, 101, 101, 101, 1_700],
    [102, 102, 102, 102, 1_000],
  ];

  it.each<[string, Costs['commission'], readonly number[]]>([
    ['PerShare, no minimum', { perShare: 0.0075 }, [1.725, 3, 3.75]],
    ['PerShare, met by the first', { perShare: 0.0075, perOrderMin: 1 }, [1.725, 3, 3.75]],
    ['PerShare, met by the second', { perShare: 0.0075, perOrderMin: 2.5 }, [2.5, 3, 3.75]],
    ['PerShare, met by the third', { perShare: 0.0075, perOrderMin: 3.5 }, [3.5, 3.5, 3.75]],
    ['PerShare, met by none', { perShare: 0.0075, perOrderMin: 5.5 }, [5.5, 5.5, 5.5]],
    ['PerContract with an exchange fee', { perShare: 0.01, perOrder: 0.3 }, [2.6, 4.3, 5.3]],
    ['PerContract, a minimum of 3', { perShare: 0.01, perOrder: 0.3, perOrderMin: 3 }, [3, 4.3, 5.3]],
    ['PerContract, a minimum of 5', { perShare: 0.01, perOrder: 0.3, perOrderMin: 5 }, [5, 5, 5.3]],
    ['PerContract, a minimum of 7', { perShare: 0.01, perOrder: 0.3, perOrderMin: 7 }, [7, 7, 7]],
    ['PerTrade', { perOrder: 10 }, [10, 10, 10]],
    ['PerDollar', { takerBps: 15 }, [34.5, 60.255, 75.555]],
  ])('%s', (_, commission, totals) => {
    const fills = fillsOf(rows, [order(500)], { commission, participation: 0.1 });
    expect(fills.map(({ quantity }) => quantity)).toEqual([230, 170, 100]);
    let paid = 0;
    fills.forEach(({ fee }, at) => expect((paid += fee)).toBeCloseTo(totals[at]!, 9));
  });
});
