import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';

/** The last n values in a ring; gives back the oldest as it takes the newest. */
export class Lag implements SeriesKernel {
  readonly ring: Float64Array;
  at = 0;

  constructor(n: number) {
    this.ring = new Float64Array(n).fill(NaN);
  }

  next(x: number): number {
    if (this.ring.length === 0) return x;
    const oldest = this.ring[this.at]!;
    this.ring[this.at] = x;
    this.at = this.at + 1 === this.ring.length ? 0 : this.at + 1;
    return oldest;
  }
}

export const lag: SeriesFeature = {
  name: 'lag',
  version: 1,
  source: 'The value n bars ago; with 0 the value itself.',
  inputs: 'series',
  closeImplied: false,
  parameters: [period('n', undefined, 0)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Lag(n!),
};
