import { createRandom } from '../../../infra/random.ts';
import type { Random } from '../../../infra/random.ts';
import { Barrier } from '../threads/barrier.ts';
import type { GrownTree } from '../trees/grown-tree.ts';
import { addTree } from '../trees/add-tree.ts';
import { ALL_ROWS, hashBelow, rowHash } from '../trees/row-hash.ts';
import type { BinnedRows, TeamJob } from './boosting-plan.ts';
import { shareOf } from './boosting-plan.ts';
import { BoostingThread } from './boosting-thread.ts';
import { gradientScale, packLogistic, packSquared } from './quantised-gradients.ts';
import type { GradientScale } from './quantised-gradients.ts';

/** Validation rows whose losses are added up together: fixed, so that their sum does not depend on the threads. */
export const LOSS_BLOCK = 1024;

/** A round's tree. */
export interface Round {
  readonly tree: GrownTree;
  /** Loss on the validation rows after it, null without any. */
  readonly loss: number | null;
  /** Trees so far that are worth keeping: up to the least loss. */
  readonly kept: number;
}

/** Marks the features one tree may use. */
function drawFeatures(width: number, fraction: number, random: Random): Uint8Array {
  const features = new Uint8Array(width).fill(1);
  const order = Array.from(features.keys());
  for (let left = width; left > Math.max(1, Math.round(fraction * width)); left--) {
    const pick = random.integer(left);
    features[order[pick]!] = 0;
    order[pick] = order[left - 1]!;
  }
  return features;
}

/** Rows of a stretch that were not drawn this round. */
function undrawn({ from, to }: { from: number; to: number }, seed: number, drawBelow: number): Int32Array {
  const rows = new Int32Array(to - from);
  let count = 0;
  for (let row = from; row < to; row++) if (rowHash(seed, row) >>> 0 >= drawBelow) rows[count++] = row;
  return rows.subarray(0, count);
}

const stretch = ({ from, to }: { from: number; to: number }): Int32Array =>
  Int32Array.from({ length: to - from }, (_, i) => from + i);

/** Weighted loss of one row: log-loss of the label, or half the squared error. */
function lossOf(data: BinnedRows, row: number, isRegression: boolean): number {
  const score = data.score[row]!;
  const target = data.target[row]!;
  if (isRegression) return (data.weight[row]! * (score - target) ** 2) / 2;
  return data.weight[row]! * (Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - target * score);
}

/**
 * One thread's part in boosting: the same rounds in every thread, a tree from each. Ends when the rounds are over or
 * the loss on the validation rows has not fallen for `patience` rounds. Throws TeamStopped when the work was given up.
 * Samples and rounding noise depend on (seed, round, row) alone.
 */
export function* boostRounds(job: TeamJob): Generator<Round, void> {
  const { plan, memory, threads } = job;
  const barrier = new Barrier(memory.control, threads);
  const thread = new BoostingThread(job, barrier);
  const ownRows = shareOf(plan.train.rows, job.thread, threads);
  const ownHeld = stretch(shareOf(plan.validation?.rows ?? 0, job.thread, threads));
  const heaviest = plan.train.weight.reduce((most, weight) => Math.max(most, weight), 0);
  const drawBelow = hashBelow(plan.rowFraction);
  let best = plan.validation === null ? Infinity : validationLoss(job, barrier);
  let kept = 0;
  for (let round = 0; round < plan.rounds; round++) {
    const random = createRandom(`${plan.seed}/round-${round}`);
    const seeds = { noiseSeed: random.integer(2 ** 31), drawSeed: random.integer(2 ** 31) };
    const scale = scaleOf(job, heaviest, barrier);
    const drawn = drawRows(job, { ...ownRows, ...seeds, drawBelow }, { scale, barrier });
    const features = drawFeatures(plan.width, plan.featureFraction, random);
    const tree = thread.grow(drawn, scale, features);
    if (drawBelow < ALL_ROWS && drawn < plan.train.rows) {
      addTree(tree, plan.train, plan.width, undrawn(ownRows, seeds.drawSeed, drawBelow));
    }
    if (plan.validation === null) {
      yield { tree, loss: null, kept: round + 1 };
      continue;
    }
    addTree(tree, plan.validation, plan.width, ownHeld);
    const loss = validationLoss(job, barrier);
    if (loss < best) [best, kept] = [loss, round + 1];
    yield { tree, loss, kept };
    if (round + 1 - kept >= plan.patience) return;
  }
}

/**
 * Steps of this round: the weights bound the derivatives of the log-loss, the largest residual those of squared error.
 */
function scaleOf(job: TeamJob, heaviest: number, barrier: Barrier): GradientScale {
  const { plan, memory, thread, threads } = job;
  const { weight, score, target, rows } = plan.train;
  if (plan.objective === 'classification') return gradientScale(rows, { gradient: heaviest, hessian: heaviest / 4 });
  const own = shareOf(rows, thread, threads);
  let steepest = 0;
  for (let row = own.from; row < own.to; row++) {
    steepest = Math.max(steepest, weight[row]! * Math.abs(score[row]! - target[row]!));
  }
  memory.steepest[thread] = steepest;
  barrier.wait();
  for (let other = 0; other < threads; other++) steepest = Math.max(steepest, memory.steepest[other]!);
  // Residuals that are all zero need steps of some size.
  return gradientScale(rows, { gradient: steepest || heaviest, hessian: heaviest });
}

/** Lists the rows of this round with their derivatives, in the order of the rows; returns how many all threads drew. */
function drawRows(
  job: TeamJob,
  rows: Parameters<typeof packLogistic>[0],
  { scale, barrier }: { scale: GradientScale; barrier: Barrier },
): number {
  const { plan, memory, thread, threads } = job;
  const pack = plan.objective === 'regression' ? packSquared : packLogistic;
  memory.drawn[thread] = pack(rows, plan.train, scale, memory) - rows.from;
  barrier.wait();
  const total = memory.drawn.subarray(0, threads).reduce((sum, own) => sum + own, 0);
  if (total === plan.train.rows) return total;
  if (total === 0) {
    // Of very few rows none may be drawn: then all are. Nobody may begin before all have seen it.
    barrier.wait();
    return drawRows(job, { ...rows, drawBelow: ALL_ROWS }, { scale, barrier });
  }
  if (thread === 0) closeGaps(job);
  barrier.wait();
  return total;
}

/** Moves what each thread listed at the beginning of its own stretch up to what the threads before it listed. */
function closeGaps({ plan, memory, threads }: TeamJob): void {
  let end = 0;
  for (let other = 0; other < threads; other++) {
    const { from } = shareOf(plan.train.rows, other, threads);
    const count = memory.drawn[other]!;
    memory.rowIndex.copyWithin(end, from, from + count);
    memory.packed.copyWithin(end, from, from + count);
    end += count;
  }
}

/** Mean loss on the validation rows; all threads get the same number, whoever summed which block. */
function validationLoss(job: TeamJob, barrier: Barrier): number {
  const data = job.plan.validation!;
  const { losses } = job.memory;
  const isRegression = job.plan.objective === 'regression';
  // Scores of the block's rows may be another thread's.
  barrier.wait();
  const blocks = Math.ceil(data.rows / LOSS_BLOCK);
  for (let block = job.thread; block < blocks; block += job.threads) {
    let loss = 0;
    const to = Math.min(data.rows, (block + 1) * LOSS_BLOCK);
    for (let row = block * LOSS_BLOCK; row < to; row++) loss += lossOf(data, row, isRegression);
    losses[block] = loss;
  }
  barrier.wait();
  let total = 0;
  for (let block = 0; block < blocks; block++) total += losses[block]!;
  return total / data.weight.reduce((sum, weight) => sum + weight, 0);
}
