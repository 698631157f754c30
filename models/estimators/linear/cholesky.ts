import { positiveFactor, solveLower, solveTransposed } from '../../../features/fitted/linear-system.ts';
import { SignalboxError } from '../../../infra/errors.ts';

/** Solves `A x = b` for a symmetric positive definite row-major `A` (`size * size`); neither input is changed. */
export function solveCholesky(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const factor = choleskyFactor(a, size);
  return solveTransposed(factor, solveLower(factor, b, size), size);
}

/**
 * The lower factor `L` of a symmetric positive definite row-major `A = L L'`; what stands above the diagonal is of no
 * meaning. SignalboxError for another matrix.
 */
export function choleskyFactor(a: Float64Array, size: number): Float64Array {
  const factor = positiveFactor(a, size);
  if (factor !== null) return factor;
  throw new SignalboxError('linear system is not positive definite', { remedy: 'raise the penalty' });
}
