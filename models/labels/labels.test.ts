import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { createRandom } from '../../infra/random.ts';
import { experimentSchema } from '../experiment/experiment.ts';
import { forwardReturnLabels, forwardReturns } from './forward-return.ts';
import { labelBars } from './label-bars.ts';
import { metaLabels } from './meta-label.ts';
import { slopeTValue, trendScanLabels } from './trend-scan.ts';
import { trailingVolatility, tripleBarrierLabels } from './triple-barrier.ts';

function barsOf(close: number[], spread = 0): BarColumns {
  const bars = createBarColumns('A', close.length);
  close.forEach((price, i) => {
    bars.open[i] = price;
    bars.close[i] = price;
    bars.high[i] = price * (1 + spread);
    bars.low[i] = price * (1 - spread);
    bars.openTimeMs[i] = i;
    bars.closeTimeMs[i] = i + 1;
  });
  return bars;
}

function randomBars(seed: number, length: number): BarColumns {
  const random = createRandom(seed);
  let price = 100;
  const close = Array.from({ length }, () => (price *= 1 + 0.01 * random.normal()));
  return barsOf(close, 0.004);
}

describe('forward return', () => {
  it('is the sign of the simple return, zero counting as not up, with none where the future is missing', () => {
    const labels = forwardReturnLabels(Float64Array.from([10, 11, 11, 9]), 1);
    expect([...labels.y]).toEqual([1, 0, 0, NaN]);
    expect([...labels.endBar]).toEqual([1, 2, 3, -1]);
  });

  it('measures simple returns over the horizon', () => {
    const returns = forwardReturns(Float64Array.from([10, 11, 12, 9]), 2);
    expect(returns[0]).toBeCloseTo(0.2, 12);
    expect(returns[1]).toBeCloseTo(9 / 11 - 1, 12);
    expect([...returns].slice(2)).toEqual([NaN, NaN]);
  });
});

describe('triple barrier', () => {
  const options = { horizonBars: 3, upper: 2, lower: 2, volatilityBars: 4 };
  /** Alternating moves of 1 %: the volatility of the last four returns is close to 1.155 %. */
  const quiet = [100, 101, 100, 101, 100];

  it('measures volatility up to the decision bar only', () => {
    const close = Float64Array.from(quiet);
    const returns = [0.01, 100 / 101 - 1, 0.01, 100 / 101 - 1];
    const mean = returns.reduce((a, b) => a + b) / 4;
    const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 3);
    expect([...trailingVolatility(close, 4).slice(0, 4)]).toEqual([NaN, NaN, NaN, NaN]);
    expect(trailingVolatility(close, 4)[4]).toBeCloseTo(deviation, 12);
  });

  it.each([
    ['upper barrier first', [103, 90, 90], 1, 5],
    ['lower barrier first', [97, 120, 120], 0, 5],
    ['upper barrier later', [100.5, 103, 90], 1, 6],
    ['vertical barrier, up', [100.5, 101, 101.5], 1, 7],
    ['vertical barrier, unchanged', [100.5, 99.5, 100], 0, 7],
  ])('%s', (_, future, y, end) => {
    const labels = tripleBarrierLabels(barsOf([...quiet, ...future]), options);
    expect([labels.y[4], labels.endBar[4]]).toEqual([y, end]);
  });

  it('assumes the worse when one bar touches both barriers', () => {
    const bars = barsOf([...quiet, 100, 100, 100]);
    bars.high[5] = 110;
    bars.low[5] = 90;
    expect(tripleBarrierLabels(bars, options).y[4]).toBe(0);
  });

  it('has no label while volatility is unknown or zero, nor one that waits for its future', () => {
    const labels = tripleBarrierLabels(barsOf([...quiet, 100.5, 100.6]), options);
    expect([...labels.impossible.slice(0, 5)]).toEqual([1, 1, 1, 1, 0]);
    expect([labels.endBar[4], labels.impossible[4]]).toEqual([-1, 0]);
    expect(tripleBarrierLabels(barsOf([5, 5, 5, 5, 5, 6, 7, 8]), options).impossible[4]).toBe(1);
    // One per cent a bar has no volatility but that of rounding, 1e-16: barriers there would be at the price itself.
    const steady = barsOf(Array.from({ length: 9 }, (_, bar) => 7.3 * 1.01 ** bar));
    expect([...tripleBarrierLabels(steady, options).impossible]).toEqual(new Array(9).fill(1));
  });
});

describe('trend scan', () => {
  it('agrees with an independent t-value: correlation x sqrt(n - 2) / sqrt(1 - correlation^2)', () => {
    const close = Float64Array.from([3, 5, 4, 7, 6, 9]);
    const n = close.length;
    const mean = close.reduce((a, b) => a + b) / n;
    let xy = 0;
    let xx = 0;
    let yy = 0;
    close.forEach((value, i) => {
      xy += (i - 2.5) * (value - mean);
      xx += (i - 2.5) ** 2;
      yy += (value - mean) ** 2;
    });
    const r = xy / Math.sqrt(xx * yy);
    expect(slopeTValue(close, 0, n)).toBeCloseTo((r * Math.sqrt(n - 2)) / Math.sqrt(1 - r * r), 10);
  });

  it('follows the strongest slope and is known when the longest window is', () => {
    const labels = trendScanLabels(Float64Array.from([10, 11, 12, 13, 12.9, 9, 8, 7, 6, 5]), 4);
    expect([labels.y[0], labels.endBar[0]]).toEqual([1, 4]);
    expect([labels.y[5], labels.endBar[5]]).toEqual([0, 9]);
    expect(labels.endBar[6]).toBe(-1);
  });

  it('is the sign of the return for a horizon of one bar', () => {
    expect([...trendScanLabels(Float64Array.from([2, 3, 1]), 1).y]).toEqual([1, 0, NaN]);
  });
});

describe('meta-labels', () => {
  it('say whether the side was right, and nothing where there is no side', () => {
    const primary = forwardReturnLabels(Float64Array.from([1, 2, 1, 2, 3]), 1);
    const labels = metaLabels(primary, Int8Array.from([1, 1, -1, 0, -1]));
    expect([...labels.y]).toEqual([1, 0, 0, NaN, NaN]);
    expect([...labels.endBar]).toEqual([1, 2, 3, -1, -1]);
    expect(labels.impossible[3]).toBe(1);
  });
});

describe('the future stays hidden', () => {
  it('labels known by a bar do not change when every later bar does', () => {
    const kinds = ['forward-return', 'triple-barrier', 'trend-scan'] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 25, max: 70 }),
        (kind, horizonBars, cut) => {
          const options = experimentSchema.parse({ name: 'a', universe: ['A'], labels: { kind, horizonBars } }).labels;
          const bars = randomBars(horizonBars, 80);
          const altered = randomBars(horizonBars, 80);
          for (const column of ['open', 'high', 'low', 'close'] as const) {
            for (let i = cut + 1; i < 80; i++) altered[column][i]! *= column === 'low' ? 0.2 : 3;
          }
          const before = labelBars(bars, options);
          const after = labelBars(altered, options);
          for (let i = 0; i < 80; i++) {
            const known = before.endBar[i]! >= 0 && before.endBar[i]! <= cut;
            expect(known).toBe(after.endBar[i]! >= 0 && after.endBar[i]! <= cut);
            if (known) expect([after.y[i], after.endBar[i]]).toEqual([before.y[i], before.endBar[i]]);
          }
        },
      ),
    );
  });
});
