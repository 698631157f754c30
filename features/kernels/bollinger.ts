import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { multiple, period } from '../kernel.ts';
import { RollingMoments } from '../rolling/rolling-moments.ts';

class Bollinger implements SeriesKernel {
  readonly out = new Float64Array(5).fill(NaN);
  private readonly n: number;
  private readonly k: number;
  private readonly inverse: number;
  private readonly moments: RollingMoments;
  private count = 0;

  constructor(n: number, k: number, lost: number) {
    this.n = n;
    this.k = k;
    this.inverse = 1 / Math.max(1, n - lost);
    this.moments = new RollingMoments(n);
  }

  next(x: number): number {
    this.moments.push(x);
    if (this.count < this.n) this.count += 1;
    if (this.count < this.n) return NaN;
    const middle = this.moments.mean;
    const half = this.k * Math.sqrt(this.moments.squares * this.inverse);
    const lower = middle - half;
    const band = half + half;
    const out = this.out;
    out[0] = lower;
    out[1] = middle;
    out[2] = middle + half;
    out[3] = band > 0 ? (x - lower) / band : 0.5;
    out[4] = middle !== 0 ? band / middle : 0;
    return lower;
  }
}

export const bollinger: SeriesFeature = {
  name: 'bollinger',
  version: 1,
  source:
    'Bollinger bands, John Bollinger: SMA(n) -+ k population standard deviations; percentB = (x - lower) / (upper - lower), 0.5 in a flat window; width = (upper - lower) / middle.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 20), multiple('k', 2)],
  choices: [{ name: 'ddof', values: ['0', '1'], meaning: 'population or sample standard deviation' }],
  outputs: ['lower', 'middle', 'upper', 'percentB', 'width'],
  warmUp: ([n]) => n! - 1,
  create: ([n, k], { ddof }) => new Bollinger(n!, k!, Number(ddof)),
};
