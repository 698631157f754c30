import type { RowStretch } from '../trees/row-partition.ts';
import type { BinnedRows } from './boosting-plan.ts';

interface Test {
  readonly feature: number;
  readonly bin: number;
  readonly missingRight: boolean;
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
