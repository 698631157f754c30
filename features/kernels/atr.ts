import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';

/**
 * Wilder average of the true range; the first is the mean of the first n true ranges, which start at the second bar.
 */
export class Atr implements BarKernel {
  readonly n: number;
  readonly share: number;
  readonly keep: number;
  count = -1;
  previousClose = NaN;
  value = 0;

  constructor(n: number) {
    this.n = n;
    this.share = 1 / n;
    this.keep = 1 - this.share;
  }

  next(bar: Bar): number {
    const previous = this.previousClose;
    this.previousClose = bar.close;
    const range = Math.max(bar.high, previous) - Math.min(bar.low, previous);
    if (this.count === this.n) return (this.value = range * this.share + this.value * this.keep);
    this.count += 1;
    if (this.count === 0) return NaN;
    this.value += range;
    if (this.count < this.n) return NaN;
    this.value /= this.n;
    return this.value;
  }
}

/** The ATR of `bars` into `out`, by the arithmetic of `Atr`. */
function atrColumn(n: number, bars: BarColumns, out: Float64Array): void {
  const { high, low, close, length } = bars;
  out.fill(NaN, 0, Math.min(n, length));
  if (length <= n) return;
  const rangeAt = (i: number): number => Math.max(high[i]!, close[i - 1]!) - Math.min(low[i]!, close[i - 1]!);
  let value = 0;
  for (let i = 1; i <= n; i++) value += rangeAt(i);
  value /= n;
  out[n] = value;
  const share = 1 / n;
  const keep = 1 - share;
  let previous = close[n]!;
  for (let i = n + 1; i < length; i++) {
    const range = Math.max(high[i]!, previous) - Math.min(low[i]!, previous);
    previous = close[i]!;
    value = range * share + value * keep;
    out[i] = value;
  }
}

export const atr: BarFeature = {
  name: 'atr',
  version: 1,
  source: 'Average true range, Wilder (1978), with his smoothing.',
  inputs: 'bar',
  parameters: [period('n', 14)],
  warmUp: ([n]) => n!,
  create: ([n]) => new Atr(n!),
  batch: ([n], bars, [out]) => atrColumn(n!, bars, out!),
};
