import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingMoments } from '../rolling/rolling-moments.ts';

class Stdev implements SeriesKernel {
  readonly n: number;
  readonly divisor: number;
  readonly moments: RollingMoments;
  count = 0;

  constructor(n: number, lost: number) {
    this.n = n;
    this.divisor = Math.max(1, n - lost);
    this.moments = new RollingMoments(n);
  }

  next(x: number): number {
    this.moments.push(x);
    if (this.count < this.n) this.count += 1;
    return this.count < this.n ? NaN : Math.sqrt(this.moments.squares / this.divisor);
  }
}

export const stdev: SeriesFeature = {
  name: 'stdev',
  version: 1,
  source: 'Standard deviation of the last n values.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 20)],
  choices: [{ name: 'ddof', values: ['0', '1'], meaning: 'divide by n (population) or by n - 1 (sample)' }],
  warmUp: ([n]) => n! - 1,
  create: ([n], { ddof }) => new Stdev(n!, Number(ddof)),
};
