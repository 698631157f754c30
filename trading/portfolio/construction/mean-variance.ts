import { InputError } from '../../../infra/errors.ts';
import { at, meanVariance, symmetric, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';
import type { LinearConstraint } from './linear-constraint.ts';
import { solveQuadratic } from './quadratic-program.ts';

/** Symbols whose weights together stay within bounds. */
export interface GroupBounds {
  readonly name: string;
  readonly places: readonly number[];
  readonly least?: number | undefined;
  readonly most?: number | undefined;
}

/** What weights may be. */
export interface WeightBounds {
  /** Of each symbol. Default: 0 to 1. */
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  readonly groups?: readonly GroupBounds[] | undefined;
  /** What the weights add up to. Default: 1. */
  readonly total?: number | undefined;
}

/**
 * Share of the mean variance that is added to each: the covariance of few bars is not positive definite, and weights of
 * one that is change by far less than any lot.
 */
const RIDGE = 1e-10;

/**
 * Weights of least variance within bounds (Markowitz, Portfolio Selection, 1952); they add up to `total`.
 * @throws InputError for bounds that exclude each other
 */
export function minimumVariance(covariance: SymmetricMatrix, bounds: WeightBounds = {}): Float64Array {
  return optimal(covariance, new Float64Array(covariance.size), bounds);
}

/**
 * Weights `w` of largest `m'w - (riskAversion / 2) w'Sw` within bounds.
 * @param means returns to expect, per bar as the covariance is
 * @throws InputError for bounds that exclude each other, and a risk aversion that is not above 0
 */
export function meanVarianceWeights(
  covariance: SymmetricMatrix,
  means: ArrayLike<number>,
  { riskAversion, ...bounds }: WeightBounds & { readonly riskAversion: number },
): Float64Array {
  if (!(riskAversion > 0 && riskAversion < Infinity)) {
    throw new InputError(`a risk aversion of ${riskAversion}`, 'Give a number above 0: 1 is bold, 10 careful.');
  }
  if (means.length !== covariance.size) {
    throw new InputError(`${means.length} expected returns for ${covariance.size} symbols`, 'Give one for each.');
  }
  return optimal(
    covariance,
    Float64Array.from(means, (mean) => (0 - mean) / riskAversion),
    bounds,
  );
}

function optimal(covariance: SymmetricMatrix, linear: Float64Array, bounds: WeightBounds): Float64Array {
  const { size } = covariance;
  const { least = 0, most = 1, total = 1 } = bounds;
  const ridge = RIDGE * meanVariance(covariance);
  const raised = symmetric(size, (i, j) => at(covariance, i, j) + (i === j ? ridge : 0));
  const solution = solveQuadratic(raised, linear, constraintsOf(size, bounds));
  if (solution === null) {
    const groups = (bounds.groups ?? []).map(({ name }) => `, ${name}`).join('');
    throw new InputError(
      `no weights of ${size} symbols, each from ${least} to ${most}${groups}, add up to ${total}`,
      'Loosen a bound.',
    );
  }
  return solution.x.map((weight) => Math.min(most, Math.max(least, weight)));
}

/** The sum, and each bound that may bind. */
function constraintsOf(size: number, bounds: WeightBounds): LinearConstraint[] {
  const { least = 0, most = 1, total = 1, groups = [] } = bounds;
  const unit = (place: number, sign: number): Float64Array => {
    const coefficients = new Float64Array(size);
    coefficients[place] = sign;
    return coefficients;
  };
  const constraints: LinearConstraint[] = [
    { coefficients: new Float64Array(size).fill(1), bound: total, equality: true },
  ];
  for (let i = 0; i < size; i++) {
    constraints.push({ coefficients: unit(i, 1), bound: least });
    if (most < total - least * (size - 1)) constraints.push({ coefficients: unit(i, -1), bound: 0 - most });
  }
  for (const group of groups) {
    const side = (sign: number): Float64Array => {
      const coefficients = new Float64Array(size);
      for (const place of group.places) coefficients[place] = sign;
      return coefficients;
    };
    if (group.least !== undefined) constraints.push({ coefficients: side(1), bound: group.least });
    if (group.most !== undefined) constraints.push({ coefficients: side(-1), bound: 0 - group.most });
  }
  return constraints;
}
