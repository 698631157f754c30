import type { BinnedRows } from './boosting-plan.ts';

/** Rows of a node, with their packed derivatives in the same order. */
export interface RowStretch {
  readonly rowIndex: Int32Array;
  readonly packed: Float64Array;
  readonly from: number;
  readonly to: number;
}

interface Test {
  readonly feature: number;
  readonly bin: number;
  readonly missingRight: boolean;
}

/**
 * Puts the rows that go left before those that go right, each in their order, and returns the first of the right. Without
 * branches: every row is written to both sides and one side's end moves.
 */
export function partitionRows(
  rows: RowStretch,
  data: BinnedRows,
  test: Test,
  spare: { readonly rowIndex: Int32Array; readonly packed: Float64Array },
): number {
  const { rowIndex, packed, from, to } = rows;
  const { byColumn } = data;
  const spareIndex = spare.rowIndex;
  const sparePacked = spare.packed;
  const column = byColumn.subarray(test.feature * data.rows, (test.feature + 1) * data.rows);
  // Missing (bin 0) becomes 255 when it goes right: all bins one lower, modulo 256.
  const lower = test.missingRight ? 1 : 0;
  const last = (test.bin - lower) | 0;
  let left = from;
  let right = 0;
  for (let i = from; i < to; i++) {
    const row = rowIndex[i]!;
    const value = packed[i]!;
    const goesRight = (last - ((column[row]! - lower) & 255)) >>> 31;
    rowIndex[left] = row;
    packed[left] = value;
    spareIndex[right] = row;
    sparePacked[right] = value;
    left = (left + 1 - goesRight) | 0;
    right = (right + goesRight) | 0;
  }
  rowIndex.set(spareIndex.subarray(0, right), left);
  packed.set(sparePacked.subarray(0, right), left);
  return left;
}

/** Adds a leaf's value to the score of its rows. */
export function scoreRows(rows: RowStretch, value: number, score: Float64Array): void {
  const { rowIndex, from, to } = rows;
  for (let i = from; i < to; i++) score[rowIndex[i]!]! += value;
}

/** Adds the values of two leaves to the scores of the rows that go left and right. */
export function scoreSides(
  rows: RowStretch,
  data: BinnedRows,
  test: Test,
  values: { readonly left: number; readonly right: number },
): void {
  const { rowIndex, from, to } = rows;
  const { byColumn, score } = data;
  const { left, right } = values;
  const column = byColumn.subarray(test.feature * data.rows, (test.feature + 1) * data.rows);
  const lower = test.missingRight ? 1 : 0;
  const last = (test.bin - lower) | 0;
  for (let i = from; i < to; i++) {
    const row = rowIndex[i]!;
    score[row]! += last < ((column[row]! - lower) & 255) ? right : left;
  }
}
