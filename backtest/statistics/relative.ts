import { cumulativeReturns } from './daily-returns.ts';
import { mean, sampleDeviation, varies } from './moments.ts';
import { compoundAnnualGrowth, sharpeRatio } from './sharpe-ratio.ts';

const DAYS_PER_YEAR = 365.25;

/** What part of a series of returns a benchmark explains; null where it cannot be told. */
export interface MarketModel {
  /** Return a year that the benchmark does not explain, compounded: (1 + mean(r - beta b))^P - 1. */
  readonly alpha: number | null;
  /** Return per return of the benchmark: covariance over its variance. */
  readonly beta: number | null;
}

/**
 * Regression of `returns` on `benchmark` (simple, per period, of the same periods), risk-free rate 0: Jensen's alpha in
 * a year of `periodsPerYear`, and beta. Null for fewer than two periods or a benchmark that does not vary.
 */
export function marketModel(
  returns: ArrayLike<number>,
  benchmark: ArrayLike<number>,
  periodsPerYear: number,
): MarketModel {
  if (returns.length < 2 || !varies(benchmark)) return { alpha: null, beta: null };
  const [centre, other] = [mean(returns), mean(benchmark)];
  let covariance = 0;
  let variance = 0;
  for (let at = 0; at < returns.length; at++) {
    const apart = benchmark[at]! - other;
    covariance += (returns[at]! - centre) * apart;
    variance += apart * apart;
  }
  const beta = covariance / variance;
  return { alpha: (1 + centre - beta * other) ** periodsPerYear - 1, beta };
}

/** Pearson correlation; null for fewer than two periods or where one side does not vary. */
export function correlation(returns: ArrayLike<number>, benchmark: ArrayLike<number>): number | null {
  if (returns.length < 2 || !varies(returns) || !varies(benchmark)) return null;
  const { beta } = marketModel(returns, benchmark, 1);
  return (beta! * sampleDeviation(benchmark)) / sampleDeviation(returns);
}

/** Deviation of the difference of returns a year, and the mean difference over it; null where that does not vary. */
export function trackingOf(
  returns: Float64Array,
  benchmark: Float64Array,
  periodsPerYear: number,
): { trackingError: number | null; informationRatio: number | null } {
  const active = returns.map((value, at) => value - benchmark[at]!);
  if (active.length < 2) return { trackingError: null, informationRatio: null };
  const trackingError = sampleDeviation(active) * Math.sqrt(periodsPerYear);
  return { trackingError, informationRatio: sharpeRatio(active, periodsPerYear) };
}

/**
 * Annual growth over the periods in which the benchmark rose (`up`) or fell (`down`), over its own in them: 1 went with
 * it. Null where there was none, or no growth can be told.
 */
export function captureRatio(
  returns: ArrayLike<number>,
  benchmark: ArrayLike<number>,
  { side, periodsPerYear }: { side: 'up' | 'down'; periodsPerYear: number },
): number | null {
  const kept = Array.from({ length: returns.length }, (_, at) => at).filter((at) =>
    side === 'up' ? benchmark[at]! > 0 : benchmark[at]! < 0,
  );
  const growth = (values: ArrayLike<number>): number | null => {
    const total = cumulativeReturns(kept.map((at) => values[at]!)).at(-1) ?? 0;
    return compoundAnnualGrowth(1, 1 + total, (kept.length / periodsPerYear) * DAYS_PER_YEAR);
  };
  const [own, other] = [growth(returns), growth(benchmark)];
  return own === null || other === null || other === 0 ? null : own / other;
}
