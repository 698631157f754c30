import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { Lag } from './lag.ts';

class Kama implements SeriesKernel {
  readonly n: number;
  readonly slow: number;
  readonly span: number;
  readonly path: RollingSum;
  readonly lag: Lag;
  count = 0;
  previous = 0;
  value = NaN;

  constructor(n: number, fast: number, slow: number) {
    this.n = n;
    this.slow = 2 / (slow + 1);
    this.span = 2 / (fast + 1) - this.slow;
    this.path = new RollingSum(n);
    this.lag = new Lag(n);
  }

  next(x: number): number {
    const path = this.count === 0 ? 0 : this.path.push(Math.abs(x - this.previous));
    const before = this.lag.next(x);
    this.previous = x;
    if (this.count < this.n) this.count += 1;
    if (this.count < this.n) return NaN;
    if (this.value !== this.value || path === 0) return (this.value = x);
    const smoothing = (Math.abs(x - before) / path) * this.span + this.slow;
    this.value += smoothing * smoothing * (x - this.value);
    return this.value;
  }
}

export const kama: SeriesFeature = {
  name: 'kama',
  version: 1,
  source:
    'Adaptive moving average, Perry Kaufman, Smarter Trading (1995): smoothing between EMA(fast) and EMA(slow) by the efficiency of the last er changes; starts at the value of bar er.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('er', 10), period('fast', 2), period('slow', 30)],
  check: ([, fast, slow]) => (fast! < slow! ? null : 'fast must be shorter than slow'),
  warmUp: ([er]) => er! - 1,
  create: ([er, fast, slow]) => new Kama(er!, fast!, slow!),
};
