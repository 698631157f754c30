import { Binner } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { BLOCK_ROWS, RowBlock } from './row-block.ts';
import type { TreeProgram } from './tree-program.ts';

/** Rows to explain against compiled trees: plain data over shared memory. */
export interface ExplainJob {
  readonly bins: FeatureBins;
  readonly programs: readonly TreeProgram[];
  /** Row-major rows. */
  readonly x: Float64Array;
  readonly rows: number;
  /** Row-major values, added to. */
  readonly values: Float64Array;
  /** Shared by the threads: [next row nobody has taken, 1 when the work was given up]. */
  readonly control: Int32Array;
}

/** Takes sixteen rows at a time until none are left. What a row is given does not depend on who takes it. */
export function explainRows(job: ExplainJob): void {
  const { bins, programs, x, rows, values, control } = job;
  const { width } = bins;
  const binner = new Binner(bins);
  const block = new RowBlock(width);
  const row = new Uint8Array(2 * width);
  for (
    let from = Atomics.add(control, 0, BLOCK_ROWS);
    from < rows && Atomics.load(control, 1) === 0;
    from = Atomics.add(control, 0, BLOCK_ROWS)
  ) {
    block.rows = Math.min(BLOCK_ROWS, rows - from);
    for (let i = 0; i < block.rows; i++) {
      binner.binRow(x, (from + i) * width, row, 0);
      for (let column = 0; column < 2 * width; column++) block.bins[column * BLOCK_ROWS + i] = row[column]!;
    }
    block.values.fill(0);
    for (const program of programs) block.add(program);
    for (let i = 0; i < block.rows; i++) {
      const at = (from + i) * width;
      for (let feature = 0; feature < width; feature++)
        values[at + feature]! += block.values[feature * BLOCK_ROWS + i]!;
    }
  }
}
