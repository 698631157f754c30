/** A square symmetric matrix, row by row. */
export interface SymmetricMatrix {
  readonly size: number;
  /** `size * size` numbers. */
  readonly values: Float64Array;
}

/** The symmetric matrix whose entries `(i, j)` with `j <= i` are told. */
export function symmetric(size: number, entry: (i: number, j: number) => number): SymmetricMatrix {
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) values[i * size + j] = values[j * size + i] = entry(i, j);
  }
  return { size, values };
}

/** Entry `(i, j)`. */
export function at({ size, values }: SymmetricMatrix, i: number, j: number): number {
  return values[i * size + j]!;
}

/** The diagonal: variances of a covariance. */
export function diagonalOf({ size, values }: SymmetricMatrix): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => values[i * size + i]!);
}

/** The mean of the diagonal. */
export function meanVariance(matrix: SymmetricMatrix): number {
  return diagonalOf(matrix).reduce((sum, one) => sum + one, 0) / matrix.size;
}

/** Matrix times vector. */
export function product({ size, values }: SymmetricMatrix, vector: ArrayLike<number>): Float64Array {
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += values[i * size + j]! * vector[j]!;
    result[i] = sum;
  }
  return result;
}

/** The sum of products of two vectors of one length. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Correlations of a covariance, 1 on the diagonal. */
export function correlationOf(covariance: SymmetricMatrix): SymmetricMatrix {
  const deviation = diagonalOf(covariance).map((variance) => Math.sqrt(variance));
  return symmetric(covariance.size, (i, j) => {
    if (i === j) return 1;
    return Math.max(-1, Math.min(1, at(covariance, i, j) / (deviation[i]! * deviation[j]!)));
  });
}

/** Rows and columns `places` of a matrix, in that order. */
export function submatrix(matrix: SymmetricMatrix, places: readonly number[]): SymmetricMatrix {
  return symmetric(places.length, (i, j) => at(matrix, places[i]!, places[j]!));
}
