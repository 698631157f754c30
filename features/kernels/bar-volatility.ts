import type { Bar } from '../bar.ts';
import { rangeVariance, squaredReturn } from '../fitted/bar-return.ts';
import type { BarFeature, BarKernel, Choice, Choices } from '../kernel.ts';

/** How the variance of one bar is measured. */
export const VARIANCE_OF: Choice = {
  name: 'of',
  values: ['range', 'returns'],
  meaning: 'variance of a bar by gap and range (Garman and Klass), or by its squared return',
};

/** Realised variance of each bar, the move since the close before included; NaN for the first. */
export class BarVariance implements BarKernel {
  readonly byRange: boolean;
  previousClose = NaN;
  seen = false;

  constructor({ of }: Choices) {
    this.byRange = of !== 'returns';
  }

  next(bar: Bar): number {
    const { previousClose, seen } = this;
    this.previousClose = bar.close;
    this.seen = true;
    if (!seen) return NaN;
    return this.byRange ? rangeVariance(bar, previousClose) : squaredReturn(bar, previousClose);
  }
}

class BarVolatility implements BarKernel {
  readonly variance: BarVariance;

  constructor(choices: Choices) {
    this.variance = new BarVariance(choices);
  }

  next(bar: Bar): number {
    return Math.sqrt(this.variance.next(bar));
  }
}

export const barVolatility: BarFeature = {
  name: 'barvol',
  version: 1,
  source: 'Realised volatility of one bar, the gap before it included: what forecasts of it are scored against.',
  inputs: 'bar',
  parameters: [],
  choices: [VARIANCE_OF],
  warmUp: () => 1,
  create: (_, choices) => new BarVolatility(choices),
};
