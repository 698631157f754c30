import { solvePositive } from '../../../features/fitted/linear-system.ts';
import { SignalboxError } from '../../../infra/errors.ts';

/** Solves `A x = b` for a symmetric positive definite row-major `A` (`size * size`); neither input is changed. */
export function solveCholesky(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const solution = solvePositive(a, b, size);
  if (solution !== null) return solution;
  throw new SignalboxError('linear system is not positive definite', { remedy: 'raise the penalty' });
}
