import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { Lag } from './lag.ts';

class RateOfChange implements SeriesKernel {
  readonly lag: Lag;
  readonly scale: number;

  constructor(n: number, scale: number) {
    this.lag = new Lag(n);
    this.scale = scale;
  }

  next(x: number): number {
    const before = this.lag.next(x);
    return before === 0 ? 0 : (this.scale * (x - before)) / before;
  }
}

export const roc: SeriesFeature = {
  name: 'roc',
  version: 1,
  source: 'Rate of change in percent over n bars: 100 (x - x[n]) / x[n]; 0 where x[n] is 0.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n')],
  warmUp: ([n]) => n!,
  create: ([n]) => new RateOfChange(n!, 100),
};

export const simpleReturn: SeriesFeature = {
  name: 'return',
  version: 1,
  source: 'Simple return over n bars as a fraction: (x - x[n]) / x[n]; 0 where x[n] is 0.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 1)],
  warmUp: ([n]) => n!,
  create: ([n]) => new RateOfChange(n!, 1),
};
