import { SignalboxError } from '../../../infra/errors.ts';
import { solveLower, solveTransposed } from '../../../features/fitted/linear-system.ts';
import { choleskyFactor } from '../../../models/estimators/linear/cholesky.ts';
import { dot, meanVariance, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';
import { ActiveSet } from './active-set.ts';
import type { LinearConstraint } from './linear-constraint.ts';

export interface QuadraticSolution {
  readonly x: Float64Array;
  /** By constraint: how much the least value rises with its bound. 0 where it does not bind, at least 0 but for `=`. */
  readonly multipliers: Float64Array;
}

/** Constraints that are missed by less hold; constraints are of weights, which are about 1. */
const FEASIBLE = 1e-12;

/**
 * The `x` of least `x'Gx / 2 + g'x` that meets all constraints, or null where none does. `G` is positive definite. The
 * dual active-set method of Goldfarb and Idnani (A Numerically Stable Dual Method for Solving Strictly Convex Quadratic
 * Programs, 1983): exact in finitely many steps, so that equal input gives equal bits.
 */
export function solveQuadratic(
  matrix: SymmetricMatrix,
  linear: Float64Array,
  constraints: readonly LinearConstraint[],
): QuadraticSolution | null {
  const { size } = matrix;
  // Variances of short bars are tiny: in units of the mean one the tolerances mean the same for all.
  const scale = 1 / meanVariance(matrix);
  const factor = choleskyFactor(
    matrix.values.map((value) => value * scale),
    size,
  );
  const x = solveTransposed(
    factor,
    solveLower(
      factor,
      linear.map((value) => 0 - value * scale),
      size,
    ),
    size,
  );
  const active = new ActiveSet(constraints, (coefficients) => solveLower(factor, coefficients, size));
  const stepsMax = 100 * (constraints.length + size);
  for (let step = 0; step < stepsMax; step++) {
    const violated = mostViolated(constraints, active, x);
    if (violated === null) {
      // Many moves leave their rounding: the bounds that bind are met once more.
      solveTransposed(factor, active.correction(x), size).forEach((value, i) => (x[i]! += value));
      const multipliers = active.multipliers().map((one) => one / scale);
      return { x, multipliers };
    }
    if (!meet(violated, { constraints, active, x, factor, size })) return null;
  }
  throw new SignalboxError('a quadratic program did not settle', {
    remedy: 'loosen bounds that nearly exclude each other',
  });
}

interface Work {
  readonly constraints: readonly LinearConstraint[];
  readonly active: ActiveSet;
  readonly x: Float64Array;
  readonly factor: Float64Array;
  readonly size: number;
}

const missedBy = ({ coefficients, bound }: LinearConstraint, x: Float64Array): number => dot(coefficients, x) - bound;

/** Equalities first, in their order; then the inequality that is missed most. */
function mostViolated(constraints: readonly LinearConstraint[], active: ActiveSet, x: Float64Array): number | null {
  let [found, most] = [-1, -FEASIBLE];
  for (const [at, constraint] of constraints.entries()) {
    if (active.has(at)) continue;
    const missed = missedBy(constraint, x);
    if (constraint.equality === true && Math.abs(missed) > FEASIBLE) return at;
    if (missed < most) [found, most] = [at, missed];
  }
  return found < 0 ? null : found;
}

/** Moves `x` until constraint `at` binds, letting go of those that stand in the way. False where it cannot be met. */
function meet(at: number, { constraints, active, x, factor, size }: Work): boolean {
  const constraint = constraints[at]!;
  const sign = constraint.equality === true && missedBy(constraint, x) > 0 ? -1 : 1;
  const normal = constraint.coefficients.map((value) => sign * value);
  const transformed = solveLower(factor, normal, size);
  let multiplier = 0;
  for (;;) {
    const { rest, shares } = active.split(transformed);
    const curvature = dot(rest, rest);
    const isNew = curvature > 1e-20 * dot(transformed, transformed);
    const { drop, length: dual } = active.firstToGo(shares);
    const primal = isNew ? (0 - sign * missedBy(constraint, x)) / curvature : Infinity;
    const length = Math.min(dual, primal);
    if (length === Infinity) return false;
    if (isNew) {
      const direction = solveTransposed(factor, rest, size);
      direction.forEach((value, i) => (x[i]! += length * value));
    }
    active.move(shares, length);
    multiplier += length;
    if (length === primal) {
      active.add(at, sign, multiplier);
      return true;
    }
    active.drop(drop);
  }
}
