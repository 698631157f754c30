import type { Dataset } from '../../dataset.ts';

/**
 * Root of the weighted mean square by which `predicted` and realised returns differ; rows without a prediction (NaN) do
 * not count.
 */
export function returnResidual(dataset: Pick<Dataset, 'realisedReturn' | 'weight'>, predicted: Float64Array): number {
  let total = 0;
  let squares = 0;
  predicted.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    total += dataset.weight[row]!;
    squares += dataset.weight[row]! * (dataset.realisedReturn[row]! - value) ** 2;
  });
  return total > 0 ? Math.sqrt(squares / total) : 0;
}
