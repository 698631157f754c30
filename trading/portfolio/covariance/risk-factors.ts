import { eigenOf } from '../../../models/estimators/reduction/eigen.ts';
import type { FactorModel } from './given-factors.ts';
import { dot, product, type SymmetricMatrix } from './symmetric-matrix.ts';

/** A principal component of a covariance, and what a portfolio has of it. */
export interface RiskComponent {
  /** Share of the variance of all symbols together, 0 to 1. */
  readonly ofSymbols: number;
  /** Share of the portfolio's variance; those of all components add up to 1. */
  readonly ofPortfolio: number;
}

/** The first `count` principal components; shares of a portfolio without risk are 0. */
export function riskComponents(covariance: SymmetricMatrix, weights: Float64Array, count: number): RiskComponent[] {
  const { values, vectors } = eigenOf(covariance);
  const all = values.reduce((sum, one) => sum + Math.max(0, one), 0);
  const variance = dot(weights, product(covariance, weights));
  return [...values.subarray(0, count)].map((value, k) => {
    const exposure = dot(vectors[k]!, weights);
    return {
      ofSymbols: Math.max(0, value) / all,
      ofPortfolio: variance > 0 ? (Math.max(0, value) * exposure * exposure) / variance : 0,
    };
  });
}

/** What a portfolio has of a given factor. */
export interface FactorRisk {
  readonly factor: string;
  /** Return of the portfolio per return of the factor, the others held. */
  readonly exposure: number;
  /** Share of the portfolio's variance; with that of the residual they add up to 1. */
  readonly share: number;
}

/** The exposures of a portfolio to given factors, their shares of its variance, and the share that none explains. */
export function factorRisks(
  { factors, loadings, factorCovariance, residual }: FactorModel,
  weights: Float64Array,
): { readonly factors: readonly FactorRisk[]; readonly residualShare: number } {
  const exposure = Float64Array.from(factors, (_, k) =>
    weights.reduce((sum, weight, i) => sum + weight * loadings[i]![k]!, 0),
  );
  const marginal = product(factorCovariance, exposure);
  const own = weights.reduce((sum, weight, i) => sum + weight * weight * residual[i]!, 0);
  const variance = dot(exposure, marginal) + own;
  const shareOf = (part: number): number => (variance > 0 ? part / variance : 0);
  return {
    factors: factors.map((factor, k) => {
      return { factor, exposure: exposure[k]!, share: shareOf(exposure[k]! * marginal[k]!) };
    }),
    residualShare: shareOf(own),
  };
}
