import { InputError } from '../../../infra/errors.ts';
import { solveCholesky } from '../../../models/estimators/linear/cholesky.ts';
import { at, dot, product, symmetric, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';

/** An opinion: symbols held by `weights` (1 of one; 1 and -1 of two that are compared) return this much per bar. */
export interface View {
  /** By symbol. */
  readonly weights: Float64Array;
  readonly expected: number;
  /** 0, which says nothing, to 1, which is taken as certain. Default: as sure as the prior is of it. */
  readonly confidence?: number | undefined;
}

export interface BlackLittermanOptions {
  /** What the market holds, which is taken for optimal; equal weights by default. They add up to 1. */
  readonly market?: Float64Array | undefined;
  /** Price of risk: `m'w - (riskAversion / 2) w'Sw` is what the market makes largest. */
  readonly riskAversion: number;
  /** Variance of the prior's means over that of returns. */
  readonly tau?: number | undefined;
}

/** What is expected once opinions are heard. */
export interface Posterior {
  /** Per bar. */
  readonly means: Float64Array;
  readonly covariance: SymmetricMatrix;
}

/**
 * Means and covariance by Black and Litterman (Global Portfolio Optimization, 1992): those with which the market's
 * weights would be optimal, moved towards the views. Confidences are Idzorek's in the closed form of Walters (The
 * Black-Litterman Model in Detail, 2014).
 *
 * @throws InputError for a view that names no symbol, is not finite, or whose confidence is not 0 to 1, and for views
 *   that say the same with certainty
 */
export function blackLitterman(
  covariance: SymmetricMatrix,
  views: readonly View[],
  { market, riskAversion, tau = 0.05 }: BlackLittermanOptions,
): Posterior {
  const { size } = covariance;
  views.forEach((view, at) => requireView(view, at, size));
  const held = market ?? new Float64Array(size).fill(1 / size);
  const prior = product(covariance, held).map((value) => riskAversion * value);
  const told = views.filter(({ confidence }) => confidence !== 0);
  const spread = told.map(({ weights }) => product(covariance, weights).map((value) => tau * value));
  const count = told.length;
  const doubt = told.map(({ weights, confidence = 0.5 }, k) => (1 / confidence - 1) * dot(weights, spread[k]!));
  const sure = symmetric(count, (i, j) => dot(told[i]!.weights, spread[j]!) + (i === j ? doubt[i]! : 0));
  const solve = (b: Float64Array): Float64Array => solved(sure, b);
  const surprise = Float64Array.from(told, ({ weights, expected }) => expected - dot(weights, prior));
  const moved = solve(surprise);
  const means = prior.map((mean, i) => mean + told.reduce((sum, _, k) => sum + spread[k]![i]! * moved[k]!, 0));
  const columns = Array.from({ length: size }, (_, i) => Float64Array.from(spread, (one) => one[i]!));
  const learned = columns.map(solve);
  const posterior = symmetric(size, (i, j) => (1 + tau) * at(covariance, i, j) - dot(columns[i]!, learned[j]!));
  return { means, covariance: posterior };
}

function solved(sure: SymmetricMatrix, b: Float64Array): Float64Array {
  if (sure.size === 0) return new Float64Array(0);
  try {
    return solveCholesky(sure.values, b, sure.size);
  } catch {
    throw new InputError('two views say the same with certainty', 'Leave one out, or give it a confidence below 1.');
  }
}

function requireView({ weights, expected, confidence = 0.5 }: View, at: number, size: number): void {
  const fault = (message: string, remedy: string): InputError => new InputError(`view ${at + 1} ${message}`, remedy);
  if (weights.length !== size) throw fault(`has ${weights.length} weights for ${size} symbols`, 'Give one for each.');
  if (!weights.every(Number.isFinite) || !weights.some((one) => one !== 0)) {
    throw fault('names no symbol', 'Give weights: 1 for a symbol, 1 and -1 for two that are compared.');
  }
  if (!Number.isFinite(expected)) throw fault(`expects ${expected}`, 'Give a return as a fraction.');
  if (!(confidence >= 0 && confidence <= 1)) throw fault(`has a confidence of ${confidence}`, 'Give 0 to 1.');
}
