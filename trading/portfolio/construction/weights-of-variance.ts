import { diagonalOf, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';

/** The same weight for each of `count` symbols; they add up to 1. */
export function equalWeights(count: number): Float64Array {
  return new Float64Array(count).fill(1 / count);
}

/** Weights in proportion to the inverse of each volatility; they add up to 1. */
export function inverseVolatility(covariance: SymmetricMatrix): Float64Array {
  return scaled(diagonalOf(covariance).map((variance) => 1 / Math.sqrt(variance)));
}

/** The numbers in proportion, so that they add up to `total`. */
export function scaled(numbers: Float64Array, total = 1): Float64Array {
  const sum = numbers.reduce((all, one) => all + one, 0);
  return numbers.map((one) => (one / sum) * total);
}

/**
 * Weights that add up to `total`, none above `most`: what is above it is given to the others in proportion, as often as
 * it takes. Where `most` for each is less than `total`, each has `most`.
 */
export function capped(weights: Float64Array, most: number, total = 1): Float64Array {
  if (most * weights.length <= total) return new Float64Array(weights.length).fill(most);
  const full = new Set<number>();
  let result = scaled(weights, total);
  for (;;) {
    const before = full.size;
    result.forEach((weight, i) => {
      if (weight > most) full.add(i);
    });
    if (full.size === before) return result;
    let free = 0;
    weights.forEach((weight, i) => (free += full.has(i) ? 0 : weight));
    const left = total - most * full.size;
    const open = weights.length - full.size;
    result = weights.map((weight, i) => (full.has(i) ? most : free > 0 ? (weight / free) * left : left / open));
  }
}
