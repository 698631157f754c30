import type { CovarianceKind, PortfolioMethod } from '../../../models/experiment/rule-parameters.ts';
import { covarianceOf, type CovarianceSettings } from '../covariance/covariance-of.ts';
import { meansOf, type Returns } from '../covariance/returns.ts';
import type { SymmetricMatrix } from '../covariance/symmetric-matrix.ts';
import { blackLitterman, type View } from './black-litterman.ts';
import { hierarchicalRiskParity } from './hierarchical-risk-parity.ts';
import { meanVarianceWeights, minimumVariance, type GroupBounds } from './mean-variance.ts';
import { riskParity } from './risk-parity.ts';
import { capped, equalWeights, inverseVolatility } from './weights-of-variance.ts';
import { groupsAmong, type WrittenGroup } from './written-groups.ts';

/** How weights are found, and what they may be. */
export interface PortfolioSettings extends CovarianceSettings {
  readonly method: PortfolioMethod;
  readonly covariance: CovarianceKind;
  readonly maxWeight: number;
  /** What the weights add up to where `maxWeight` allows it, 1 at most. */
  readonly invested: number;
  readonly riskAversion: number;
  /** Of `black-litterman`: opinions per bar. */
  readonly opinions: readonly View[];
  /** Of the methods by quadratic programs: bounds of groups. Each symbol is of one at most. */
  readonly groups: readonly WrittenGroup[];
}

export interface Portfolio {
  /** From 0 to `maxWeight`, in the order of the returns' names. */
  readonly weights: Float64Array;
  /** Per bar, as the method saw it. */
  readonly covariance: SymmetricMatrix;
}

/**
 * Weights of symbols without short positions, from their returns alone. Equal input gives equal bits.
 * @throws InputError for returns without a covariance
 */
export function portfolioWeights(returns: Returns, settings: PortfolioSettings): Portfolio {
  const covariance = covarianceOf(settings.covariance, returns, settings);
  const { groups, total } = groupsAmong(settings.groups, returns.names, settings);
  const asked = { returns, covariance, bounds: { most: settings.maxWeight, groups, total } };
  return { weights: weightsBy(settings, asked), covariance };
}

interface Asked {
  readonly returns: Returns;
  readonly covariance: SymmetricMatrix;
  readonly bounds: { readonly most: number; readonly total: number; readonly groups: readonly GroupBounds[] };
}

function weightsBy(settings: PortfolioSettings, { returns, covariance, bounds }: Asked): Float64Array {
  const { riskAversion, opinions } = settings;
  const { most, total } = bounds;
  switch (settings.method) {
    case 'equal-weight':
      return capped(equalWeights(covariance.size), most, total);
    case 'inverse-volatility':
      return capped(inverseVolatility(covariance), most, total);
    case 'risk-parity':
      return capped(riskParity(covariance), most, total);
    case 'hierarchical-risk-parity':
      return capped(hierarchicalRiskParity(covariance), most, total);
    case 'minimum-variance':
      return minimumVariance(covariance, bounds);
    case 'mean-variance':
      return meanVarianceWeights(covariance, meansOf(returns), { riskAversion, ...bounds });
    case 'black-litterman': {
      const posterior = blackLitterman(covariance, opinions, { riskAversion });
      return meanVarianceWeights(posterior.covariance, posterior.means, { riskAversion, ...bounds });
    }
  }
}
