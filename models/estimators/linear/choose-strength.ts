import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dataset } from '../../dataset.ts';
import type { FitContext } from '../estimator.ts';
import { purgedBlocks } from '../time-blocks.ts';
import { PenalisedLogistic } from './lasso-path.ts';
import { logLossOf, problemOf, problemOfRows, stretchesOf } from './linear-problem.ts';
import type { LinearScore } from './linear-problem.ts';

const GRID = 12;
/** Weakest strength of the grid, as a share of the one that removes every feature. */
const WEAKEST = 0.1;
/** A stretch of fewer rows says nothing about a penalty. */
const BLOCK_ROWS_MIN = 20;

export interface PathRequest {
  readonly z: Float64Array;
  readonly l1Ratio: number;
  readonly blocks: number;
}

/** Strengths from the one that removes all features downwards, evenly on a logarithmic scale. */
function strengthGrid(strongest: number): number[] {
  return Array.from({ length: GRID }, (_, step) => strongest * WEAKEST ** (step / (GRID - 1)));
}

/**
 * The strength with the least log-loss over contiguous, purged stretches of the training time (never shuffled rows:
 * neighbours share their labels). The strongest of the grid, which keeps no feature, is no candidate: with one weak
 * effect among 35 features and 1,500 rows the loss of one stretch is too noisy to throw everything away (24 simulated
 * series: mean correlation out of sample 0.103 where 0.125 is perfect; much less with that candidate or a longer grid).
 * Returns the path's end for the whole data, or null where the data are too short to judge by.
 */
export async function chooseStrength(
  dataset: Dataset,
  request: PathRequest,
  context: FitContext,
): Promise<number | null> {
  const { width } = dataset;
  const splits = purgedBlocks(dataset, request.blocks, BLOCK_ROWS_MIN);
  if (splits.length < 2) return null;
  const strongest = new PenalisedLogistic(problemOf(stretchesOf(request.z, dataset.rows), width, dataset)).strengthMax(
    request.l1Ratio,
  );
  if (strongest === 0) return null;
  const grid = strengthGrid(strongest);
  const loss = new Float64Array(GRID);
  for (const [index, split] of splits.entries()) {
    const solver = new PenalisedLogistic(problemOfRows(request.z, width, dataset, split.train));
    const held = problemOfRows(request.z, width, dataset, split.validation);
    let score: LinearScore | null = null;
    for (let step = 0; step < GRID; step++) {
      context.signal?.throwIfAborted();
      score = solver.fit({ strength: grid[step]!, l1Ratio: request.l1Ratio }, score);
      loss[step]! += logLossOf(score, held);
      await nextTurn();
    }
    context.onProgress?.((index + 1) / (splits.length + 1));
  }
  let best = 1;
  for (let step = 2; step < GRID; step++) if (loss[step]! < loss[best]!) best = step;
  return grid[best]!;
}
