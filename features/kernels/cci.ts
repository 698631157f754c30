import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum, rollingSums } from '../rolling/rolling-sum.ts';
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

function cciColumn(n: number, { high, low, close, length }: BarColumns, out: Float64Array): void {
  const typical = new Float64Array(length);
  for (let i = 0; i < length; i++) typical[i] = (high[i]! + low[i]! + close[i]!) / 3;
  rollingSums(typical, n, out);
  const inverse = 1 / n;
  for (let i = n - 1; i < length; i++) {
    const mean = out[i]! * inverse;
    out[i] = index(typical[i]!, mean, distanceLanes(typical, i - n + 1, i + 1, mean) * inverse);
  }
  out.fill(NaN, 0, Math.min(n - 1, length));
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
