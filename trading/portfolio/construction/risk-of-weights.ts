import { exp, log } from '../../../features/arithmetic.ts';
import { dot, product, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';

/** What weights carry of a covariance. */
export interface RiskOfWeights {
  /** Standard deviation of the portfolio's return per bar. */
  readonly volatility: number;
  /** By symbol: share of the portfolio's variance; they add up to 1. 0 for all where there is no risk. */
  readonly contributions: Float64Array;
  /**
   * Exponential of the entropy of the shares (Meucci, Managing Diversification, 2009, of symbols in place of principal
   * portfolios): as many equal bets carry as much. Null where a share is below 0, as a hedge's is.
   */
  readonly effectiveBets: number | null;
}

/** Volatility per bar, the shares of risk, and the effective number of bets. */
export function riskOfWeights(covariance: SymmetricMatrix, weights: Float64Array): RiskOfWeights {
  const marginal = product(covariance, weights);
  const variance = Math.max(0, dot(weights, marginal));
  const contributions = weights.map((weight, i) => (variance === 0 ? 0 : (weight * marginal[i]!) / variance));
  return { volatility: Math.sqrt(variance), contributions, effectiveBets: effectiveNumber(contributions) };
}

/** Exponential of the entropy of shares; null where one is below 0. */
function effectiveNumber(shares: Float64Array): number | null {
  let entropy = 0;
  for (const share of shares) {
    if (share < -1e-12) return null;
    if (share > 0) entropy -= share * log(share);
  }
  return exp(entropy);
}
