import { quantile } from '../../models/scores/block-bootstrap.ts';
import { isSpread } from '../../models/scores/rounding.ts';

/**
 * Moments of a series. Every function takes simple returns (fractions) or any other finite numbers and never changes
 * them.
 */

/** Arithmetic mean; NaN for an empty series. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sum of (value - mean)^power over the length: the central moment, with n in the denominator. */
function centralMoment(values: ArrayLike<number>, power: 2 | 3 | 4): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const distance = values[i]! - centre;
    const square = distance * distance;
    sum += power === 2 ? square : power === 3 ? square * distance : square * square;
  }
  return sum / values.length;
}

/** Sample standard deviation (n - 1); NaN for fewer than two values. */
export function sampleDeviation(values: ArrayLike<number>): number {
  const n = values.length;
  return n < 2 ? Number.NaN : Math.sqrt((centralMoment(values, 2) * n) / (n - 1));
}

/**
 * Whether a series varies by more than the rounding of its own values. A constant series has a computed deviation near
 * 1e-18, not 0, and a ratio over that would be noise: it is treated as no variation at all.
 */
export function varies(values: ArrayLike<number>): boolean {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return isSpread(sampleDeviation(values), largest);
}

/** Skewness m3 / m2^1.5 (moments over n, as in the papers on the Sharpe ratio); NaN without variation. */
export function skewness(values: ArrayLike<number>): number {
  return centralMoment(values, 3) / centralMoment(values, 2) ** 1.5;
}

/** Kurtosis m4 / m2^2, not in excess: 3 for a normal distribution; NaN without variation. */
export function kurtosis(values: ArrayLike<number>): number {
  return centralMoment(values, 4) / centralMoment(values, 2) ** 2;
}

/** Median of values in any order; NaN for none. */
export function median(values: ArrayLike<number>): number {
  return values.length === 0 ? Number.NaN : quantile(Float64Array.from(values).sort(), 0.5);
}
