import type { Dataset } from '../dataset.ts';

/** First and last decision time, both inclusive, UTC milliseconds. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A stretch of consecutive test rows. */
export interface TestBlock {
  /** Half-open range of dataset rows. */
  readonly fromRow: number;
  readonly toRow: number;
  /** Which of the equal groups of a k-fold or combinatorial split it is; the fold's index for walk-forward. */
  readonly group: number;
  /** Reconstructed path this block belongs to (combinatorial); 0 otherwise: one path. */
  readonly path: number;
}

/** One split of a dataset. Row indices ascend. */
export interface Fold {
  readonly kind: 'walk-forward' | 'purged-k-fold' | 'combinatorial';
  readonly index: number;
  readonly trainRows: Int32Array;
  readonly testRows: Int32Array;
  readonly testBlocks: readonly TestBlock[];
  /** Decision times covered; `purge` and `embargo` are null where nothing was removed. */
  readonly ranges: {
    readonly train: TimeRange;
    readonly purge: TimeRange | null;
    readonly embargo: TimeRange | null;
    readonly test: TimeRange;
  };
  readonly purgedRows: number;
  readonly embargoedRows: number;
}

/** Distinct decision times of a dataset, the unit that `trainBars`, `testBars` and `embargoBars` count in. */
export interface DecisionTimes {
  readonly timeMs: Float64Array;
  /** First row of each time, and the number of rows at the end: `timeMs.length + 1` entries. */
  readonly firstRow: Int32Array;
}

/** Distinct decision times over the universe. Needs rows that ascend in decision time, which every dataset has. */
export function decisionTimesOf(dataset: Pick<Dataset, 'rows' | 'decisionTimeMs'>): DecisionTimes {
  const times: number[] = [];
  const firstRow: number[] = [];
  for (let row = 0; row < dataset.rows; row++) {
    const time = dataset.decisionTimeMs[row]!;
    if (row > 0 && time === dataset.decisionTimeMs[row - 1]) continue;
    if (row > 0 && time < dataset.decisionTimeMs[row - 1]!) throw new RangeError(`row ${row} goes back in time`);
    times.push(time);
    firstRow.push(row);
  }
  firstRow.push(dataset.rows);
  return { timeMs: Float64Array.from(times), firstRow: Int32Array.from(firstRow) };
}

/** Range of decision times of ascending `rows`, null when there are none. */
export function rangeOf(dataset: Pick<Dataset, 'decisionTimeMs'>, rows: Int32Array): TimeRange | null {
  if (rows.length === 0) return null;
  return { fromMs: dataset.decisionTimeMs[rows[0]!]!, toMs: dataset.decisionTimeMs[rows[rows.length - 1]!]! };
}

/** `[from, from + 1, ..., to - 1]`. */
export function rowRange(from: number, to: number): Int32Array {
  const rows = new Int32Array(Math.max(0, to - from));
  for (let i = 0; i < rows.length; i++) rows[i] = from + i;
  return rows;
}

/** The rows of `[from, to)` ranges, one range after another. */
export function rowsOfRanges(ranges: readonly (readonly [from: number, to: number])[]): Int32Array {
  const rows = new Int32Array(ranges.reduce((count, [from, to]) => count + Math.max(0, to - from), 0));
  let at = 0;
  for (const [from, to] of ranges) for (let row = from; row < to; row++) rows[at++] = row;
  return rows;
}
