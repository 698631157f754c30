import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FitContext } from '../estimator.ts';
import { CONTROL_LENGTH, STOPPED } from '../threads/barrier.ts';
import { runOnThreads } from '../threads/thread-pool.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import { integerArray, doubleArray } from '../trees/shared-array.ts';
import { CUT_LENGTH, groupsOf } from './boosting-plan.ts';
import type { BoostingPlan, TeamMemory } from './boosting-plan.ts';
import { LOSS_BLOCK, boostRounds } from './boosting-rounds.ts';
import type { Round } from './boosting-rounds.ts';

type Control = Pick<FitContext, 'onProgress' | 'signal' | 'threads'>;

/**
 * Rows times rounds from which a thread of the pool is worth its start, even one alone: its arrays are a fifth faster
 * to read.
 */
const POOL_WORK_MIN = 2_000_000;

/** Threads of the pool that are to do this work; 0 for the caller's own. */
export function boostingThreads(work: { rows: number; rounds: number; width: number }, context: Control): number {
  const threads = Math.min(context.threads ?? 1, groupsOf(work.width));
  return threads > 1 || work.rows * work.rounds >= POOL_WORK_MIN ? Math.max(1, threads) : 0;
}

function memoryOf(plan: BoostingPlan, threads: number): TeamMemory {
  const shared = threads > 0;
  const team = Math.max(1, threads);
  const { rows } = plan.train;
  const levelMax = Math.min(2 ** (plan.maxDepth - 1), rows);
  return {
    rowIndex: integerArray(rows, shared),
    packed: doubleArray(rows, shared),
    cuts: doubleArray(team * levelMax * CUT_LENGTH, shared),
    middles: integerArray(levelMax, shared),
    drawn: integerArray(team, shared),
    steepest: doubleArray(team, shared),
    losses: doubleArray(Math.ceil((plan.validation?.rows ?? 0) / LOSS_BLOCK), shared),
    control: integerArray(CONTROL_LENGTH, shared),
  };
}

/**
 * Boosts on `threads` threads of the pool, or here with 0, letting the event loop turn after every round. The trees are
 * those up to the least validation loss, equal for any number of threads.
 */
export async function boost(
  plan: BoostingPlan,
  threads: number,
  context: Control,
): Promise<{ trees: GrownTree[]; validationLoss: number[] }> {
  const trees: GrownTree[] = [];
  const validationLoss: number[] = [];
  let kept = 0;
  const take = (round: Round): void => {
    trees.push(round.tree);
    if (round.loss !== null) validationLoss.push(round.loss);
    kept = round.kept;
    context.onProgress?.(trees.length / plan.rounds);
  };
  const memory = memoryOf(plan, threads);
  if (threads === 0) {
    for (const round of boostRounds({ plan, memory, thread: 0, threads: 1 })) {
      take(round);
      await nextTurn();
      context.signal?.throwIfAborted();
    }
  } else {
    await runOnThreads({
      job: 'boost',
      threads,
      data: (thread) => ({ plan, memory, thread, threads }),
      onMessage: (message) => take(message as Round),
      onAbort: () => Atomics.store(memory.control, STOPPED, 1),
      signal: context.signal,
    });
  }
  return { trees: trees.slice(0, kept), validationLoss };
}
