import { InputError } from '../../../infra/errors.ts';
import { eigenOf } from '../../../models/estimators/reduction/eigen.ts';
import type { Returns } from './returns.ts';
import { sampleCovariance } from './sample-covariance.ts';
import { at, symmetric, type SymmetricMatrix } from './symmetric-matrix.ts';

/**
 * Covariance by the first `factors` principal components of the sample covariance, and of each symbol the variance that
 * they leave: the sample's own variances stand on the diagonal. @throws InputError for a number of factors that is not
 * whole and from 1 to the number of symbols
 */
export function pcaCovariance(returns: Returns, factors: number): SymmetricMatrix {
  const sample = sampleCovariance(returns);
  if (!Number.isInteger(factors) || factors < 1 || factors > sample.size) {
    throw new InputError(`${factors} factors of ${sample.size} symbols`, `Give a whole number, 1 to ${sample.size}.`);
  }
  const { values, vectors } = eigenOf(sample);
  return symmetric(sample.size, (i, j) => {
    if (i === j) return at(sample, i, i);
    let sum = 0;
    for (let k = 0; k < factors; k++) sum += Math.max(0, values[k]!) * vectors[k]![i]! * vectors[k]![j]!;
    return sum;
  });
}
