import { InputError, SignalboxError } from '../../../infra/errors.ts';
import { solveCholesky } from '../../../models/estimators/linear/cholesky.ts';
import { centred, requireReturns, type Returns } from './returns.ts';
import { sampleCovariance } from './sample-covariance.ts';
import { product, symmetric, dot, type SymmetricMatrix } from './symmetric-matrix.ts';

/** What returns are made of, as a regression on the returns of factors has it. */
export interface FactorModel {
  readonly factors: readonly string[];
  /** By symbol: how far it moves with each factor. */
  readonly loadings: readonly Float64Array[];
  readonly factorCovariance: SymmetricMatrix;
  /** By symbol: variance per bar that no factor explains. */
  readonly residual: Float64Array;
  /** `B F B' + D`. */
  readonly covariance: SymmetricMatrix;
}

/**
 * Least squares of each symbol on the factors, with an intercept, over the same bars.
 * @throws InputError for other numbers of rows, for too few of them, and for factors that say the same
 */
export function factorModel(returns: Returns, factors: Returns): FactorModel {
  requireReturns(returns);
  const factorCovariance = sampleCovariance(factors);
  const { rows } = returns;
  const [width, size] = [returns.names.length, factors.names.length];
  if (factors.rows !== rows) {
    throw new InputError(`${rows} returns of symbols and ${factors.rows} of factors`, 'Give both of the same bars.');
  }
  if (rows < size + 2) {
    throw new InputError(`${rows} rows are too few for ${size} factors`, `Give at least ${size + 2}.`);
  }
  const [x, f] = [centred(returns), centred(factors)];
  const loadings: Float64Array[] = [];
  const residual = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    const moments = new Float64Array(size);
    let own = 0;
    for (let row = 0; row < rows; row++) {
      const value = x.values[row * width + i]!;
      own += value * value;
      for (let k = 0; k < size; k++) moments[k]! += value * f.values[row * size + k]!;
    }
    for (let k = 0; k < size; k++) moments[k]! /= rows - 1;
    const loading = solved(factorCovariance, moments);
    loadings.push(loading);
    residual[i] = Math.max(0, own / (rows - 1) - dot(loading, moments));
  }
  const covariance = symmetric(width, (i, j) => {
    const shared = dot(loadings[i]!, product(factorCovariance, loadings[j]!));
    return i === j ? shared + residual[i]! : shared;
  });
  return { factors: factors.names, loadings, factorCovariance, residual, covariance };
}

function solved(factors: SymmetricMatrix, moments: Float64Array): Float64Array {
  try {
    return solveCholesky(factors.values, moments, factors.size);
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    throw new InputError('the factors say the same: one is a sum of others', 'Leave one of them out.');
  }
}
