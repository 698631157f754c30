import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { Window } from '../rolling/window.ts';

/** A mean deviation below this part of the price is the rounding of a flat window, not a movement. */
const FLAT = 1e-12;

/** Sum of distances from `mean` of `values[from .. to - 1]`, in four lanes so that no addition waits for the one before it. */
function distanceLanes(values: Float64Array, from: number, to: number, mean: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    a += Math.abs(values[i]! - mean);
    b += Math.abs(values[i + 1]! - mean);
    c += Math.abs(values[i + 2]! - mean);
    d += Math.abs(values[i + 3]! - mean);
  }
  for (; i < to; i++) a += Math.abs(values[i]! - mean);
  return a + b + (c + d);
}

const index = (x: number, mean: number, deviation: number): number =>
  deviation > Math.abs(mean) * FLAT ? (x - mean) / (0.015 * deviation) : 0;

class Cci implements BarKernel {
  private readonly inverse: number;
  private readonly sum: RollingSum;
  private readonly window: Window;

  constructor(n: number) {
    this.inverse = 1 / n;
    this.sum = new RollingSum(n);
    this.window = new Window(n);
  }

  next(bar: Bar): number {
    const typical = (bar.high + bar.low + bar.close) / 3;
    const mean = this.sum.push(typical) * this.inverse;
    if (!this.window.push(typical)) return NaN;
    const { values, start, length } = this.window;
    return index(typical, mean, distanceLanes(values, start, start + length, mean) * this.inverse);
  }
}

/** Rows at a time: their typical prices and sums stay in the first-level cache; a column of each took 5 ns a bar more. */
const CHUNK = 1024;

/** Chunks are whole blocks of n, as `RollingSum` cuts them; each carries the n - 1 prices before it. */
function cciColumn(n: number, { high, low, close, length }: BarColumns, out: Float64Array): void {
  const chunk = n * Math.max(1, Math.floor(CHUNK / n));
  const typical = new Float64Array(n + chunk);
  const suffixes = new Float64Array(n + 1);
  const inverse = 1 / n;
  for (let from = 0; from < length; from += chunk) {
    const to = Math.min(from + chunk, length);
    typical.copyWithin(0, chunk, chunk + n);
    for (let i = from; i < to; i++) typical[i - from + n] = (high[i]! + low[i]! + close[i]!) / 3;
    for (let start = from; start < to; start += n) {
      const end = Math.min(start + n, to);
      let prefix = 0;
      for (let i = start; i < end; i++) {
        const at = i - from + n;
        const value = typical[at]!;
        prefix += value;
        const mean = (prefix + suffixes[i - start + 1]!) * inverse;
        out[i] = index(value, mean, distanceLanes(typical, at - n + 1, at + 1, mean) * inverse);
      }
      suffixSums(typical, start - from + n, end - from + n, suffixes);
    }
  }
  out.fill(NaN, 0, Math.min(n - 1, length));
}

function suffixSums(x: Float64Array, from: number, to: number, suffixes: Float64Array): void {
  let suffix = 0;
  for (let i = to - 1; i >= from; i--) {
    suffix += x[i]!;
    suffixes[i - from] = suffix;
  }
}

export const cci: BarFeature = {
  name: 'cci',
  version: 1,
  source:
    'Commodity channel index, Donald Lambert (1980): distance of (high + low + close) / 3 from its mean over 0.015 mean deviations; 0 in a flat window.',
  inputs: 'bar',
  parameters: [period('n', 20)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new Cci(n!),
  batch: ([n], bars, [out]) => cciColumn(n!, bars, out!),
};
