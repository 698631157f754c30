import type { FeatureBins } from './feature-bins.ts';
import type { PackedTrees } from './packed-node.ts';
import { TreeWalker } from './tree-walker.ts';

/** Rows taken at a time. */
const STRETCH = 2048;

/** Rows to walk through trees: plain data, `x` and `out` over shared memory. */
export interface SumJob {
  readonly trees: PackedTrees;
  readonly bins: FeatureBins;
  readonly x: Float64Array;
  readonly rows: number;
  readonly out: Float64Array;
  /** Shared: [first row nobody has taken]. */
  readonly control: Int32Array;
}

/** Takes stretches of rows until none are left. A row's sum does not depend on who takes it. */
export function sumRowsOnThread({ trees, bins, x, rows, out, control }: SumJob): void {
  const walker = new TreeWalker(trees, bins);
  for (let from = Atomics.add(control, 0, STRETCH); from < rows; from = Atomics.add(control, 0, STRETCH)) {
    walker.sumRows(x, { from, to: Math.min(rows, from + STRETCH) }, out);
  }
}
