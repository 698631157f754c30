import { ALL_ROWS, rowHash } from '../trees/row-hash.ts';

// Numbers used in hot loops are not exported or imported themselves: such bindings are read again, and tested, at every
// turn.
const UNIT = 2 ** 26;
const ALL = ALL_ROWS;
/** Gradient and second derivative of a row in one exact integer, `gradient * 2^26 + hessian`. */
export const GRADIENT_UNIT = UNIT;

/** Factors that turn packed integers back into numbers. */
export interface GradientScale {
  readonly gradient: number;
  readonly hessian: number;
}

/** Cells of the logistic curve from -16 to 16; between them a straight line is within 3e-6, a rounding step is 6e-4. */
const CELLS_PER_UNIT = 64;
const REACH = 16;
const logistic = Float64Array.from(
  { length: 2 * REACH * CELLS_PER_UNIT + 2 },
  (_, cell) => 1 / (1 + Math.exp(REACH - cell / CELLS_PER_UNIT)),
);

/**
 * Steps for derivatives of at most `gradient` and `hessian` whose sums over all rows stay exact: 2^27 gradient and 2^26
 * hessian steps are shared by the rows (1,677 and 838 each at 80,000).
 */
export function gradientScale(rows: number, largest: { gradient: number; hessian: number }): GradientScale {
  const gradientSteps = Math.min(32767, Math.floor((2 * GRADIENT_UNIT - 1) / rows) - 1);
  const hessianSteps = Math.min(16383, Math.floor((GRADIENT_UNIT - 1) / rows) - 1);
  return { gradient: largest.gradient / gradientSteps, hessian: largest.hessian / hessianSteps };
}

/** Rows whose derivatives are wanted: all of `[from, to)`, or those drawn; the results begin at `from` too. */
export interface DrawnRows {
  readonly from: number;
  readonly to: number;
  /** A row is drawn when its hash with `drawSeed` lies below this number. */
  readonly drawBelow: number;
  readonly drawSeed: number;
  readonly noiseSeed: number;
}

interface Derivatives {
  readonly target: Float64Array;
  readonly weight: Float64Array;
  readonly score: Float64Array;
}

interface Packed {
  readonly rowIndex: Int32Array;
  readonly packed: Float64Array;
}

/**
 * Lists the drawn rows with their derivatives, rounded at random to integers: one addition per histogram cell instead
 * of two, and the same sums in any order. Rounding is unbiased, so it averages out in a leaf. Returns where the list
 * ends.
 */
export function packLogistic(rows: DrawnRows, data: Derivatives, scale: GradientScale, into: Packed): number {
  const { target, weight, score } = data;
  const { rowIndex, packed } = into;
  const { drawBelow, drawSeed, noiseSeed } = rows;
  const gradientSteps = 1 / scale.gradient;
  const hessianSteps = 1 / scale.hessian;
  let at = rows.from;
  for (let row = rows.from; row < rows.to; row++) {
    if (drawBelow < ALL && rowHash(drawSeed, row) >>> 0 >= drawBelow) continue;
    const place = Math.min(2 * REACH - 1e-9, Math.max(0, score[row]! + REACH)) * CELLS_PER_UNIT;
    const cell = place | 0;
    const low = logistic[cell]!;
    const probability = low + (logistic[cell + 1]! - low) * (place - cell);
    const own = weight[row]!;
    const noise = rowHash(noiseSeed, row);
    const gradient = Math.floor(own * (probability - target[row]!) * gradientSteps + (noise >>> 16) / 65536);
    const hessian = Math.floor(own * probability * (1 - probability) * hessianSteps + (noise & 65535) / 65536);
    rowIndex[at] = row;
    packed[at++] = gradient * UNIT + hessian;
  }
  return at;
}

/** The same for squared error: the gradient is the weighted residual, the second derivative the weight. */
export function packSquared(rows: DrawnRows, data: Derivatives, scale: GradientScale, into: Packed): number {
  const { target, weight, score } = data;
  const { rowIndex, packed } = into;
  const { drawBelow, drawSeed, noiseSeed } = rows;
  const gradientSteps = 1 / scale.gradient;
  const hessianSteps = 1 / scale.hessian;
  let at = rows.from;
  for (let row = rows.from; row < rows.to; row++) {
    if (drawBelow < ALL && rowHash(drawSeed, row) >>> 0 >= drawBelow) continue;
    const own = weight[row]!;
    const noise = rowHash(noiseSeed, row);
    const gradient = Math.floor(own * (score[row]! - target[row]!) * gradientSteps + (noise >>> 16) / 65536);
    const hessian = Math.floor(own * hessianSteps + (noise & 65535) / 65536);
    rowIndex[at] = row;
    packed[at++] = gradient * UNIT + hessian;
  }
  return at;
}
