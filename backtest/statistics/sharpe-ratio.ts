import { mean, sampleDeviation, varies } from './moments.ts';

/** Sample deviation of per-period returns x sqrt(periods per year); NaN for fewer than two returns. */
export function annualVolatility(returns: ArrayLike<number>, periodsPerYear: number): number {
  return sampleDeviation(returns) * Math.sqrt(periodsPerYear);
}

/**
 * Mean over sample deviation x sqrt(periods per year), risk-free rate 0; null when the returns do not vary or are fewer
 * than two.
 */
export function sharpeRatio(returns: ArrayLike<number>, periodsPerYear: number): number | null {
  if (returns.length < 2 || !varies(returns)) return null;
  return (mean(returns) / sampleDeviation(returns)) * Math.sqrt(periodsPerYear);
}

/** Root mean square of the negative returns over all periods x sqrt(periods per year); NaN for none. */
export function downsideDeviation(returns: ArrayLike<number>, periodsPerYear: number): number {
  let sum = 0;
  for (let i = 0; i < returns.length; i++) sum += Math.min(returns[i]!, 0) ** 2;
  return Math.sqrt((sum / returns.length) * periodsPerYear);
}

/**
 * Mean x periods per year over the downside deviation; null without a negative return or with fewer than two returns.
 */
export function sortinoRatio(returns: ArrayLike<number>, periodsPerYear: number): number | null {
  const downside = downsideDeviation(returns, periodsPerYear);
  if (returns.length < 2 || !(downside > 0)) return null;
  return (mean(returns) * periodsPerYear) / downside;
}

const DAYS_PER_YEAR = 365.25;

/** Compound annual growth (final / initial)^(365.25 / days) - 1; null over no time, or when nothing was left. */
export function compoundAnnualGrowth(initial: number, final: number, days: number): number | null {
  if (!(days > 0) || !(initial > 0) || !(final > 0)) return null;
  return (final / initial) ** (DAYS_PER_YEAR / days) - 1;
}

/** Growth over |deepest drawdown|; null when one of them is missing or there was no drawdown. */
export function calmarRatio(growth: number | null, depth: number): number | null {
  return growth === null || !(depth < 0) ? null : growth / -depth;
}
