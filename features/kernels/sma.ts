import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { rollingSums } from '../wasm/block-sums.ts';

/** Arithmetic mean of the last n values. */
export class Sma implements SeriesKernel {
  readonly n: number;
  readonly inverse: number;
  readonly sum: RollingSum;
  count = 0;

  constructor(n: number) {
    this.n = n;
    this.inverse = 1 / n;
    this.sum = new RollingSum(n);
  }

  next(x: number): number {
    const sum = this.sum.push(x);
    if (this.count < this.n) this.count += 1;
    return this.count < this.n ? NaN : sum * this.inverse;
  }
}

export const sma: SeriesFeature = {
  name: 'sma',
  version: 1,
  source: 'Simple moving average: sum of the last n values / n.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n')],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Sma(n!),
  batch: ([n], x, [out]) => {
    rollingSums(x, n!, 1 / n!, out!);
    out!.fill(NaN, 0, n! - 1);
  },
};
