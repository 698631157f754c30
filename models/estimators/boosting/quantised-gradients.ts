/** Gradient and second derivative of a row in one exact integer, `gradient * 2^26 + hessian`. */
export const GRADIENT_UNIT = 2 ** 26;

/** Packed derivatives of one round with the factors that turn integers back into numbers. */
export interface PackedGradients {
  readonly packed: Float64Array;
  gradientScale: number;
  hessianScale: number;
}

/** A 32-bit mix of (seed, round, row): noise that does not depend on which thread meets a row first. */
function noise(seed: number, row: number): number {
  let mixed = Math.imul(row ^ seed, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
}

/**
 * Derivatives of the weighted log-loss at `score`, rounded at random to integers whose sums over all rows stay exact:
 * one addition per histogram cell instead of two, and the same sums in any order. 2^27 gradient and 2^26 hessian steps
 * are shared by the rows (1,677 and 838 each at 80,000); rounding is unbiased, so it averages out in a leaf.
 */
export function packGradients(
  data: { y: Float64Array; weight: Float64Array },
  score: Float64Array,
  seed: number,
  into: PackedGradients,
): void {
  const rows = score.length;
  const { packed } = into;
  let heaviest = 0;
  for (let row = 0; row < rows; row++) heaviest = Math.max(heaviest, data.weight[row]!);
  const gradientSteps = Math.min(32767, Math.floor((2 * GRADIENT_UNIT - 1) / rows) - 1);
  const hessianSteps = Math.min(16383, Math.floor((GRADIENT_UNIT - 1) / rows) - 1);
  // |gradient| <= weight and hessian <= weight / 4.
  into.gradientScale = heaviest / gradientSteps;
  into.hessianScale = heaviest / 4 / hessianSteps;
  for (let row = 0; row < rows; row++) {
    const probability = 1 / (1 + Math.exp(-score[row]!));
    const weight = data.weight[row]!;
    const gradient = (weight * (probability - data.y[row]!)) / into.gradientScale;
    const hessian = (weight * probability * (1 - probability)) / into.hessianScale;
    packed[row] = Math.floor(gradient + noise(seed, row)) * GRADIENT_UNIT + Math.floor(hessian + noise(seed + 1, row));
  }
}
