import { InputError } from '../../../infra/errors.ts';
import { crossProducts } from './sample-covariance.ts';
import { requireReturns, type Returns } from './returns.ts';
import type { SymmetricMatrix } from './symmetric-matrix.ts';

/** RiskMetrics' decay for daily returns (J. P. Morgan, RiskMetrics Technical Document, 1996). */
const DAILY_DECAY = 0.94;

/**
 * Exponentially weighted covariance around a mean of zero: each bar weighs `decay` of the next one, and weights add up
 * to 1. Per bar, as squared fractions. @throws InputError for a decay outside (0, 1), or returns that have none
 */
export function ewmaCovariance(returns: Returns, decay = DAILY_DECAY): SymmetricMatrix {
  requireReturns(returns);
  if (!(decay > 0 && decay < 1)) throw new InputError(`decay ${decay} is not between 0 and 1`, 'Give 0.94, say.');
  const width = returns.names.length;
  const values = returns.values.slice();
  let [weight, sum] = [1, 0];
  for (let row = returns.rows - 1; row >= 0; row--) {
    const root = Math.sqrt(weight);
    for (let column = 0; column < width; column++) values[row * width + column]! *= root;
    sum += weight;
    weight *= decay;
  }
  return crossProducts({ ...returns, values }, sum);
}
