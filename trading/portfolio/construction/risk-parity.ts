import { InputError, SignalboxError } from '../../../infra/errors.ts';
import { at, product, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';
import { inverseVolatility, scaled } from './weights-of-variance.ts';

/** Twenty symbols take 20 to 60 rounds. */
const ROUNDS_MAX = 20_000;
/** Largest distance of a share of risk from its budget. */
const PRECISION = 1e-13;

/**
 * Weights whose shares of the portfolio's variance are the budgets; the same for all by default. They are above 0 and
 * add up to 1. Cyclical coordinate descent on `x'Sx / 2 - sum b ln x` (Griveau-Billion, Richard and Roncalli, A Fast
 * Algorithm for Computing High-Dimensional Risk Parity Portfolios, 2013).
 *
 * @param budgets a number above 0 a symbol; only their proportions count
 * @throws InputError for budgets that are none
 */
export function riskParity(covariance: SymmetricMatrix, budgets?: ArrayLike<number>): Float64Array {
  const { size } = covariance;
  const shares = budgetsOf(size, budgets);
  const x = inverseVolatility(covariance);
  let sigmaX = product(covariance, x);
  for (let round = 0; ; round++) {
    if (distance(x, sigmaX, shares) < PRECISION) return scaled(x);
    if (round === ROUNDS_MAX) {
      throw new SignalboxError('risk parity did not settle', { remedy: 'shrink the covariance, or leave twins out' });
    }
    for (let i = 0; i < size; i++) {
      const variance = at(covariance, i, i);
      const others = sigmaX[i]! - variance * x[i]!;
      const next = (Math.sqrt(others * others + 4 * variance * shares[i]!) - others) / (2 * variance);
      const change = next - x[i]!;
      for (let j = 0; j < size; j++) sigmaX[j]! += at(covariance, j, i) * change;
      x[i] = next;
    }
    // Sums of changes drift by their rounding.
    sigmaX = product(covariance, x);
  }
}

function budgetsOf(size: number, budgets?: ArrayLike<number>): Float64Array {
  if (budgets === undefined) return new Float64Array(size).fill(1 / size);
  const given = Float64Array.from(budgets);
  if (given.length !== size) {
    throw new InputError(`${given.length} budgets of risk for ${size} symbols`, 'Give one for each.');
  }
  const wrong = given.find((one) => !(one > 0 && one < Infinity));
  if (wrong !== undefined) throw new InputError(`a budget of risk is ${wrong}`, 'Give numbers above 0.');
  return scaled(given);
}

/** The largest distance of a symbol's share of the variance from its budget. */
function distance(x: Float64Array, sigmaX: Float64Array, shares: Float64Array): number {
  let variance = 0;
  x.forEach((one, i) => (variance += one * sigmaX[i]!));
  let largest = 0;
  x.forEach((one, i) => (largest = Math.max(largest, Math.abs((one * sigmaX[i]!) / variance - shares[i]!))));
  return largest;
}
