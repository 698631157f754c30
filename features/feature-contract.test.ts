import { describe, expect, it } from 'vitest';
import {
  checkDeterminism,
  checkFinite,
  checkFreshStart,
  checkPrefix,
  checkRestore,
  checkStream,
  checkWarmUp,
  dailyBars,
} from './feature-contract.ts';
import type { FeatureSet } from './feature-set.ts';
import { parseFeatureSet } from './feature-set.ts';
import type { FeatureDefinition, SeriesFeature, SeriesKernel } from './kernel.ts';

/** A correct feature: the mean of this value and the one before. Each test breaks one thing in it. */
const honest: SeriesFeature = {
  name: 'honest',
  version: 1,
  source: 'Test.',
  inputs: 'series',
  closeImplied: true,
  parameters: [],
  warmUp: () => 1,
  create: () => new PairMean(),
  batch: (_, x, [out]) => {
    for (let i = 0; i < x.length; i++) out![i] = i === 0 ? NaN : (x[i]! + x[i - 1]!) / 2;
  },
};

class PairMean implements SeriesKernel {
  previous = NaN;

  next(x: number): number {
    const { previous } = this;
    this.previous = x;
    return (x + previous) / 2;
  }
}

const bars = dailyBars('AAA', 40, (i) => [i, i + 1, i - 1, 10 + ((i * 37) % 11), 5]);

function setOf(change: Partial<SeriesFeature>): FeatureSet {
  const definition: FeatureDefinition = { ...honest, ...change };
  return parseFeatureSet('honest()', {
    timeframe: '1d',
    symbols: ['AAA'],
    registry: new Map([['honest', definition]]),
  });
}

describe('the contract catches', () => {
  it('nothing in an honest feature', () => {
    const set = setOf({});
    expect(
      [checkStream, checkPrefix, checkDeterminism, checkFreshStart, checkRestore, checkFinite].flatMap((check) =>
        check(set, [bars]),
      ),
    ).toEqual([]);
    expect(checkWarmUp(set, [bars], true)).toEqual([]);
  });

  it('a feature that reads the next bar', () => {
    const batch: SeriesFeature['batch'] = (_, x, [out]) => {
      for (let i = 0; i < x.length; i++) out![i] = (x[i]! + x[Math.min(i + 1, x.length - 1)]!) / 2;
    };
    expect(checkPrefix(setOf({ batch }), [bars]).join()).toContain('looks beyond row');
  });

  it('a feature that is scaled by the whole history', () => {
    const batch: SeriesFeature['batch'] = (_, x, [out]) => {
      const highest = x.reduce((a, b) => Math.max(a, b), 0);
      for (let i = 0; i < x.length; i++) out![i] = x[i]! / highest;
    };
    expect(checkPrefix(setOf({ batch }), [bars])).not.toEqual([]);
  });

  it('a batch loop that rounds otherwise', () => {
    const batch: SeriesFeature['batch'] = (_, x, [out]) => {
      for (let i = 0; i < x.length; i++) out![i] = i === 0 ? NaN : x[i]! * 0.1 + x[i - 1]! * 0.9;
    };
    expect(checkStream(setOf({ batch }), [bars])).not.toEqual([]);
  });

  it('memory shared between kernels', () => {
    let shared = 0;
    const create = (): SeriesKernel => ({ next: (x) => (shared += x) });
    expect(checkDeterminism(setOf({ create, batch: undefined as never }), [bars])).not.toEqual([]);
  });

  it('memory shared between kernels behind an honest batch loop', () => {
    let shared = NaN;
    const create = (): SeriesKernel => ({
      next: (x) => {
        const mean = (x + shared) / 2;
        shared = x;
        return mean;
      },
    });
    const found = checkFreshStart(setOf({ create }), [bars]);
    expect(checkDeterminism(setOf({ create }), [bars])).toEqual([]);
    expect(found.map((line) => line.split(' differs')[0])).toEqual([
      'a stream beside others',
      'a stream begun later',
      'a stream anew',
    ]);
  });

  it('outputs shared between kernels', () => {
    const out = new Float64Array(2).fill(NaN);
    const create = (): SeriesKernel => {
      const kernel = {
        out,
        count: 0,
        next: (x: number) => {
          if (kernel.count++ > 5) out[1] = x;
          return (out[0] = x);
        },
      };
      return kernel;
    };
    const shared = setOf({ create, batch: undefined as never, outputs: ['now', 'later'], warmUp: () => 6 });
    expect(checkFreshStart(shared, [bars])).not.toEqual([]);
  });

  it('parameters that a kernel writes into', () => {
    const parameters = [{ name: 'n', fallback: 1, min: 0, max: 99, integer: true }];
    const create = (numbers: readonly number[]): SeriesKernel => {
      const own = numbers as number[];
      return {
        next: (x) => {
          own[0] = x;
          return x;
        },
      };
    };
    const found = checkFreshStart(setOf({ create, parameters, batch: undefined as never }), [bars]);
    expect(found).toEqual(['the set itself has changed']);
  });

  it('memory that cannot be saved', () => {
    const create = (): SeriesKernel => {
      let hidden = 0;
      return { next: (x) => (hidden += x) };
    };
    expect(checkRestore(setOf({ create, batch: undefined as never }), [bars])).not.toEqual([]);
  });

  it('a warm-up declared too short, and one too long', () => {
    expect(checkWarmUp(setOf({ warmUp: () => 0 }), [bars], true).join()).toContain('incomplete');
    expect(checkWarmUp(setOf({ warmUp: () => 2 }), [bars], true).join()).toContain('is complete');
  });

  it('a division by zero', () => {
    const create = (): SeriesKernel => ({ next: (x) => 1 / x });
    const flat = dailyBars('AAA', 10, () => [0, 0, 0, 0, 0]);
    expect(checkFinite(setOf({ create, batch: undefined as never, warmUp: () => 0 }), [flat])).not.toEqual([]);
  });
});
