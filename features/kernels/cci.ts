import type { Bar, BarColumns } from '../bar.ts';
import type { BarFeature, BarKernel } from '../kernel.ts';
import { period } from '../kernel.ts';
import { RollingSum } from '../rolling/rolling-sum.ts';
import { Window } from '../rolling/window.ts';
import { chunkRows, sumChunk } from '../wasm/block-sums.ts';
import { advance, f64x2, i32, loopWhile, v128 } from '../wasm/instructions.ts';
import type { Code, Local } from '../wasm/instructions.ts';
import { compile, routine, scratch } from '../wasm/routine.ts';
import { TYPICAL_PRICES } from '../wasm/typical-prices.ts';

/** A mean deviation below this part of the price is the rounding of a flat window, not a movement. */
const FLAT = 1e-12;

/**
 * Sum of distances from `mean` of `values[from .. to - 1]`, in four lanes so that no addition waits for the one before
 * it.
 */
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
  readonly inverse: number;
  readonly sum: RollingSum;
  readonly window: Window;

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

/**
 * The index of two rows at a time. `price` is the address of the first row's typical price, which the n - 1 before it
 * precede; `prefixes` and `suffixes` are those of `sumChunk`. 21 ns a bar in JavaScript, 10 so.
 */
const CCI_ROWS = routine(
  { price: 'i32', prefixes: 'i32', suffixes: 'i32', out: 'i32', end: 'i32', window: 'i32', inverse: 'f64' },
  {
    from: 'i32',
    fours: 'i32',
    to: 'i32',
    share: 'v128',
    mean: 'v128',
    a: 'v128',
    b: 'v128',
    c: 'v128',
    d: 'v128',
  },
  ({ price, prefixes, suffixes, out, end, window, inverse, from, fours, to, share, mean, a, b, c, d }) => {
    const addDistance = (lane: Local, offset: number): Code =>
      lane.set(f64x2.add(lane.get, f64x2.abs(f64x2.sub(v128.load(from.get, offset), mean.get))));
    return [
      share.set(f64x2.splat(inverse.get)),
      loopWhile(i32.lessThan(out.get, end.get), [
        mean.set(f64x2.mul(f64x2.add(v128.load(prefixes.get), v128.load(suffixes.get)), share.get)),
        to.set(i32.add(price.get, i32.of(8))),
        from.set(i32.sub(to.get, window.get)),
        fours.set(i32.sub(to.get, i32.of(24))),
        [a, b, c, d].map((lane) => lane.set(f64x2.of(0))),
        loopWhile(i32.lessThan(from.get, fours.get), [
          [a, b, c, d].map((lane, at) => addDistance(lane, 8 * at)),
          advance([from], 32),
        ]),
        loopWhile(i32.lessThan(from.get, to.get), [addDistance(a, 0), advance([from], 8)]),
        a.set(f64x2.mul(f64x2.add(f64x2.add(a.get, b.get), f64x2.add(c.get, d.get)), share.get)),
        v128.store(
          out.get,
          v128.and(
            f64x2.div(f64x2.sub(v128.load(price.get), mean.get), f64x2.mul(f64x2.of(0.015), a.get)),
            f64x2.greater(a.get, f64x2.mul(f64x2.abs(mean.get), f64x2.of(FLAT))),
          ),
        ),
        advance([price, prefixes, suffixes, out], 16),
      ]),
    ];
  },
);

const { typicalPrices, cciRows } = compile({ typicalPrices: TYPICAL_PRICES, cciRows: CCI_ROWS });

/** Chunks are whole blocks of n, as `RollingSum` cuts them; each carries the n prices and sums before it. */
function cciColumn(n: number, { high, low, close, length }: BarColumns, out: Float64Array): void {
  const rows = chunkRows(n);
  const { highs, lows, closes, prices, prefixes, suffixes, indices } = scratch({
    highs: rows,
    lows: rows,
    closes: rows,
    prices: n + rows,
    prefixes: rows,
    suffixes: rows + n,
    indices: rows,
  });
  prices.values.fill(0, 0, n);
  suffixes.values.fill(0, 0, n);
  const own = prices.at + 8 * n;
  for (let from = 0; from < length; from += rows) {
    const to = Math.min(from + rows, length);
    highs.values.set(high.subarray(from, to));
    lows.values.set(low.subarray(from, to));
    closes.values.set(close.subarray(from, to));
    typicalPrices(highs.at, lows.at, closes.at, own, own + 8 * (to - from));
    sumChunk(n, own, { prefixes, suffixes });
    cciRows(own, prefixes.at, suffixes.at, indices.at, indices.at + 8 * (to - from), 8 * n, 1 / n);
    out.set(indices.values.subarray(0, to - from), from);
    prices.values.copyWithin(0, rows, rows + n);
    suffixes.values.copyWithin(0, rows, rows + n);
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
