import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';

/**
 * Exponential moving average, alpha = 2 / (n + 1), seeded with the mean of the first n values. Written as x * alpha +
 * ema * (1 - alpha): one multiplication and one addition on the path from one bar to the next.
 */
export class Ema implements SeriesKernel {
  readonly n: number;
  readonly alpha: number;
  readonly keep: number;
  count = 0;
  value = 0;

  constructor(n: number, seed: 'sma' | 'first' = 'sma') {
    this.n = seed === 'first' ? 1 : n;
    this.alpha = 2 / (n + 1);
    this.keep = 1 - this.alpha;
  }

  next(x: number): number {
    if (this.count === this.n) return (this.value = x * this.alpha + this.value * this.keep);
    this.value += x;
    this.count += 1;
    if (this.count < this.n) return NaN;
    this.value /= this.n;
    return this.value;
  }
}

/** The EMA of `x` into `out`, by the arithmetic of `Ema`. */
export function emaColumn(n: number, x: Float64Array, out: Float64Array): void {
  const length = x.length;
  out.fill(NaN, 0, Math.min(n - 1, length));
  if (length < n) return;
  const alpha = 2 / (n + 1);
  const keep = 1 - alpha;
  let value = 0;
  for (let i = 0; i < n; i++) value += x[i]!;
  value /= n;
  out[n - 1] = value;
  for (let i = n; i < length; i++) {
    value = x[i]! * alpha + value * keep;
    out[i] = value;
  }
}

export const ema: SeriesFeature = {
  name: 'ema',
  version: 1,
  source: 'Exponential moving average, alpha = 2 / (n + 1); first value is the mean of the first n.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n')],
  choices: [
    {
      name: 'seed',
      values: ['sma', 'first'],
      meaning: 'start from the mean of the first n values, or from the first value',
    },
  ],
  warmUp: ([n], { seed }) => (seed === 'first' ? 0 : n! - 1),
  create: ([n], { seed }) => new Ema(n!, seed === 'first' ? 'first' : 'sma'),
  batch: ([n], x, [out]) => emaColumn(n!, x, out!),
};
