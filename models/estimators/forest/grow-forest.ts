import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FitContext } from '../estimator.ts';
import { runOnThreads } from '../threads/thread-pool.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import type { ForestPlan } from './forest-plan.ts';
import type { GrowTreesJob, TreeMessage } from './grow-trees-on-thread.ts';
import { TreeGrower } from './tree-grower.ts';

type Control = Pick<FitContext, 'onProgress' | 'signal' | 'threads'>;

/**
 * Rows times trees from which a thread of the pool is worth its start, even one alone: its arrays are a fifth faster to
 * read.
 */
const POOL_WORK_MIN = 2_000_000;

/** Threads of the pool that are to grow a forest; 0 for the caller's own. */
export function forestThreads(rows: number, trees: number, context: Control): number {
  const threads = Math.min(context.threads ?? 1, trees);
  return threads > 1 || rows * trees >= POOL_WORK_MIN ? Math.max(1, threads) : 0;
}

/**
 * Grows `trees` trees, equal for any number of threads. A small one here, letting the event loop turn after every tree;
 * otherwise on the pool, so that this thread stays free to report and to abort.
 */
export async function growForest(plan: ForestPlan, trees: number, context: Control): Promise<GrownTree[]> {
  const grown: GrownTree[] = new Array(trees);
  const threads = forestThreads(plan.rows, trees, context);
  if (threads === 0) {
    const grower = new TreeGrower(plan);
    for (let tree = 0; tree < trees; tree++) {
      context.signal?.throwIfAborted();
      grown[tree] = grower.grow(tree);
      context.onProgress?.((tree + 1) / trees);
      await nextTurn();
    }
    context.signal?.throwIfAborted();
    return grown;
  }
  const control = new Int32Array(new SharedArrayBuffer(8));
  let done = 0;
  await runOnThreads({
    job: 'grow-trees',
    threads,
    data: (): GrowTreesJob => ({ plan, trees, control }),
    onMessage: (message) => {
      const { index, tree } = message as TreeMessage;
      grown[index] = tree;
      context.onProgress?.(++done / trees);
    },
    onAbort: () => Atomics.store(control, 1, 1),
    signal: context.signal,
  });
  return grown;
}
