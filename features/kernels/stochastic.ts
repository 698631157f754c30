import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel, SeriesFeature, SeriesKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingHigh, RollingLow } from '../rolling/rolling-extreme.ts';
import { CHUNK_ROWS, rollingSums } from '../wasm/block-sums.ts';
import { advance, f64x2, i32, loopWhile, v128 } from '../wasm/instructions.ts';
import { compile, routine, scratch } from '../wasm/routine.ts';
import { windowExtremes } from '../wasm/window-extremes.ts';
import { Rsi } from './rsi.ts';
import { Sma } from './sma.ts';

/** Place of a value between low and high in percent; the middle where there is no range. */
const place = (x: number, low: number, high: number): number => (high > low ? (100 * (x - low)) / (high - low) : 50);

/** Place of the close in the range of the last n bars, in percent. */
class RangePlace implements BarKernel {
  readonly n: number;
  readonly highs: RollingHigh;
  readonly lows: RollingLow;
  count = 0;

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
  readonly raw: RangePlace;
  readonly smooth: Sma;
  readonly signal: Sma;

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

/** `place` of two closes at a time, from the extremes of their windows into `close`. */
const PLACES = routine(
  { high: 'i32', low: 'i32', close: 'i32', end: 'i32' },
  { bottom: 'v128', range: 'v128' },
  ({ high, low, close, end, bottom, range }) =>
    loopWhile(i32.lessThan(close.get, end.get), [
      bottom.set(v128.load(low.get)),
      range.set(f64x2.sub(v128.load(high.get), bottom.get)),
      v128.store(
        close.get,
        v128.select(
          f64x2.div(f64x2.mul(f64x2.of(100), f64x2.sub(v128.load(close.get), bottom.get)), range.get),
          f64x2.of(50),
          f64x2.greater(v128.load(high.get), bottom.get),
        ),
      ),
      advance([high, low, close], 16),
    ]),
);

const { places } = compile({ places: PLACES });

/** `RangePlace` over columns; the first n - 1 places are left without meaning. 15 ns a bar in JavaScript, 7 so. */
function placeColumn(n: number, { high, low, close, length }: BarColumns, out: Float64Array): void {
  const rows = Math.max(CHUNK_ROWS, n);
  const { highs, lows, closes } = scratch({ highs: n + rows, lows: n + rows, closes: rows });
  for (let from = 0; from < length; from += rows) {
    const to = Math.min(from + rows, length);
    const before = Math.min(n, from);
    highs.values.set(high.subarray(from - before, to), n - before);
    lows.values.set(low.subarray(from - before, to), n - before);
    closes.values.set(close.subarray(from, to));
    windowExtremes('highs', n, highs);
    windowExtremes('lows', n, lows);
    places(highs.at + 8 * n, lows.at + 8 * n, closes.at, closes.at + 8 * (to - from));
    out.set(closes.values.subarray(0, to - from), from);
  }
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
  readonly place: RangePlace;

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
  readonly n: number;
  readonly rsi: Rsi;
  readonly highs: RollingHigh;
  readonly lows: RollingLow;
  readonly smooth: Sma;
  readonly signal: Sma;
  count = 0;

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
