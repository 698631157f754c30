import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';

/** An EMA, the EMA of it and the EMA of that, all three starting together from the mean of the first n values. */
class NestedEma {
  first = 0;
  second = 0;
  third = 0;
  readonly n: number;
  readonly alpha: number;
  readonly keep: number;
  count = 0;

  constructor(n: number) {
    this.n = n;
    this.alpha = 2 / (n + 1);
    this.keep = 1 - this.alpha;
  }

  /** True once there are values. */
  push(x: number): boolean {
    const { alpha, keep, n } = this;
    if (this.count === n) {
      this.first = x * alpha + this.first * keep;
      this.second = this.first * alpha + this.second * keep;
      this.third = this.second * alpha + this.third * keep;
      return true;
    }
    this.first += x;
    this.count += 1;
    if (this.count < n) return false;
    this.first /= n;
    this.second = this.first;
    this.third = this.first;
    return true;
  }
}

class Dema implements SeriesKernel {
  readonly nested: NestedEma;

  constructor(n: number) {
    this.nested = new NestedEma(n);
  }

  next(x: number): number {
    const { nested } = this;
    return nested.push(x) ? 2 * nested.first - nested.second : NaN;
  }
}

class Tema implements SeriesKernel {
  readonly nested: NestedEma;

  constructor(n: number) {
    this.nested = new NestedEma(n);
  }

  next(x: number): number {
    const { nested } = this;
    return nested.push(x) ? 3 * nested.first - 3 * nested.second + nested.third : NaN;
  }
}

class Trix implements SeriesKernel {
  readonly nested: NestedEma;
  previous = NaN;

  constructor(n: number) {
    this.nested = new NestedEma(n);
  }

  next(x: number): number {
    if (!this.nested.push(x)) return NaN;
    const { previous } = this;
    this.previous = this.nested.third;
    return previous === 0 ? 0 : (100 * (this.nested.third - previous)) / previous;
  }
}

const shape = { version: 1, inputs: 'series', closeImplied: true, parameters: [period('n')] } as const;

export const dema: SeriesFeature = {
  ...shape,
  name: 'dema',
  source: 'Double EMA, Patrick Mulloy (1994): 2 EMA - EMA(EMA); the nested averages start together.',
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Dema(n!),
};

export const tema: SeriesFeature = {
  ...shape,
  name: 'tema',
  source: 'Triple EMA, Patrick Mulloy (1994): 3 EMA - 3 EMA(EMA) + EMA(EMA(EMA)); the nested averages start together.',
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Tema(n!),
};

export const trix: SeriesFeature = {
  ...shape,
  name: 'trix',
  source: 'TRIX, Jack Hutson (1983): change in percent of a triply smoothed EMA from one bar to the next.',
  warmUp: ([n]) => n!,
  create: ([n]) => new Trix(n!),
};
