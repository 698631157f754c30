import { centredMean, isSpread } from '../../models/scores/rounding.ts';
import { median } from './moments.ts';

/** Blocks that time is cut into: 16 give the 12,870 combinations of the paper. */
const MOST_BLOCKS = 16;
const FEWEST_BLOCKS = 4;
/** Below five returns a block's own ratio says nothing. */
const BLOCK_RETURNS_MIN = 5;

/** The probability that the trial which looked best in sample ranks below the median out of sample. */
export interface Overfitting {
  /** 0..1, or null with `reason`. */
  readonly probability: number | null;
  readonly reason: string | null;
  /** Combinations that were judged. */
  readonly combinations: number;
  /**
   * Median over the combinations of the logit of the winner's relative out-of-sample rank; above 0 is good. Null as
   * above.
   */
  readonly medianLogit: number | null;
}

const unknown = (reason: string): Overfitting => ({ probability: null, reason, combinations: 0, medianLogit: null });

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation: Bailey, Borwein, Lopez de Prado
 * and Zhu, "The Probability of Backtest Overfitting", Journal of Computational Finance 20(4), 2017. `trials` holds one
 * column of per-period returns per trial, all over the same periods. Performance is the Sharpe ratio. Trials whose
 * returns do not vary count with ratio 0. Ties share the mean of their ranks; a rank at the median counts as overfit.
 */
export function overfittingOf(trials: readonly Float64Array[]): Overfitting {
  if (trials.length < 2) return unknown('with fewer than 2 trials on this data there is nothing to choose between.');
  const periods = trials[0]!.length;
  if (trials.some((trial) => trial.length !== periods)) throw new Error('trials must cover the same periods');
  const blocks = Math.min(MOST_BLOCKS, 2 * Math.floor(periods / (2 * BLOCK_RETURNS_MIN)));
  if (blocks < FEWEST_BLOCKS) {
    const needed = FEWEST_BLOCKS * BLOCK_RETURNS_MIN;
    return unknown(`the trials share ${periods} daily returns; ${needed} are the least that can be cut into blocks.`);
  }
  const sums = trials.map((trial) => blockSums(trial, blocks));
  const logits: number[] = [];
  for (const inSample of halves(blocks)) logits.push(logitOfWinner(sums, inSample, blocks));
  const overfit = logits.filter((logit) => logit <= 0).length;
  return {
    probability: overfit / logits.length,
    reason: null,
    combinations: logits.length,
    medianLogit: median(logits),
  };
}

/** Numbers per block: count, mean, sum of squares around it, largest size. */
const SUMS = 4;

/**
 * What any union's Sharpe ratio follows from without another pass over the returns. Squares are taken around the
 * block's mean: those of the returns themselves, less the mean's, leave rounding where returns do not vary.
 */
function blockSums(returns: Float64Array, blocks: number): Float64Array {
  const sums = new Float64Array(blocks * SUMS);
  for (let block = 0; block < blocks; block++) {
    const from = Math.floor((block * returns.length) / blocks);
    const to = Math.floor(((block + 1) * returns.length) / blocks);
    const at = block * SUMS;
    const mean = centredMean(returns, from, to);
    for (let i = from; i < to; i++) {
      sums[at + 2]! += (returns[i]! - mean) ** 2;
      sums[at + 3] = Math.max(sums[at + 3]!, Math.abs(returns[i]!));
    }
    sums[at] = to - from;
    sums[at + 1] = mean;
  }
  return sums;
}

/** Every choice of half of the blocks, as bit masks. */
function* halves(blocks: number): Generator<number> {
  for (let mask = 0; mask < 1 << blocks; mask++) {
    let chosen = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) chosen++;
    if (chosen === blocks / 2) yield mask;
  }
}

function logitOfWinner(sums: readonly Float64Array[], inSample: number, blocks: number): number {
  const outOfSample = ~inSample & ((1 << blocks) - 1);
  let winner = 0;
  let best = -Infinity;
  for (let trial = 0; trial < sums.length; trial++) {
    const ratio = sharpeOf(sums[trial]!, inSample, blocks);
    if (ratio > best) {
      best = ratio;
      winner = trial;
    }
  }
  const reached = sharpeOf(sums[winner]!, outOfSample, blocks);
  let rank = 1;
  for (let trial = 0; trial < sums.length; trial++) {
    if (trial === winner) continue;
    const other = sharpeOf(sums[trial]!, outOfSample, blocks);
    rank += other < reached ? 1 : other === reached ? 0.5 : 0;
  }
  const share = rank / (sums.length + 1);
  return Math.log(share / (1 - share));
}

function sharpeOf(sums: Float64Array, mask: number, blocks: number): number {
  let count = 0;
  let sum = 0;
  for (let block = 0; block < blocks; block++) {
    if (((mask >> block) & 1) === 0) continue;
    count += sums[block * SUMS]!;
    sum += sums[block * SUMS]! * sums[block * SUMS + 1]!;
  }
  const mean = sum / count;
  let squares = 0;
  let largest = 0;
  for (let block = 0; block < blocks; block++) {
    if (((mask >> block) & 1) === 0) continue;
    const at = block * SUMS;
    const apart = sums[at + 1]! - mean;
    squares += sums[at + 2]! + sums[at]! * apart * apart;
    if (sums[at + 3]! > largest) largest = sums[at + 3]!;
  }
  const deviation = Math.sqrt(squares / (count - 1));
  return isSpread(deviation, largest) ? mean / deviation : 0;
}
