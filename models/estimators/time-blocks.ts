import type { Dataset } from '../dataset.ts';

/** Rows to learn from and rows to judge by; no label of the first reaches into the time of the second. */
export interface RowSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

type Timed = Pick<Dataset, 'rows' | 'decisionTimeMs' | 'labelEndTimeMs'>;

/** First row of the time that holds row `row`: a time's rows (one per symbol) are never split. */
function timeStart(dataset: Timed, row: number): number {
  let start = Math.min(row, dataset.rows);
  while (start > 0 && start < dataset.rows && dataset.decisionTimeMs[start] === dataset.decisionTimeMs[start - 1])
    start--;
  return start;
}

/**
 * Keeps the rows outside `[from, to)` whose span `[decisionTimeMs, labelEndTimeMs]` does not overlap that of the block.
 */
function purgedOutside(dataset: Timed, from: number, to: number): Int32Array {
  const firstTime = dataset.decisionTimeMs[from]!;
  let lastEnd = -Infinity;
  for (let row = from; row < to; row++) lastEnd = Math.max(lastEnd, dataset.labelEndTimeMs[row]!);
  const kept: number[] = [];
  for (let row = 0; row < dataset.rows; row++) {
    if (row >= from && row < to) continue;
    if (dataset.labelEndTimeMs[row]! < firstTime || dataset.decisionTimeMs[row]! > lastEnd) kept.push(row);
  }
  return Int32Array.from(kept);
}

function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * The last `fraction` of the rows as validation, and the rows before it whose labels were known when it begins.
 * Null when either part would hold fewer than `rowsMin` rows: then there is nothing to judge by.
 */
export function purgedTail(dataset: Timed, fraction: number, rowsMin: number): RowSplit | null {
  const from = timeStart(dataset, Math.floor(dataset.rows * (1 - fraction)));
  if (from < rowsMin || dataset.rows - from < rowsMin) return null;
  const train = purgedOutside(dataset, from, dataset.rows);
  return train.length < rowsMin ? null : { train, validation: range(from, dataset.rows) };
}

/**
 * `blocks` contiguous stretches of time, each once validation with the purged rest as training; too short ones are left
 * out.
 */
export function purgedBlocks(dataset: Timed, blocks: number, rowsMin: number): RowSplit[] {
  const splits: RowSplit[] = [];
  for (let block = 0; block < blocks; block++) {
    const from = timeStart(dataset, Math.floor((dataset.rows * block) / blocks));
    const to = timeStart(dataset, Math.floor((dataset.rows * (block + 1)) / blocks));
    if (to - from < rowsMin) continue;
    const train = purgedOutside(dataset, from, to);
    if (train.length >= rowsMin) splits.push({ train, validation: range(from, to) });
  }
  return splits;
}
