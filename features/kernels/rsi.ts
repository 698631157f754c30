import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';

/**
 * 100 * gain / (gain + loss), where both are Wilder averages of the changes; equal to 100 - 100 / (1 + gain / loss)
 * with one division and no case for a loss of zero. 50 where nothing has moved at all.
 */
export class Rsi implements SeriesKernel {
  readonly n: number;
  readonly share: number;
  readonly keep: number;
  count = 0;
  previous = 0;
  gain = 0;
  loss = 0;

  constructor(n: number) {
    this.n = n;
    this.share = 1 / n;
    this.keep = 1 - this.share;
  }

  next(x: number): number {
    const change = x - this.previous;
    this.previous = x;
    // The rise without a branch, which every other bar would mispredict: exact, as a sum of equals and a half are.
    const up = (change + Math.abs(change)) * 0.5;
    if (this.count > this.n) {
      this.gain = up * this.share + this.gain * this.keep;
      this.loss = (up - change) * this.share + this.loss * this.keep;
    } else if (!this.#seed(up, up - change)) return NaN;
    const total = this.gain + this.loss;
    return total > 0 ? (100 * this.gain) / total : 50;
  }

  /** The plain means of the first n changes; true once they are complete. */
  #seed(up: number, down: number): boolean {
    this.count += 1;
    if (this.count === 1) return false;
    this.gain += up;
    this.loss += down;
    if (this.count <= this.n) return false;
    this.gain /= this.n;
    this.loss /= this.n;
    return true;
  }
}

/** 3.9 ns a bar where `change > 0 ? change : 0` took 7.9. */
function rsiColumn(n: number, x: Float64Array, out: Float64Array): void {
  const length = x.length;
  out.fill(NaN, 0, Math.min(n, length));
  if (length <= n) return;
  let gain = 0;
  let loss = 0;
  for (let i = 1; i <= n; i++) {
    const change = x[i]! - x[i - 1]!;
    const up = change > 0 ? change : 0;
    gain += up;
    loss += up - change;
  }
  gain /= n;
  loss /= n;
  let total = gain + loss;
  out[n] = total > 0 ? (100 * gain) / total : 50;
  const share = 1 / n;
  const keep = 1 - share;
  let previous = x[n]!;
  for (let i = n + 1; i < length; i++) {
    const value = x[i]!;
    const change = value - previous;
    previous = value;
    const up = (change + Math.abs(change)) * 0.5;
    gain = up * share + gain * keep;
    loss = (up - change) * share + loss * keep;
    total = gain + loss;
    out[i] = total > 0 ? (100 * gain) / total : 50;
  }
}

export const rsi: SeriesFeature = {
  name: 'rsi',
  version: 1,
  source: 'Relative strength index, J. Welles Wilder, New Concepts in Technical Trading Systems (1978).',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 14)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Rsi(n!),
  batch: ([n], x, [out]) => rsiColumn(n!, x, out!),
};
