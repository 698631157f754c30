import { logRatio } from '../arithmetic.ts';
import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Lag } from './lag.ts';

/** A function of the value now and the value n bars ago. */
class Change implements SeriesKernel {
  readonly lag: Lag;
  readonly logarithmic: boolean;

  constructor(n: number, logarithmic: boolean) {
    this.lag = new Lag(n);
    this.logarithmic = logarithmic;
  }

  next(x: number): number {
    const before = this.lag.next(x);
    if (before !== before) return NaN;
    return this.logarithmic ? logRatio(x, before) : x - before;
  }
}

const shape = { version: 1, inputs: 'series', parameters: [period('n', 1)] } as const;

export const momentum: SeriesFeature = {
  ...shape,
  name: 'momentum',
  source: 'Change over n bars: x - x[n].',
  closeImplied: true,
  parameters: [period('n', 10)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Change(n!, false),
};

export const diff: SeriesFeature = {
  ...shape,
  name: 'diff',
  source: 'Change of a series over n bars: x - x[n].',
  closeImplied: false,
  warmUp: ([n]) => n!,
  create: ([n]) => new Change(n!, false),
};

export const logReturn: SeriesFeature = {
  ...shape,
  name: 'logreturn',
  source: 'Logarithmic return over n bars: ln(x / x[n]); 0 unless both are positive.',
  closeImplied: true,
  warmUp: ([n]) => n!,
  create: ([n]) => new Change(n!, true),
};
