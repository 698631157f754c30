import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FitContext } from '../estimator.ts';
import { runOnThreads } from '../threads/thread-pool.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import type { ForestPlan } from './forest-plan.ts';
import type { GrowTreesJob, TreeMessage } from './grow-trees-on-thread.ts';
import { TreeGrower } from './tree-grower.ts';

type Control = Pick<FitContext, 'onProgress' | 'signal' | 'threads'>;

/**
 * Grows `trees` trees, equal for any number of threads. With one thread here, letting the event loop turn after every
 * tree; with more on the pool, so that this thread stays free to report and to abort.
 */
export async function growForest(plan: ForestPlan, trees: number, context: Control): Promise<GrownTree[]> {
  const grown: GrownTree[] = new Array(trees);
  const threads = Math.min(context.threads ?? 1, trees);
  if (threads <= 1) {
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
