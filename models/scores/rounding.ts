import { RETURN_LEVEL, ROUNDING } from '../../features/rounding.ts';

/**
 * Whether returns whose largest size is `largest` deviate by more than their rounding. A return is a quotient less 1:
 * it is off by about 2e-16 however small it is, and a computed mean by about 1e-16 of its values for each of them.
 */
export function isSpread(deviation: number, largest: number): boolean {
  return deviation > ROUNDING * Math.max(largest, RETURN_LEVEL);
}

/** Mean that is exact for equal values however many there are: of the distances from the first; NaN for none. */
export function centredMean(values: ArrayLike<number>, from = 0, to = values.length): number {
  const origin = values[from]!;
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i]! - origin;
  return origin + sum / (to - from);
}
