import { logRatio } from '../arithmetic.ts';
import type { Bar } from '../bar.ts';
import { GARMAN_KLASS } from '../kernels/volatility.ts';

/** 2^34. */
const STEPS = 17179869184;

/**
 * ln(a / b) in steps of 2^-34 (6e-11), 0 unless both are positive. What is smaller is the rounding of prices, and the
 * end of a fit hangs on every bit: so it is the same for prices in cents and in dollars.
 */
export function steppedLogRatio(a: number, b: number): number {
  return Math.round(logRatio(a, b) * STEPS) / STEPS;
}

/**
 * Estimate of a bar's variance, the move since the close before included: its square and the range of Garman and Klass
 * (1980). A bar that is not in order gives no less than 0.
 */
export function rangeVariance({ open, high, low, close }: Bar, previousClose: number): number {
  const gap = steppedLogRatio(open, previousClose);
  const range = steppedLogRatio(high, low);
  const move = steppedLogRatio(close, open);
  return gap * gap + Math.max(0, 0.5 * range * range - GARMAN_KLASS * move * move);
}

/** Square of the return from close to close. */
export function squaredReturn({ close }: Bar, previousClose: number): number {
  const move = steppedLogRatio(close, previousClose);
  return move * move;
}
