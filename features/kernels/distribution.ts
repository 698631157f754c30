import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Window } from '../rolling/window.ts';

/** Third or fourth standardised moment of the last n values, by two passes over the window. */
class StandardisedMoment implements SeriesKernel {
  readonly fourth: boolean;
  readonly window: Window;

  constructor(n: number, fourth: boolean) {
    this.fourth = fourth;
    this.window = new Window(n);
  }

  next(x: number): number {
    if (!this.window.push(x)) return NaN;
    const { values, start, length } = this.window;
    const end = start + length;
    let mean = 0;
    for (let i = start; i < end; i++) mean += values[i]!;
    mean /= length;
    let widest = 0;
    for (let i = start; i < end; i++) widest = Math.max(widest, Math.abs(values[i]! - mean));
    if (!(widest > Math.abs(mean) * FLAT)) return 0;
    let second = 0;
    let higher = 0;
    for (let i = start; i < end; i++) {
      const d = (values[i]! - mean) / widest;
      const square = d * d;
      second += square;
      higher += this.fourth ? square * square : square * d;
    }
    second /= length;
    higher /= length;
    return this.fourth ? higher / (second * second) - 3 : higher / (second * Math.sqrt(second));
  }
}

/** A spread below this part of the level is the rounding of a flat window. */
const FLAT = 1e-12;

const shape = { version: 1, inputs: 'series', closeImplied: false } as const;

export const skewness: SeriesFeature = {
  ...shape,
  name: 'skewness',
  source: 'Population skewness of the last n values, third central moment / deviation^3; 0 in a flat window.',
  parameters: [period('n', undefined, 3)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new StandardisedMoment(n!, false),
};

export const kurtosis: SeriesFeature = {
  ...shape,
  name: 'kurtosis',
  source:
    'Population excess kurtosis of the last n values, fourth central moment / variance^2 - 3; 0 in a flat window.',
  parameters: [period('n', undefined, 4)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new StandardisedMoment(n!, true),
};

class Autocorrelation implements SeriesKernel {
  readonly lag: number;
  readonly window: Window;

  constructor(n: number, lag: number) {
    this.lag = lag;
    this.window = new Window(n);
  }

  next(x: number): number {
    if (!this.window.push(x)) return NaN;
    const { values, start, length } = this.window;
    let mean = 0;
    for (let i = 0; i < length; i++) mean += values[start + i]!;
    mean /= length;
    let variance = 0;
    let product = 0;
    for (let i = 0; i < length; i++) {
      const d = values[start + i]! - mean;
      variance += d * d;
      if (i >= this.lag) product += d * (values[start + i - this.lag]! - mean);
    }
    const floor = Math.abs(mean) * FLAT;
    return variance > length * floor * floor ? product / variance : 0;
  }
}

export const autocorrelation: SeriesFeature = {
  ...shape,
  name: 'autocorrelation',
  source:
    'Autocorrelation at a lag within the last n values: sum of products with the value lag bars before / sum of squares, both around the mean; 0 in a flat window.',
  parameters: [period('n', undefined, 3), period('lag', 1)],
  check: ([n, lag]) => (lag! < n! ? null : 'lag must be shorter than n'),
  warmUp: ([n]) => n! - 1,
  create: ([n, lag]) => new Autocorrelation(n!, lag!),
};

class PercentRank implements SeriesKernel {
  readonly window: Window;

  constructor(n: number) {
    this.window = new Window(n);
  }

  next(x: number): number {
    if (!this.window.push(x)) return NaN;
    const { values, start, length } = this.window;
    let below = 0;
    let equal = -1;
    for (let i = start; i < start + length; i++) {
      below += +(values[i]! < x);
      equal += +(values[i]! === x);
    }
    return (below + equal / 2) / (length - 1);
  }
}

export const percentRank: SeriesFeature = {
  ...shape,
  name: 'percentrank',
  source: 'Share of the other n - 1 of the last n values that are below this one, equal ones counted half: 0 to 1.',
  parameters: [period('n', undefined, 2)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new PercentRank(n!),
};
