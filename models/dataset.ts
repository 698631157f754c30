/**
 * Rows an estimator may learn from: one row is one symbol at one decision time (a bar's close).
 * Everything is columnar; `x` is row-major. Rows ascend in `decisionTimeMs`, then in `symbolIndex`.
 */
export interface Dataset {
  readonly featureNames: readonly string[];
  readonly rows: number;
  /** Number of features: `featureNames.length`. */
  readonly width: number;
  /** `rows * width` features; NaN marks a missing value. */
  readonly x: Float64Array;
  /** Class of each row, 0 or 1 (1: the label says up). */
  readonly y: Float64Array;
  /** Weight of each row, positive, mean 1. */
  readonly weight: Float64Array;
  /** Simple return realised from the decision bar's close over `labels.horizonBars`: what scores are compared with. */
  readonly realisedReturn: Float64Array;
  readonly decisionTimeMs: Float64Array;
  /** When the label became known: the purge uses `[decisionTimeMs, labelEndTimeMs]`. */
  readonly labelEndTimeMs: Float64Array;
  readonly symbolIndex: Int32Array;
  readonly symbols: readonly string[];
}

/** Copies the rows at `index` (any order, repeats allowed) into a new dataset. */
export function takeRows(dataset: Dataset, index: Int32Array): Dataset {
  const { width } = dataset;
  const x = new Float64Array(index.length * width);
  for (let row = 0; row < index.length; row++) {
    const from = index[row]! * width;
    x.set(dataset.x.subarray(from, from + width), row * width);
  }
  const take = (column: Float64Array): Float64Array => Float64Array.from(index, (row) => column[row]!);
  return {
    featureNames: dataset.featureNames,
    rows: index.length,
    width,
    x,
    y: take(dataset.y),
    weight: take(dataset.weight),
    realisedReturn: take(dataset.realisedReturn),
    decisionTimeMs: take(dataset.decisionTimeMs),
    labelEndTimeMs: take(dataset.labelEndTimeMs),
    symbolIndex: Int32Array.from(index, (row) => dataset.symbolIndex[row]!),
    symbols: dataset.symbols,
  };
}
