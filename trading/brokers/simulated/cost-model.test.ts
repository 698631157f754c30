import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../../features/bar.ts';
import { createMarket } from '../../market.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import { CostModel, costsOf, type Costs } from './cost-model.ts';

function model(costs: Partial<Costs>, closes: readonly number[], volumes: readonly number[] = []): CostModel {
  const bars = createBarColumns('A', closes.length);
  closes.forEach((close, row) => {
    bars.close[row] = close;
    bars.volume[row] = volumes[row] ?? 1_000;
  });
  return new CostModel(costsOf(costs), createMarket([bars], [testInstrument('A')]));
}

const FLAT = [100, 100, 100, 100];

describe('costsOf', () => {
  it('costs nothing but what is named, and fills at the next open', () => {
    expect(costsOf({})).toEqual({
      feeBps: 0,
      halfSpreadBps: 0,
      slippage: { kind: 'fixed', bps: 0 },
      fill: 'next-open',
    });
    expect(costsOf({ feeBps: 5, fill: 'next-close' })).toMatchObject({
      feeBps: 5,
      halfSpreadBps: 0,
      fill: 'next-close',
    });
  });
});

describe('CostModel', () => {
  it('takes fee from the value and half the spread with fixed slippage from the price, whatever the size', () => {
    const fixed = model({ feeBps: 5, halfSpreadBps: 2, slippage: { kind: 'fixed', bps: 3 } }, FLAT);
    expect(fixed.feeRate).toBeCloseTo(0.0005, 15);
    expect(fixed.concession(0, 2, 1)).toBeCloseTo(0.0005, 15);
    expect(fixed.concession(0, 0, 1e9)).toBeCloseTo(0.0005, 15);
    expect(model({ halfSpreadBps: 2, slippage: { kind: 'volatility', bps: 0 } }, FLAT).concession(0, 3, 1)).toBe(
      0.0002,
    );
  });

  it('scales with the volatility of the bars before: as named at 1 %, none where nothing moved', () => {
    const slippage = { kind: 'volatility' as const, bps: 10 };
    const moving = model({ slippage }, [100, 101, 101 * 0.99, 101 * 0.99 * 1.01]);
    expect(moving.concession(0, 3, 1)).toBeCloseTo(0.001, 12);
    expect(model({ slippage }, FLAT).concession(0, 3, 1)).toBe(0);
    // Nothing closed before, or only one bar: bps stand as they are.
    expect(moving.concession(0, 0, 1)).toBeCloseTo(0.001, 15);
    expect(moving.concession(0, 1, 1)).toBeCloseTo(0.001, 15);
  });

  it('looks back 20 bars and no further', () => {
    const slippage = { kind: 'volatility' as const, bps: 10 };
    const calm = Array.from({ length: 30 }, (_, bar) => 100 * (bar % 2 === 0 ? 1 : 1.01));
    const shaken = [500, 20, ...calm.slice(2)];
    expect(model({ slippage }, shaken).concession(0, 25, 1)).toBe(model({ slippage }, calm).concession(0, 25, 1));
  });

  it('scales with the root of the share of the volume before: as named at 1 %', () => {
    const slippage = { kind: 'square-root' as const, bps: 10 };
    const sized = model({ slippage }, FLAT, [1_000, 0, 4_000, 9_000]);
    expect(sized.concession(0, 1, 10)).toBeCloseTo(0.001, 12);
    expect(sized.concession(0, 1, 40)).toBeCloseTo(0.002, 12);
    expect(sized.concession(0, 3, 10)).toBeCloseTo(0.0005, 12);
    // No bar before, or none of its volume: bps stand as they are.
    expect(sized.concession(0, 0, 1e6)).toBeCloseTo(0.001, 15);
    expect(sized.concession(0, 2, 1e6)).toBeCloseTo(0.001, 15);
  });

  it('reads nothing of the bar that is filled or of later ones, and never pays the trader', () => {
    const kind = fc.constantFrom('fixed' as const, 'volatility' as const, 'square-root' as const);
    const price = fc.double({ min: 0.01, max: 1e5, noNaN: true });
    const closes = fc.array(price, { minLength: 3, maxLength: 30 });
    fc.assert(
      fc.property(kind, closes, fc.nat(), price, (named, history, at, units) => {
        const index = at % history.length;
        const costs = { halfSpreadBps: 1, slippage: { kind: named, bps: 10 } };
        const changed = history.map((close, row) => (row < index ? close : close * 7));
        const volumes = history.map((_, row) => (row < index ? 1_000 : 5));
        const concession = model(costs, history).concession(0, index, units);
        expect(model(costs, changed, volumes).concession(0, index, units)).toBe(concession);
        expect(concession).toBeGreaterThanOrEqual(0.0001);
      }),
    );
  });
});
