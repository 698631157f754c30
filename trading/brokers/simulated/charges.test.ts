import { describe, expect, it } from 'vitest';
import { place, run, type Row } from '../../testing/scripted-orders.ts';

const FLAT: Row = [100, 100, 100, 100];

describe('charges, volume and time', () => {
  it('an order pays its minimum once, however many parts it comes in', () => {
    const rows: Row[] = [FLAT, [100, 100, 100, 100, 40], [100, 100, 100, 100, 40], [100, 100, 100, 100, 400]];
    const costs = { participation: 0.1, commission: { perShare: 0.1, perOrderMin: 0.6 } };
    const { fills } = run(rows, { 0: [place({ type: 'market', side: 'buy' })] }, { costs });
    // Parts of 4, 4 and 2: 0.4 owed and 0.6 due, then 0.8, then 1.
    expect(fills.map(({ quantity, fee }) => [quantity, Math.round(fee * 1e9) / 1e9])).toEqual([
      [4, 0.6],
      [4, 0.2],
      [2, 0.2],
    ]);
  });

  it('makers and takers pay their own rates, and a purchase may be charged in what is bought', () => {
    const rows: Row[] = [FLAT, [100, 100, 98, 100], FLAT];
    const rates = { makerBps: 10, takerBps: 20 };
    const maker = run(
      rows,
      { 0: [place({ type: 'limit', side: 'buy', limit: 99 })] },
      { costs: { commission: rates } },
    );
    expect(maker.fills[0]!.fee).toBeCloseTo(0.99, 12);
    const taker = run(
      rows,
      { 0: [place({ type: 'limit', side: 'buy', limit: 101 })] },
      { costs: { commission: rates } },
    );
    expect(taker.fills[0]!.fee).toBeCloseTo(2, 12);
    const base = { takerBps: 1_000, asset: 'base' } as const;
    const inBase = run(rows, { 0: [place({ type: 'market', side: 'buy' })] }, { costs: { commission: base } });
    expect(inBase.fills[0]).toMatchObject({ quantity: 9, fee: 100 });
    expect(inBase.result.equity.at(-1)).toBe(9_900);
  });

  it('a purchase of which the charge would leave nothing ends, and tells why', () => {
    const costs = { commission: { perOrder: 100, asset: 'base' as const } };
    const one = place({ type: 'market', side: 'buy', size: { units: 1 } });
    const { fills, codes } = run([FLAT, FLAT], { 0: [one] }, { costs });
    expect([fills, codes]).toEqual([[], ['below-lot']]);
  });

  it('an order takes part from the first bar that opens after it has arrived', () => {
    const rows: Row[] = [FLAT, [101, 101, 101, 101], [102, 102, 102, 102]];
    const late = run(rows, { 0: [place({ type: 'market', side: 'buy' })] }, { costs: { latencyMs: 1 } });
    expect(late.fills).toEqual([{ quantity: 10, price: 102, hour: 2, fee: 0 }]);
    const limit = place({ type: 'limit', side: 'buy', limit: 105 });
    const resting = run(rows, { 0: [limit] }, { costs: { latencyMs: 1 } });
    expect(resting.fills).toEqual([{ quantity: 10, price: 102, hour: 3, fee: 0 }]);
  });

  it('a stop that is larger than the bar trades sells the rest at the next opens', () => {
    const rows: Row[] = [
      FLAT,
      [100, 100, 100, 100, 500],
      [100, 100, 94, 95, 60],
      [93, 93, 93, 93, 20],
      [92, 92, 92, 92],
    ];
    const { fills } = run(
      rows,
      {
        0: [place({ type: 'market', side: 'buy' })],
        1: [place({ type: 'stop', side: 'sell', stop: 95, size: 'position', reduceOnly: true, label: 'stop' })],
      },
      { costs: { participation: 0.1 } },
    );
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 100],
      [-6, 95],
      [-2, 93],
      [-2, 92],
    ]);
  });
});
