/**
 * Solves `A x = b` for a symmetric positive definite row-major `A` (`size * size`) by Cholesky's factors; neither input
 * is changed. Null where `A` is not positive definite: a pivot must be above `pivotShare` of its diagonal element.
 */
export function solvePositive(
  a: Float64Array,
  b: Float64Array,
  size: number,
  pivotShare = 0,
): Float64Array<ArrayBuffer> | null {
  const factor = positiveFactor(a, size, pivotShare);
  return factor === null ? null : solveTransposed(factor, solveLower(factor, b, size), size);
}

/**
 * The lower factor `L` of a symmetric positive definite row-major `A = L L'`, by `pivotShare` as in `solvePositive`;
 * what stands above the diagonal is of no meaning. Null for another matrix.
 */
export function positiveFactor(a: Float64Array, size: number, pivotShare = 0): Float64Array<ArrayBuffer> | null {
  const factor = Float64Array.from(a);
  for (let j = 0; j < size; j++) {
    let diagonal = factor[j * size + j]!;
    const least = pivotShare * diagonal;
    for (let k = 0; k < j; k++) diagonal -= factor[j * size + k]! * factor[j * size + k]!;
    if (!(diagonal > 0 && diagonal > least)) return null;
    const root = Math.sqrt(diagonal);
    factor[j * size + j] = root;
    for (let i = j + 1; i < size; i++) {
      let value = factor[i * size + j]!;
      for (let k = 0; k < j; k++) value -= factor[i * size + k]! * factor[j * size + k]!;
      factor[i * size + j] = value / root;
    }
  }
  return factor;
}

/** Solves `L x = b`. */
export function solveLower(factor: Float64Array, b: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= factor[i * size + k]! * x[k]!;
    x[i]! /= factor[i * size + i]!;
  }
  return x;
}

/** Solves `L' x = b`. */
export function solveTransposed(factor: Float64Array, b: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const x = Float64Array.from(b);
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= factor[k * size + i]! * x[k]!;
    x[i]! /= factor[i * size + i]!;
  }
  return x;
}
