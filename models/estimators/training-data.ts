import { InputError } from '../../infra/errors.ts';
import { takeRows, type Dataset } from '../dataset.ts';

/** Share of a row of usual weight below which a row says nothing. */
const COUNTED_MIN = 1e-3;
/** Share of all weight that such rows may have together. */
const UNCOUNTED_MAX = 1e-2;

/**
 * The rows that count. Rows of next to no weight still take their place among quantiles, centres, draws and batches,
 * and keep pure leaves from being pure: 400 of weight 1e-6 moved what a forest says from 0.93 to 0.81. They are left
 * out where each has less than a thousandth of the usual weight (the mean of the weights by themselves, which such rows
 * do not move) and all of them less than a hundredth of the weight together. The dataset itself where all count.
 */
export function countedRows(dataset: Dataset): Dataset {
  const { rows, weight } = dataset;
  let [total, squares, least] = [0, 0, Infinity];
  for (let row = 0; row < rows; row++) {
    const own = weight[row]!;
    total += own;
    squares += own * own;
    if (own < least) least = own;
  }
  const from = COUNTED_MIN * (squares / total);
  if (!(least < from)) return dataset;
  let left = 0;
  const counted: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (weight[row]! < from) left += weight[row]!;
    else counted.push(row);
  }
  return left > UNCOUNTED_MAX * total ? dataset : takeRows(dataset, Int32Array.from(counted));
}

/**
 * The rows that an estimator learns from, `countedRows`. Refuses data no estimator can learn from; the message names
 * the row or column. NaN and infinite features are allowed.
 */
export function trainableRows(dataset: Dataset): Dataset {
  const { rows, width, x, y, weight } = dataset;
  const remedy = 'check the training window, the feature set and the labels';
  if (rows < 1 || width < 1) throw new InputError(`nothing to learn from: ${rows} rows of ${width} features`, remedy);
  if (x.length !== rows * width || dataset.featureNames.length !== width) {
    throw new InputError(
      `training data of ${rows} rows and ${width} features needs ${rows * width} values and ${width} names, ` +
        `got ${x.length} and ${dataset.featureNames.length}`,
      remedy,
    );
  }
  if (y.length !== rows || weight.length !== rows) {
    throw new InputError(`${rows} rows need as many labels and weights, got ${y.length} and ${weight.length}`, remedy);
  }
  for (let row = 0; row < rows; row++) {
    if (y[row] !== 0 && y[row] !== 1) throw new InputError(`label of row ${row} is ${y[row]}, not 0 or 1`, remedy);
    if (!(weight[row]! > 0 && weight[row]! < Infinity)) {
      throw new InputError(`weight of row ${row} is ${weight[row]}, not a positive number`, remedy);
    }
  }
  return countedRows(dataset);
}

/** How far a mean weight may be from 1 by rounding. */
const MEAN_ROUNDING = 1e-6;

/**
 * Weights of mean 1, for learners that hold sums of weights against constants (a least leaf, a penalty): in which unit
 * weights are given says nothing. The dataset itself where they are so already.
 */
export function withMeanWeight(dataset: Dataset): Dataset {
  const mean = dataset.weight.reduce((sum, weight) => sum + weight, 0) / dataset.rows;
  if (Math.abs(mean - 1) <= MEAN_ROUNDING) return dataset;
  return { ...dataset, weight: dataset.weight.map((weight) => weight / mean) };
}

/** Refuses input whose size is not `rows * width`: the caller's rows have other features than the model. */
export function assertInput(
  x: Float64Array,
  rows: number,
  model: { kind: string; featureNames: readonly string[]; window?: number },
): void {
  const width = model.featureNames.length;
  const window = model.window ?? 1;
  if (x.length === rows * window * width) return;
  const over = window === 1 ? '' : ` over ${window} rows`;
  throw new InputError(
    `model of kind "${model.kind}" was trained on ${width} features${over}: ${rows} rows need ${rows * window * width} values, got ${x.length}`,
    'build the rows with the feature set of the model',
  );
}

/** Where `predict` writes: the caller's array when it is large enough, else a new one. */
export function outputOf(rows: number, out: Float64Array | undefined): Float64Array {
  if (out === undefined) return new Float64Array(rows);
  if (out.length < rows) throw new InputError(`output array holds ${out.length} values, ${rows} are needed`);
  return out;
}

/** Share of weight with label 1. */
export function weightedPrior(dataset: Pick<Dataset, 'rows' | 'y' | 'weight'>): number {
  let total = 0;
  let positive = 0;
  for (let row = 0; row < dataset.rows; row++) {
    total += dataset.weight[row]!;
    positive += dataset.weight[row]! * dataset.y[row]!;
  }
  return positive / total;
}
