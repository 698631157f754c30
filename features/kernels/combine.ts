import { log } from '../arithmetic.ts';
import type { PairFeature, SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingHigh, RollingLow } from '../rolling/rolling-extreme.ts';

/** Features that join others: what an expression needs where other languages have operators. */
const pair = { version: 1, inputs: 'pair', parameters: [], warmUp: () => 0 } as const;
const series = { version: 1, inputs: 'series', closeImplied: false, parameters: [], warmUp: () => 0 } as const;

export const ratio: PairFeature = {
  ...pair,
  name: 'ratio',
  source: 'x / y; 0 where y is 0.',
  create: () => ({ next: (x, y) => (y === 0 ? 0 : x / y) }),
};

export const difference: PairFeature = {
  ...pair,
  name: 'difference',
  source: 'x - y.',
  create: () => ({ next: (x, y) => x - y }),
};

export const distance: PairFeature = {
  ...pair,
  name: 'distance',
  inputs: 'close',
  source: 'Distance of the close from a level as a fraction: close / x - 1; 0 where x is 0.',
  create: () => ({ next: (x, close) => (x === 0 ? 0 : (close - x) / x) }),
};

export const naturalLog: SeriesFeature = {
  ...series,
  name: 'ln',
  source: 'Natural logarithm; 0 unless the value is positive.',
  create: () => ({ next: (x) => (x > 0 ? log(x) : 0) }),
};

export const absolute: SeriesFeature = {
  ...series,
  name: 'abs',
  source: 'Absolute value.',
  create: () => ({ next: (x) => Math.abs(x) }),
};

/** Highest or lowest of the last n values. */
class Extreme implements SeriesKernel {
  readonly n: number;
  readonly extreme: RollingHigh | RollingLow;
  count = 0;

  constructor(n: number, extreme: RollingHigh | RollingLow) {
    this.n = n;
    this.extreme = extreme;
  }

  next(x: number): number {
    const value = this.extreme.push(x);
    if (this.count < this.n) this.count += 1;
    return this.count < this.n ? NaN : value;
  }
}

export const highest: SeriesFeature = {
  ...series,
  name: 'highest',
  source: 'Highest of the last n values.',
  parameters: [period('n')],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Extreme(n!, new RollingHigh(n!)),
};

export const lowest: SeriesFeature = {
  ...series,
  name: 'lowest',
  source: 'Lowest of the last n values.',
  parameters: [period('n')],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Extreme(n!, new RollingLow(n!)),
};
