import type { Dataset } from '../../dataset.ts';

/**
 * Weights under which both classes weigh the same and the mean is unchanged; the weights themselves when one class is
 * absent.
 */
export function balancedWeights(dataset: Pick<Dataset, 'rows' | 'y' | 'weight'>): Float64Array {
  let total = 0;
  let positive = 0;
  for (let row = 0; row < dataset.rows; row++) {
    total += dataset.weight[row]!;
    positive += dataset.weight[row]! * dataset.y[row]!;
  }
  if (positive === 0 || positive === total) return dataset.weight;
  const up = total / (2 * positive);
  const down = total / (2 * (total - positive));
  return dataset.weight.map((weight, row) => weight * (dataset.y[row] === 1 ? up : down));
}
