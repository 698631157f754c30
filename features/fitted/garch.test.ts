import { describe, expect, it } from 'vitest';
import { garchCurvature, garchLikelihood, garchSeries, type GarchParameters } from './garch-likelihood.ts';
import { fitGarch } from './garch.ts';
import { normals } from './testing/normals.ts';

const NAMES = ['mu', 'omega', 'alpha', 'beta'] as const;

/** Returns of a GARCH(1,1) that starts at its long-run variance. */
function simulate({ mu, omega, alpha, beta }: GarchParameters, length: number, seed: number): Float64Array {
  const normal = normals(seed);
  let h = omega / (1 - alpha - beta);
  return Float64Array.from({ length }, () => {
    const e = Math.sqrt(h) * normal();
    h = omega + alpha * e * e + beta * h;
    return mu + e;
  });
}

const TRUTH = { mu: 0.05, omega: 0.02, alpha: 0.1, beta: 0.85 };

/** The likelihood spelled out: no bound, one logarithm a return. */
function spelledOut(returns: Float64Array, { mu, omega, alpha, beta }: GarchParameters): number {
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const first = [...returns.subarray(0, 75)].map((value, i) => [0.94 ** i, (value - mean) ** 2] as const);
  const before = first.reduce((sum, [w, x]) => sum + w * x, 0) / first.reduce((sum, [w]) => sum + w, 0);
  let h = omega + (alpha + beta) * before;
  let sum = 0;
  for (const value of returns) {
    const e = value - mu;
    sum -= 0.5 * (Math.log(2 * Math.PI) + Math.log(h) + (e * e) / h);
    h = omega + alpha * e * e + beta * h;
  }
  return sum;
}

describe('the likelihood of a GARCH(1,1)', () => {
  const returns = simulate(TRUTH, 700, 3);
  const series = garchSeries(returns, returns.reduce((sum, value) => sum + value, 0) / returns.length);

  it('is that of its formula', () => {
    for (const at of [TRUTH, { mu: -0.1, omega: 0.3, alpha: 0.01, beta: 0.2 }]) {
      expect(garchLikelihood(series, at).logLikelihood).toBeCloseTo(spelledOut(returns, at), 8);
    }
  });

  it('has the slopes and curvatures that differences of it have', () => {
    const at = { mu: 0.08, omega: 0.04, alpha: 0.12, beta: 0.78 };
    const { gradient, hessian } = garchCurvature(series, at);
    const step = 1e-5;
    NAMES.forEach((name, i) => {
      const [up, down] = [step, -step].map((d) => ({ ...at, [name]: at[name] + d }));
      const slope = garchLikelihood(series, up!).logLikelihood - garchLikelihood(series, down!).logLikelihood;
      expect(slope / (2 * step) / gradient[i]!).toBeCloseTo(1, 5);
      const [above, below] = [up!, down!].map((where) => garchCurvature(series, where).gradient);
      NAMES.forEach((_, j) => {
        const bend = (above![j]! - below![j]!) / (2 * step);
        const size = Math.sqrt(hessian[i * 4 + i]! * hessian[j * 4 + j]!);
        expect((bend - hessian[i * 4 + j]!) / size).toBeCloseTo(0, 5);
      });
    });
  });
});

describe('a fitted GARCH(1,1)', () => {
  it.each([1, 2, 3, 4, 5, 6])('has parameters within three standard errors of those it was made with (%i)', (seed) => {
    const fit = fitGarch(simulate(TRUTH, 4_000, seed))!;
    expect(fit.converged).toBe(true);
    for (const name of NAMES) {
      expect(Math.abs(fit[name] - TRUTH[name])).toBeLessThan(3 * fit.standardErrors![name]);
      expect(fit.standardErrors![name]).toBeLessThan(0.3 * (TRUTH[name] + 0.05));
    }
  });

  it('lies at a top: no step to any side is higher', () => {
    for (const seed of [1, 2, 3, 4]) {
      const returns = simulate({ ...TRUTH, alpha: 0.2, beta: 0.6 }, 300, seed);
      const fit = fitGarch(returns)!;
      const series = garchSeries(returns, returns.reduce((sum, value) => sum + value, 0) / returns.length);
      expect(garchLikelihood(series, fit).logLikelihood).toBeCloseTo(fit.logLikelihood, 8);
      for (const name of NAMES) {
        for (const share of [-1e-3, 1e-3]) {
          const aside = { ...fit, [name]: fit[name] * (1 + share) };
          if (aside.alpha + aside.beta > 1) continue;
          expect(garchLikelihood(series, aside).logLikelihood).toBeLessThan(fit.logLikelihood + 1e-9);
        }
      }
    }
  });

  it('stays inside its bounds where nothing depends on the past, and gives no errors there', () => {
    const atBound = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const normal = normals(seed);
      const fit = fitGarch(Float64Array.from({ length: 400 }, normal))!;
      expect(Math.min(fit.omega, fit.alpha, fit.beta)).toBeGreaterThanOrEqual(0);
      expect(fit.alpha + fit.beta).toBeLessThanOrEqual(1);
      expect(fit.nextVariance).toBeGreaterThan(0.5);
      expect(fit.nextVariance).toBeLessThan(2);
      return fit.standardErrors === null;
    });
    expect(atBound).toContain(true);
  });

  it('ends where alpha and beta make 1 on returns that grow ever wilder', () => {
    const normal = normals(4);
    const fit = fitGarch(Float64Array.from({ length: 400 }, (_, i) => Math.exp(i / 50) * normal()))!;
    expect(fit.alpha + fit.beta).toBeCloseTo(1, 12);
    expect(fit.alpha + fit.beta).toBeLessThanOrEqual(1 + 1e-12);
    expect(fit.standardErrors).toBeNull();
  });

  it('goes with the unit of the returns', () => {
    const returns = simulate(TRUTH, 800, 9);
    const [percent, fraction] = [fitGarch(returns)!, fitGarch(returns.map((value) => value / 100))!];
    expect((fraction.omega / percent.omega) * 1e4).toBeCloseTo(1, 8);
    expect(fraction.alpha).toBeCloseTo(percent.alpha, 9);
    expect(fraction.logLikelihood - 800 * Math.log(100)).toBeCloseTo(percent.logLikelihood, 6);
  });

  it('is none of too few returns, or of returns that do not vary', () => {
    expect(fitGarch(simulate(TRUTH, 19, 1))).toBeNull();
    expect(fitGarch(new Float64Array(100).fill(0.01), { mean: 'zero' })).not.toBeNull();
    expect(fitGarch(new Float64Array(100))).toBeNull();
    expect(fitGarch(new Float64Array(100).fill(0.0123))).toBeNull();
  });
});
