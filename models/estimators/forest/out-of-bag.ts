import { addTree } from '../trees/add-tree.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import type { ForestPlan } from './forest-plan.ts';
import { drawRows, treeRandom } from './row-sample.ts';

/** Rows looked at, evenly spread: enough for a mean square, and a tenth of the time of growing. */
const ROWS_MAX = 10_000;

/**
 * For each row the mean over the trees that were grown without it; NaN for rows not looked at and rows every tree has
 * seen.
 */
export function outOfBagMeans(plan: ForestPlan, trees: readonly GrownTree[]): Float64Array {
  const { rows, width, byColumn } = plan;
  const looked = Math.min(rows, ROWS_MAX);
  const some = Int32Array.from({ length: looked }, (_, i) => Math.floor((i * rows) / looked));
  const score = new Float64Array(rows);
  const counts = new Int32Array(rows);
  const draws = new Uint8Array(rows);
  trees.forEach((tree, index) => {
    drawRows(plan, treeRandom(plan, index), draws);
    const unseen = some.filter((row) => draws[row] === 0);
    addTree(tree, { rows, byColumn, score }, width, unseen);
    for (const row of unseen) counts[row]!++;
  });
  return score.map((sum, row) => (counts[row]! > 0 ? sum / counts[row]! : NaN));
}
