import { InputError } from '../../infra/errors.ts';
import type { Dataset, RowHistory } from '../dataset.ts';

/** Rows that may be predicted: a dataset, or the newest rows, which have no label yet. */
export type PredictableRows = Pick<
  Dataset,
  'x' | 'rows' | 'width' | 'symbolIndex' | 'symbols' | 'decisionTimeMs' | 'history'
>;

/**
 * The history of rows that each must have `window` rows up to and with itself. InputError naming the first row that has
 * fewer: nothing is made up for rows that are not there.
 */
export function requireWindows(data: PredictableRows, window: number): RowHistory {
  const { history } = data;
  if (history === undefined) {
    throw new InputError(
      `a model that looks at ${window} rows was given rows without their history`,
      'build the dataset with buildDataset, which keeps it',
    );
  }
  for (let row = 0; row < data.rows; row++) {
    const symbol = data.symbolIndex[row]!;
    const known = history.at[row]! - history.from[symbol]! + 1;
    if (known >= window) continue;
    const time = new Date(data.decisionTimeMs[row]!).toISOString();
    throw new InputError(
      `${data.symbols[symbol]} at ${time} has ${Math.max(0, known)} of the ${window} rows that the model looks at`,
      'give buildDataset the window of the experiment, or more history',
    );
  }
  return history;
}

/**
 * Copies the windows of rows `[from, to)`, oldest row first: `(to - from) * window * width` values. Never reads past a
 * row.
 */
export function gatherWindows(
  data: PredictableRows,
  window: number,
  range: { from: number; to: number },
): Float64Array {
  const { width } = data;
  const { from, to } = range;
  if (window === 1) return data.x.subarray(from * width, to * width);
  const history = requireWindows(data, window);
  const out = new Float64Array((to - from) * window * width);
  for (let row = from; row < to; row++) {
    const end = (history.at[row]! + 1) * width;
    const values = history.values[data.symbolIndex[row]!]!;
    out.set(values.subarray(end - window * width, end), (row - from) * window * width);
  }
  return out;
}

/** The last `kept` rows of each of `rows` windows. */
export function tailOfWindows(
  x: Float64Array,
  rows: number,
  size: { window: number; kept: number; width: number },
): Float64Array {
  const { window, kept, width } = size;
  if (kept === window) return x;
  const out = new Float64Array(rows * kept * width);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * window * width;
    out.set(x.subarray(end - kept * width, end), row * kept * width);
  }
  return out;
}

/** Adds to rows without a history one made of the rows themselves: for tables that are whole series already. */
export function withOwnHistory(data: Dataset): Dataset {
  const { rows, width, symbolIndex } = data;
  const counts = new Int32Array(data.symbols.length);
  const at = Int32Array.from({ length: rows }, (_, row) => counts[symbolIndex[row]!]!++);
  const values = Array.from(counts, (count) => new Float64Array(count * width));
  for (let row = 0; row < rows; row++) {
    values[symbolIndex[row]!]!.set(data.x.subarray(row * width, (row + 1) * width), at[row]! * width);
  }
  return { ...data, history: { values, from: new Int32Array(counts.length), at } };
}
