import { crossProducts } from './sample-covariance.ts';
import { centred, requireReturns, type Returns } from './returns.ts';
import { shrink, type Shrunk } from './shrunk-covariance.ts';
import { meanVariance } from './symmetric-matrix.ts';

/**
 * Oracle approximating shrinkage (Chen, Wiesel, Eldar and Hero, Shrinkage Algorithms for MMSE Covariance Estimation,
 * 2010), from the covariance by `rows`, as scikit-learn has it. @throws InputError for returns that have none
 */
export function oracleApproximating(returns: Returns): Shrunk {
  requireReturns(returns);
  const { rows, names } = returns;
  const width = names.length;
  const sample = crossProducts(centred(returns), rows);
  const mean = meanVariance(sample);
  let meanSquare = 0;
  for (const value of sample.values) meanSquare += value * value;
  meanSquare /= width * width;
  const numerator = meanSquare + mean * mean;
  const denominator = (rows + 1) * (meanSquare - (mean * mean) / width);
  return shrink(sample, denominator > 0 ? Math.min(numerator / denominator, 1) : 1);
}
