import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { multiple, period } from '../kernel.ts';
import { RollingMoments } from '../rolling/rolling-moments.ts';
import { momentsChunk } from '../wasm/block-moments.ts';
import { chunkRows } from '../wasm/block-sums.ts';
import { advance, f64x2, i32, loopWhile, v128 } from '../wasm/instructions.ts';
import { compile, routine, scratch } from '../wasm/routine.ts';

class Bollinger implements SeriesKernel {
  readonly out = new Float64Array(5).fill(NaN);
  readonly n: number;
  readonly k: number;
  readonly inverse: number;
  readonly moments: RollingMoments;
  count = 0;

  constructor(n: number, k: number, lost: number) {
    this.n = n;
    this.k = k;
    this.inverse = 1 / Math.max(1, n - lost);
    this.moments = new RollingMoments(n);
  }

  next(x: number): number {
    this.moments.push(x);
    if (this.count < this.n) this.count += 1;
    if (this.count < this.n) return NaN;
    const middle = this.moments.mean;
    const half = this.k * Math.sqrt(this.moments.squares * this.inverse);
    const lower = middle - half;
    const band = half + half;
    const out = this.out;
    out[0] = lower;
    out[1] = middle;
    out[2] = middle + half;
    out[3] = band > 0 ? (x - lower) / band : 0.5;
    out[4] = middle !== 0 ? band / middle : 0;
    return lower;
  }
}

/**
 * The bands of two rows at a time from the moments inside and before their blocks, in the arithmetic of
 * `RollingMoments`, each output over an input that is read before: middles over `means`, lowers over `squares`, uppers
 * over `meansBefore`, percents over `squaresBefore`, widths over `x`. `share` and `weight` are those of the block
 * before, by row.
 */
const BAND_ROWS = routine(
  {
    x: 'i32',
    means: 'i32',
    squares: 'i32',
    meansBefore: 'i32',
    squaresBefore: 'i32',
    share: 'i32',
    weight: 'i32',
    end: 'i32',
    part: 'f64',
    k: 'f64',
  },
  { apart: 'v128', middle: 'v128', half: 'v128', lower: 'v128', band: 'v128' },
  (at) => {
    const { x, means, squares, meansBefore, squaresBefore, share, weight, end, part, k } = at;
    const { apart, middle, half, lower, band } = at;
    const around = f64x2.add(
      f64x2.add(v128.load(squaresBefore.get), v128.load(squares.get)),
      f64x2.mul(f64x2.mul(apart.get, apart.get), v128.load(weight.get)),
    );
    return loopWhile(i32.lessThan(x.get, end.get), [
      apart.set(f64x2.sub(v128.load(meansBefore.get), v128.load(means.get))),
      middle.set(f64x2.add(v128.load(means.get), f64x2.mul(apart.get, v128.load(share.get)))),
      half.set(
        f64x2.mul(f64x2.splat(k.get), f64x2.sqrt(f64x2.mul(f64x2.higher(f64x2.of(0), around), f64x2.splat(part.get)))),
      ),
      lower.set(f64x2.sub(middle.get, half.get)),
      band.set(f64x2.add(half.get, half.get)),
      v128.store(means.get, middle.get),
      v128.store(squares.get, lower.get),
      v128.store(meansBefore.get, f64x2.add(middle.get, half.get)),
      v128.store(
        squaresBefore.get,
        v128.select(
          f64x2.div(f64x2.sub(v128.load(x.get), lower.get), band.get),
          f64x2.of(0.5),
          f64x2.greater(band.get, f64x2.of(0)),
        ),
      ),
      v128.store(x.get, v128.and(f64x2.div(band.get, middle.get), f64x2.notEqual(middle.get, f64x2.of(0)))),
      advance([x, means, squares, meansBefore, squaresBefore, share, weight], 16),
    ]);
  },
);

const { bandRows } = compile({ bandRows: BAND_ROWS });

/** `Bollinger` over a column, in chunks of whole blocks of n. 14 ns a value in JavaScript, 10 so. */
function bollingerColumns([n, k]: readonly number[], column: Float64Array, outputs: readonly Float64Array[]): void {
  const length = n!;
  const rows = chunkRows(length);
  const { x, means, squares, meansBefore, squaresBefore, inverse, share, weight } = scratch({
    x: rows,
    means: rows,
    squares: rows,
    meansBefore: rows + length,
    squaresBefore: rows + length,
    inverse: length,
    share: rows,
    weight: rows,
  });
  for (let row = 0; row < rows; row++) {
    const own = (row % length) + 1;
    share.values[row] = (length - own) / length;
    weight.values[row] = share.values[row]! * own;
    inverse.values[row % length] = 1 / own;
  }
  const written = [squares, means, meansBefore, squaresBefore, x];
  for (let from = 0; from < column.length; from += rows) {
    const to = Math.min(from + rows, column.length);
    x.values.set(column.subarray(from, to));
    momentsChunk(length, { x, inverse, means, squares, meansBefore, squaresBefore });
    const end = x.at + 8 * (to - from);
    bandRows(
      ...[x, means, squares, meansBefore, squaresBefore, share, weight].map(({ at }) => at),
      end,
      1 / length,
      k!,
    );
    outputs.forEach((output, i) => output.set(written[i]!.values.subarray(0, to - from), from));
    meansBefore.values.copyWithin(0, rows, rows + length);
    squaresBefore.values.copyWithin(0, rows, rows + length);
  }
  for (const output of outputs) output.fill(NaN, 0, Math.min(length - 1, column.length));
}

export const bollinger: SeriesFeature = {
  name: 'bollinger',
  version: 1,
  source:
    'Bollinger bands, John Bollinger: SMA(n) -+ k population standard deviations; percentB = (x - lower) / (upper - lower), 0.5 in a flat window; width = (upper - lower) / middle.',
  inputs: 'series',
  closeImplied: true,
  parameters: [period('n', 20), multiple('k', 2)],
  choices: [{ name: 'ddof', values: ['0', '1'], meaning: 'population or sample standard deviation' }],
  outputs: ['lower', 'middle', 'upper', 'percentB', 'width'],
  warmUp: ([n]) => n! - 1,
  create: ([n, k], { ddof }) => new Bollinger(n!, k!, Number(ddof)),
  batch: bollingerColumns,
};
