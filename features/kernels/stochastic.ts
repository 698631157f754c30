import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel, SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingHigh, RollingLow } from '../rolling/rolling-extreme.ts';
import { rollingSums } from '../rolling/rolling-sum.ts';
import { Rsi } from './rsi.ts';
import { Sma } from './sma.ts';

/** Place of a value between low and high in percent; the middle where there is no range. */
const place = (x: number, low: number, high: number): number => (high > low ? (100 * (x - low)) / (high - low) : 50);

/** Place of the close in the range of the last n bars, in percent. */
class RangePlace implements BarKernel {
  private readonly n: number;
  private readonly highs: RollingHigh;
  private readonly lows: RollingLow;
  private count = 0;

  constructor(n: number) {
    this.n = n;
    this.highs = new RollingHigh(n);
    this.lows = new RollingLow(n);
  }

  next(bar: Bar): number {
    const high = this.highs.push(bar.high);
    const low = this.lows.push(bar.low);
    if (this.count < this.n) this.count += 1;
    return this.count < this.n ? NaN : place(bar.close, low, high);
  }
}

class Stochastic implements BarKernel {
  readonly out = new Float64Array(2).fill(NaN);
  private readonly raw: RangePlace;
  private readonly smooth: Sma;
  private readonly signal: Sma;

  constructor(n: number, signal: number, smooth: number) {
    this.raw = new RangePlace(n);
    this.smooth = new Sma(smooth);
    this.signal = new Sma(signal);
  }

  next(bar: Bar): number {
    const raw = this.raw.next(bar);
    if (raw !== raw) return NaN;
    const k = this.smooth.next(raw);
    if (k !== k) return NaN;
    this.out[0] = k;
    this.out[1] = this.signal.next(k);
    return k;
  }
}

/**
 * `RangePlace` over columns, by the blocks of `RollingHigh` and `RollingLow` in one pass. `pairs` holds the candidates from which an index
 * takes one: of the running high, the running low, the window's high and the window's low.
 */
function placeColumn(n: number, bars: BarColumns, out: Float64Array): void {
  const { high, low, close, length } = bars;
  const highs = new Float64Array(n + 1).fill(-Infinity);
  const lows = new Float64Array(n + 1).fill(Infinity);
  const pairs = new Float64Array(8);
  for (let start = 0; start < length; start += n) {
    const end = Math.min(start + n, length);
    pairs[0] = -Infinity;
    pairs[2] = Infinity;
    for (let i = start; i < end; i++) {
      const top = higherOf(pairs, high[i]!);
      const bottom = lowerOf(pairs, low[i]!);
      pairs[4] = highs[i - start + 1]!;
      pairs[5] = top;
      const highest = pairs[4 + +(top > pairs[4]!)]!;
      pairs[6] = lows[i - start + 1]!;
      pairs[7] = bottom;
      const lowest = pairs[6 + +(bottom < pairs[6]!)]!;
      out[i] = highest > lowest ? (100 * (close[i]! - lowest)) / (highest - lowest) : 50;
    }
    pairs[0] = -Infinity;
    pairs[2] = Infinity;
    for (let i = end - 1; i >= start; i--) {
      highs[i - start] = higherOf(pairs, high[i]!);
      lows[i - start] = lowerOf(pairs, low[i]!);
    }
  }
}

/** The running high in place 0 with `x`. */
function higherOf(pairs: Float64Array, x: number): number {
  pairs[1] = x;
  const high = pairs[+(x > pairs[0]!)]!;
  pairs[0] = high;
  return high;
}

/** The running low in place 2 with `x`. */
function lowerOf(pairs: Float64Array, x: number): number {
  pairs[3] = x;
  const low = pairs[2 + +(x < pairs[2]!)]!;
  pairs[2] = low;
  return low;
}

function meanColumn(n: number, x: Float64Array, out: Float64Array): void {
  rollingSums(x, n, 1 / n, out);
  out.fill(NaN, 0, Math.min(n - 1, out.length));
}

function stochasticColumns(
  [n, signal, smooth]: readonly number[],
  bars: BarColumns,
  outputs: readonly Float64Array[],
): void {
  const [k, d] = outputs as [Float64Array, Float64Array];
  const first = Math.min(n! - 1, bars.length);
  const smoothed = Math.min(first + smooth! - 1, bars.length);
  if (smooth === 1) placeColumn(n!, bars, k);
  else {
    const raw = new Float64Array(bars.length);
    placeColumn(n!, bars, raw);
    meanColumn(smooth!, raw.subarray(first), k.subarray(first));
  }
  k.fill(NaN, 0, smoothed);
  d.fill(NaN, 0, smoothed);
  meanColumn(signal!, k.subarray(smoothed), d.subarray(smoothed));
}

export const stoch: BarFeature = {
  name: 'stoch',
  version: 1,
  source:
    'Stochastic oscillator, George Lane: k is the place of the close in the range of n bars, mean of smooth bars (1: the fast one); d the mean of signal values of k. 50 without range.',
  inputs: 'bar',
  parameters: [period('n', 14), period('signal', 3), period('smooth', 3)],
  outputs: ['k', 'd'],
  warmUp: ([n, signal, smooth]) => n! + signal! + smooth! - 3,
  create: ([n, signal, smooth]) => new Stochastic(n!, signal!, smooth!),
  batch: stochasticColumns,
};

class WilliamsR implements BarKernel {
  private readonly place: RangePlace;

  constructor(n: number) {
    this.place = new RangePlace(n);
  }

  next(bar: Bar): number {
    return this.place.next(bar) - 100;
  }
}

export const willr: BarFeature = {
  name: 'willr',
  version: 1,
  source: 'Williams %R, Larry Williams (1973): the fast stochastic less 100, in [-100, 0]; -50 without range.',
  inputs: 'bar',
  parameters: [period('n', 14)],
  warmUp: ([n]) => n! - 1,
  create: ([n]) => new WilliamsR(n!),
};

class StochasticRsi implements SeriesKernel {
  readonly out = new Float64Array(2).fill(NaN);
  private readonly n: number;
  private readonly rsi: Rsi;
  private readonly highs: RollingHigh;
  private readonly lows: RollingLow;
  private readonly smooth: Sma;
  private readonly signal: Sma;
  private count = 0;

  constructor([rsi, n, signal, smooth]: readonly number[]) {
    this.n = n!;
    this.rsi = new Rsi(rsi!);
    this.highs = new RollingHigh(n!);
    this.lows = new RollingLow(n!);
    this.smooth = new Sma(smooth!);
    this.signal = new Sma(signal!);
  }

  next(x: number): number {
    const rsi = this.rsi.next(x);
    if (rsi !== rsi) return NaN;
    const high = this.highs.push(rsi);
    const low = this.lows.push(rsi);
    if (this.count < this.n) this.count += 1;
    if (this.count < this.n) return NaN;
    const k = this.smooth.next(place(rsi, low, high));
    if (k !== k) return NaN;
    this.out[0] = k;
    this.out[1] = this.signal.next(k);
    return k;
  }
}

export const stochRsi: SeriesFeature = {
  name: 'stochrsi',
  version: 1,
  source:
    'Stochastic RSI, Chande and Kroll (1994): place of the RSI in its own range of stoch bars, in percent; k smoothed, d its mean.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('rsi', 14), period('stoch', 14), period('signal', 3), period('smooth', 1)],
  outputs: ['k', 'd'],
  warmUp: ([rsi, n, signal, smooth]) => rsi! + n! + signal! + smooth! - 3,
  create: (numbers) => new StochasticRsi(numbers),
};
