/**
 * The part of a number below which a difference is the rounding of what was subtracted, not a movement. Prices have 53
 * bits (1e-16); sums of hundreds of them, and features of features, lose a few digits more. Relative always: prices of
 * 1e-18 and of 1e18 behave alike.
 */
export const ROUNDING = 1e-12;

/**
 * The size that simple returns are held against: one is a ratio of about 1 less 1, so that its rounding is 1e-16
 * however small it is itself.
 */
export const RETURN_LEVEL = 1e-3;

/** Whether `a` is above `b` by more than rounding explains. */
export function above(a: number, b: number): boolean {
  return a - b > ROUNDING * Math.max(Math.abs(a), Math.abs(b));
}
