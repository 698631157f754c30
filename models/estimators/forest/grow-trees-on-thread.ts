import type { Post } from '../threads/post.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import type { ForestPlan } from './forest-plan.ts';
import { TreeGrower } from './tree-grower.ts';

export interface GrowTreesJob {
  readonly plan: ForestPlan;
  readonly trees: number;
  /** Shared: [next tree to grow, 1 when the fit was aborted]. */
  readonly control: Int32Array;
}

export interface TreeMessage {
  readonly index: number;
  readonly tree: GrownTree;
}

/**
 * Takes tree numbers from a counter that all threads share, grows each and posts it, until none is left or the fit
 * aborts.
 */
export function growTreesOnThread(data: unknown, post: Post): void {
  const { plan, trees, control } = data as GrowTreesJob;
  const grower = new TreeGrower(plan);
  for (let index = Atomics.add(control, 0, 1); index < trees; index = Atomics.add(control, 0, 1)) {
    if (Atomics.load(control, 1) === 1) return;
    const tree = grower.grow(index);
    // Copied, not transferred: after one transferred buffer the compiler tests every array of the thread for being
    // detached.
    const message: TreeMessage = { index, tree };
    post(message);
  }
}
