import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingMoments } from '../rolling/rolling-moments.ts';

class ZScore implements SeriesKernel {
  readonly n: number;
  readonly inverse: number;
  readonly moments: RollingMoments;
  count = 0;

  constructor(n: number) {
    this.n = n;
    this.inverse = 1 / n;
    this.moments = new RollingMoments(n);
  }

  next(x: number): number {
    this.moments.push(x);
    if (this.count < this.n) this.count += 1;
    if (this.count < this.n) return NaN;
    const deviation = Math.sqrt(this.moments.squares * this.inverse);
    return deviation > 0 ? (x - this.moments.mean) / deviation : 0;
  }
}

export const zscore: SeriesFeature = {
  name: 'zscore',
  version: 1,
  source: '(x - mean) / population standard deviation over the last n values; 0 where they are all equal.',
  inputs: 'series',
  closeImplied: false,
  parameters: [period('n', undefined, 2)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new ZScore(n!),
};
