import { crossProducts } from './sample-covariance.ts';
import { centred, requireReturns, type Returns } from './returns.ts';
import { shrink, type Shrunk } from './shrunk-covariance.ts';
import { meanVariance } from './symmetric-matrix.ts';

/**
 * Covariance shrunk by Ledoit and Wolf (A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices, 2004),
 * from the covariance by `rows`, as scikit-learn has it. @throws InputError for returns that have none
 */
export function ledoitWolf(returns: Returns): Shrunk {
  requireReturns(returns);
  const { rows, names } = returns;
  const width = names.length;
  const x = centred(returns);
  const sample = crossProducts(x, rows);
  const mean = meanVariance(sample);
  // Distance of the sample from its target, and how much of it is noise; both are divided by the width.
  let distance = -width * mean * mean;
  for (const value of sample.values) distance += value * value;
  const squares = crossProducts({ ...x, values: x.values.map((value) => value * value) }, rows);
  let noise = 0;
  squares.values.forEach((value, i) => (noise += value - sample.values[i]! * sample.values[i]!));
  noise = Math.min(noise / rows, distance);
  return shrink(sample, distance > 0 && noise > 0 ? noise / distance : 0);
}
