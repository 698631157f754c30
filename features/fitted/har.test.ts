import { describe, expect, it } from 'vitest';
import { fitHar, forecastHar } from './har.ts';
import { normals } from './testing/normals.ts';

const SPANS = { week: 5, month: 22 };

/** Variances that follow the model with noise of `deviation`. */
function simulate(length: number, deviation: number): Float64Array {
  const normal = normals(4);
  const values = new Float64Array(length);
  const mean = (end: number, span: number): number =>
    values.subarray(end - span, end).reduce((sum, value) => sum + value, 0) / span;
  for (let i = 0; i < length; i++) {
    if (i < SPANS.month) values[i] = 1 + 0.3 * Math.abs(normal());
    else values[i] = 0.1 + 0.3 * values[i - 1]! + 0.4 * mean(i, 5) + 0.2 * mean(i, 22) + deviation * Math.abs(normal());
  }
  return values;
}

describe('a heterogeneous autoregression', () => {
  it('finds the coefficients that variances were made with', () => {
    const fit = fitHar(simulate(60, 0), SPANS)!;
    expect(fit.intercept).toBeCloseTo(0.1, 6);
    expect([fit.day, fit.week, fit.month].map((value) => Math.round(value * 1e5) / 1e5)).toEqual([0.3, 0.4, 0.2]);
  });

  it('forecasts the next variance, and their mean where no variance was ever so', () => {
    const values = simulate(400, 0.2);
    const fit = fitHar(values, SPANS)!;
    const [day, week, month] = [1, 5, 22].map((span) => values.slice(-span).reduce((sum, x) => sum + x, 0) / span);
    const expected = fit.intercept + fit.day * day! + fit.week * week! + fit.month * month!;
    expect(forecastHar(fit, values, SPANS)).toBeCloseTo(expected, 12);
    expect(forecastHar({ ...fit, intercept: -5 }, values, SPANS)).toBe(fit.mean);
    expect(forecastHar({ ...fit, intercept: 50 }, values, SPANS)).toBe(fit.mean);
  });

  it('is none of too few variances, or of such that do not vary', () => {
    expect(fitHar(simulate(31, 0.2), SPANS)).toBeNull();
    expect(fitHar(new Float64Array(100).fill(0.5), SPANS)).toBeNull();
    expect(fitHar(new Float64Array(100), SPANS)).toBeNull();
  });
});
