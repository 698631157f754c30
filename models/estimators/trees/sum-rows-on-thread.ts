import type { FeatureBins } from './feature-bins.ts';
import type { PackedTrees } from './packed-node.ts';
import { TreeWalker } from './tree-walker.ts';

/** Rows taken at a time: about a millisecond. */
const STRETCH = 1024;

/** Rows to walk through trees: plain data, `x` and `out` over shared memory. */
export interface SumJob {
  readonly trees: PackedTrees;
  readonly bins: FeatureBins;
  readonly x: Float64Array;
  readonly rows: number;
  readonly out: Float64Array;
  /** Shared: [first row nobody has taken]. */
  readonly control: Int32Array;
  /** A number for the jobs of one batch, and whether this is the last of them. */
  readonly batch: number;
  readonly isLast: boolean;
}

/** What walks the trees of a batch that goes on: copying them and their tables takes 2 ms for 100 trees of depth 12. */
let held: { readonly batch: number; readonly walker: TreeWalker } | null = null;

/** Takes stretches of rows until none are left. A row's sum does not depend on who takes it. */
export function sumRowsOnThread({ trees, bins, x, rows, out, control, batch, isLast }: SumJob): void {
  const walker = held?.batch === batch ? held.walker : new TreeWalker(trees, bins);
  held = isLast ? null : { batch, walker };
  for (let from = Atomics.add(control, 0, STRETCH); from < rows; from = Atomics.add(control, 0, STRETCH)) {
    walker.sumRows(x, { from, to: Math.min(rows, from + STRETCH) }, out);
  }
}
