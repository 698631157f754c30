import { solvePositive } from './linear-system.ts';

/** Lengths in bars of the middle and the long mean; the short one is the last bar. */
export interface HarSpans {
  readonly week: number;
  readonly month: number;
}

/** next variance = intercept + day x last + week x mean of a week + month x mean of a month. */
export interface HarFit {
  readonly intercept: number;
  readonly day: number;
  readonly week: number;
  readonly month: number;
  /** Variances that the fit has seen; a forecast outside is not believed. */
  readonly least: number;
  readonly most: number;
  readonly mean: number;
}

/** Rows that a fit needs beyond the first month. */
export const HAR_ROWS_MIN = 10;
/** Columns that agree in so many digits are one column. */
const PIVOT_SHARE = 1e-10;

/**
 * Fits the heterogeneous autoregression of Corsi (Journal of Financial Econometrics 7(2), 2009) to realised variances
 * by least squares. Null with fewer than month + 10 variances, or where they do not tell the four coefficients apart.
 */
export function fitHar(variances: Float64Array, spans: HarSpans): HarFit | null {
  const n = variances.length;
  if (n < spans.month + HAR_ROWS_MIN) return null;
  let [mean, least, most] = [0, Infinity, 0];
  for (const value of variances) {
    mean += value / n;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (!(mean > 0)) return null;
  const gram = new Float64Array(16);
  const moments = new Float64Array(4);
  for (let next = spans.month; next < n; next++) {
    const row = regressors(variances, next, spans);
    for (let i = 1; i < 4; i++) row[i]! /= mean;
    for (let i = 0; i < 4; i++) {
      moments[i]! += row[i]! * (variances[next]! / mean);
      for (let j = 0; j < 4; j++) gram[i * 4 + j]! += row[i]! * row[j]!;
    }
  }
  const found = solvePositive(gram, moments, 4, PIVOT_SHARE);
  if (found === null) return null;
  return { intercept: found[0]! * mean, day: found[1]!, week: found[2]!, month: found[3]!, least, most, mean };
}

/** 1, the last variance before `next`, and the means of a week and a month before it. */
function regressors(
  variances: Float64Array,
  next: number,
  { week, month }: HarSpans,
): [number, number, number, number] {
  return [1, variances[next - 1]!, meanBefore(variances, next, week), meanBefore(variances, next, month)];
}

function meanBefore(values: Float64Array, end: number, length: number): number {
  let sum = 0;
  for (let i = end - length; i < end; i++) sum += values[i]!;
  return sum / length;
}

/**
 * Forecast of the variance of the bar after the last of `variances`, which hold at least a month. A forecast that no
 * variance of the fit was as small or as large as is replaced by their mean (Bollerslev, Patton and Quaedvlieg 2016).
 */
export function forecastHar(fit: HarFit, variances: Float64Array, spans: HarSpans): number {
  const [, day, week, month] = regressors(variances, variances.length, spans);
  const forecast = fit.intercept + fit.day * day + fit.week * week + fit.month * month;
  return forecast > 0 && forecast >= fit.least && forecast <= fit.most ? forecast : fit.mean;
}
