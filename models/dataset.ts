/**
 * What the rows of a dataset may look back into: every feature row of each symbol in time order, labelled or not.
 * Shared between datasets that were cut from one another, never copied; `sequence-windows.ts` reads it, and never
 * forward of a row.
 */
export interface RowHistory {
  /** Row-major feature rows of each symbol, in the order of `symbols`, with the columns of `x`. */
  readonly values: readonly Float64Array[];
  /** For each symbol the first row a window may begin at: the end of its warm-up. */
  readonly from: Int32Array;
  /** For each row of the dataset the row of its symbol's `values` that it is. */
  readonly at: Int32Array;
}

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
  /** Weight of each row, positive, mean 1; what `labels.meta` leaves without a side, and so unlearned, may have 0. */
  readonly weight: Float64Array;
  /** Simple return realised from the decision bar's close over `labels.horizonBars`: what scores are compared with. */
  readonly realisedReturn: Float64Array;
  readonly decisionTimeMs: Float64Array;
  /**
   * When all that is learned of the row became known: its label, and with a member that learns returns its realised
   * return, which may end long after a barrier was touched. Purge, guard and the end of a training go by it.
   */
  readonly labelEndTimeMs: Float64Array;
  readonly symbolIndex: Int32Array;
  readonly symbols: readonly string[];
  /** Only estimators that look at more than one row need it. */
  readonly history?: RowHistory | undefined;
}

/**
 * The rows at `index` (any order, repeats allowed) as a dataset: a view where they are a stretch of neighbours, which
 * no copy of a large matrix is made for, else a copy. By loops: `from` with a function makes a list of numbers first,
 * and a view for each row is an object; both are garbage that keeps a second processor busy.
 */
export function takeRows(dataset: Dataset, index: Int32Array): Dataset {
  if (isStretch(index)) return stretchOf(dataset, index[0] ?? 0, index.length);
  const { width } = dataset;
  const x = new Float64Array(index.length * width);
  for (let row = 0; row < index.length; row++) {
    const from = index[row]! * width;
    const to = row * width;
    for (let column = 0; column < width; column++) x[to + column] = dataset.x[from + column]!;
  }
  const take = (column: Float64Array): Float64Array => takeInto(column, index, new Float64Array(index.length));
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
    symbolIndex: takeInto(dataset.symbolIndex, index, new Int32Array(index.length)),
    symbols: dataset.symbols,
    history: dataset.history === undefined ? undefined : takeHistory(dataset.history, index),
  };
}

function isStretch(index: Int32Array): boolean {
  for (let k = 1; k < index.length; k++) if (index[k] !== index[k - 1]! + 1) return false;
  return true;
}

function stretchOf(dataset: Dataset, from: number, rows: number): Dataset {
  const { featureNames, width, symbols, history } = dataset;
  const to = from + rows;
  return {
    featureNames,
    rows,
    width,
    x: dataset.x.subarray(from * width, to * width),
    y: dataset.y.subarray(from, to),
    weight: dataset.weight.subarray(from, to),
    realisedReturn: dataset.realisedReturn.subarray(from, to),
    decisionTimeMs: dataset.decisionTimeMs.subarray(from, to),
    labelEndTimeMs: dataset.labelEndTimeMs.subarray(from, to),
    symbolIndex: dataset.symbolIndex.subarray(from, to),
    symbols,
    history: history === undefined ? undefined : { ...history, at: history.at.subarray(from, to) },
  };
}

/**
 * The dataset with other columns in place of some. Written out, not spread: an object that a spread makes has a hidden
 * class that the garbage collector drops with the last such object, and all code that was compiled for it is then
 * compiled again.
 */
export function withColumns(
  dataset: Dataset,
  {
    x = dataset.x,
    y = dataset.y,
    weight = dataset.weight,
    realisedReturn = dataset.realisedReturn,
    history = dataset.history,
  }: Partial<Pick<Dataset, 'x' | 'y' | 'weight' | 'realisedReturn' | 'history'>>,
): Dataset {
  return {
    featureNames: dataset.featureNames,
    rows: dataset.rows,
    width: dataset.width,
    x,
    y,
    weight,
    realisedReturn,
    decisionTimeMs: dataset.decisionTimeMs,
    labelEndTimeMs: dataset.labelEndTimeMs,
    symbolIndex: dataset.symbolIndex,
    symbols: dataset.symbols,
    history,
  };
}

/** The values of `columns` of row-major `values` with `width` of them. */
export function takeColumnValues(values: Float64Array, width: number, columns: readonly number[]): Float64Array {
  const rows = values.length / width;
  const taken = new Float64Array(rows * columns.length);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let k = 0; k < columns.length; k++) taken[to++] = values[row * width + columns[k]!]!;
  }
  return taken;
}

/** The dataset with `columns` of its features alone, those of its history too. */
export function takeColumns(dataset: Dataset, columns: readonly number[]): Dataset {
  const { width, history } = dataset;
  const values = history?.values.map((own) => takeColumnValues(own, width, columns));
  return {
    ...dataset,
    featureNames: columns.map((column) => dataset.featureNames[column]!),
    width: columns.length,
    x: takeColumnValues(dataset.x, width, columns),
    history: history === undefined ? undefined : { ...history, values: values! },
  };
}

function takeHistory(history: RowHistory, index: Int32Array): RowHistory {
  return { ...history, at: takeInto(history.at, index, new Int32Array(index.length)) };
}

/** The entries of a column at `index`, into an array of as many. */
export function takeInto<Column extends Float64Array | Int32Array>(
  column: Column,
  index: Int32Array,
  into: Column,
): Column {
  for (let row = 0; row < index.length; row++) into[row] = column[index[row]!]!;
  return into;
}
