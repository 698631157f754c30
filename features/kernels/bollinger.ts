import type { SeriesFeature, SeriesKernel } from '../kernel.ts';
import { multiple, period } from '../kernel.ts';
import { RollingMoments, reciprocals, suffixMoments } from '../rolling/rolling-moments.ts';

class Bollinger implements SeriesKernel {
  readonly out = new Float64Array(5).fill(NaN);
  private readonly n: number;
  private readonly k: number;
  private readonly inverse: number;
  private readonly moments: RollingMoments;
  private count = 0;

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
 * `Bollinger` over a column: the kernel itself for the first block, which is not full, then the arithmetic of `RollingMoments` with its
 * block in local variables.
 */
function bollingerColumns([n, k]: readonly number[], x: Float64Array, outputs: readonly Float64Array[]): void {
  const length = n!;
  const kernel = new Bollinger(length, k!, 0);
  const head = Math.min(length, x.length);
  for (let i = 0; i < head; i++) {
    kernel.next(x[i]!);
    outputs.forEach((output, at) => {
      output[i] = kernel.out[at]!;
    });
  }
  const inverse = reciprocals(length);
  const share = Float64Array.from({ length: length + 1 }, (_, b) => (length - b) / length);
  const means = new Float64Array(length + 1);
  const squares = new Float64Array(length + 1);
  const block = { inverse, share, means, squares, k: k!, outputs };
  for (let start = length; start < x.length; start += length) {
    suffixMoments(x, start - length, block);
    bollingerBlock(x, start, block);
  }
}

/** What a full block is merged with. */
interface BollingerBlock {
  readonly inverse: Float64Array;
  /** Weight of the block before, by the number of values that this one has. */
  readonly share: Float64Array;
  readonly means: Float64Array;
  readonly squares: Float64Array;
  readonly k: number;
  readonly outputs: readonly Float64Array[];
}

function bollingerBlock(x: Float64Array, start: number, block: BollingerBlock): void {
  const { inverse, share, means, squares, k } = block;
  const [lowers, middles, uppers, percents, widths] = block.outputs as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const length = inverse.length - 1;
  const part = 1 / length;
  const end = Math.min(start + length, x.length);
  const origin = x[start]!;
  let sum = 0;
  let sumSquares = 0;
  for (let i = start; i < end; i++) {
    const b = i - start + 1;
    const value = x[i]!;
    const d = value - origin;
    sum += d;
    sumSquares += d * d;
    const shift = sum * inverse[b]!;
    const own = origin + shift;
    const apart = means[b]! - own;
    const rest = share[b]!;
    const middle = own + apart * rest;
    const around = squares[b]! + (sumSquares - sum * shift) + apart * apart * (rest * b);
    const half = k * Math.sqrt((around > 0 ? around : 0) * part);
    const lower = middle - half;
    const band = half + half;
    lowers[i] = lower;
    middles[i] = middle;
    uppers[i] = middle + half;
    percents[i] = band > 0 ? (value - lower) / band : 0.5;
    widths[i] = middle !== 0 ? band / middle : 0;
  }
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
