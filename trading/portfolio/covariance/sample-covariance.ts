import { centred, requireReturns, type Returns } from './returns.ts';
import { symmetric, type SymmetricMatrix } from './symmetric-matrix.ts';

/** Sums of products of columns, divided by `divisor`. */
export function crossProducts({ rows, names, values }: Returns, divisor: number): SymmetricMatrix {
  const width = names.length;
  return symmetric(width, (i, j) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * width + i]! * values[row * width + j]!;
    return sum / divisor;
  });
}

/**
 * The unbiased covariance of returns, by `rows - 1`; per bar, as squared fractions.
 * @throws InputError for returns that have none
 */
export function sampleCovariance(returns: Returns): SymmetricMatrix {
  requireReturns(returns);
  return crossProducts(centred(returns), returns.rows - 1);
}
