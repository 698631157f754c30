import type { Random } from '../../infra/random.ts';
import { resampleBars } from '../../models/scores/block-bootstrap.ts';
import { automaticBlockLength } from './bootstrap.ts';
import { mean } from './moments.ts';

const DEFAULT_SAMPLES = 1_000;

export interface ModelConfidenceOptions {
  readonly random: Random;
  /** Resamples of the stationary bootstrap; 1,000 by default. */
  readonly samples?: number;
  /** Mean block length; by default the largest of the automatic choices for what the models lose beyond their mean. */
  readonly blockLength?: number;
}

/**
 * The model confidence set of Hansen, Lunde and Nason (Econometrica 79(2), 2011) by the range of differences (T_R).
 * `losses` holds one column a model of what it lost in each period, the same periods in order of time. The p-value of
 * each model: those above 0.1 are the set that holds the best with 90 % confidence, and cannot be told apart. Null with
 * fewer than two periods or a loss that is not finite.
 */
export function modelConfidence(
  losses: readonly Float64Array[],
  { random, samples = DEFAULT_SAMPLES, ...options }: ModelConfidenceOptions,
): number[] | null {
  const periods = losses[0]?.length ?? 0;
  if (losses.some(({ length }) => length !== periods)) throw new Error('models must cover the same periods');
  const means = losses.map(mean);
  if (periods < 2 || !means.every(Number.isFinite)) return null;
  const blockBars = options.blockLength ?? longestBlocks(losses);
  const drawn = Array.from({ length: samples }, () => {
    const counts = resampleBars(periods, { random, blockBars });
    return losses.map((column, k) => meanOf(column, counts) - means[k]!);
  });
  const deviations = losses.map((_, i) => losses.map((__, j) => deviationOf(drawn, i, j)));
  const confidence = losses.map(() => 1);
  let left = losses.map((_, k) => k);
  let most = 0;
  while (left.length > 1) {
    const worst = widest(left, means, deviations);
    // What is left loses the same.
    if (worst.distance === 0) break;
    const beyond = drawn.filter((sample) => widest(left, sample, deviations).distance > worst.distance);
    most = Math.max(most, beyond.length / samples);
    confidence[worst.model] = most;
    left = left.filter((k) => k !== worst.model);
  }
  return confidence;
}

function meanOf(column: Float64Array, counts: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]! * column[i]!;
  return sum / counts.length;
}

function longestBlocks(losses: readonly Float64Array[]): number {
  return losses.reduce((longest, column) => {
    const beyond = column.map((loss, i) => loss - mean(losses.map((other) => other[i]!)));
    return Math.max(longest, automaticBlockLength(beyond));
  }, 1);
}

/** Deviation of the difference between two models over the resamples. */
function deviationOf(drawn: readonly (readonly number[])[], i: number, j: number): number {
  return Math.sqrt(drawn.reduce((sum, sample) => sum + (sample[i]! - sample[j]!) ** 2, 0) / drawn.length);
}

/** The largest difference in units of its deviation, and the model that loses more by it. */
function widest(left: readonly number[], means: readonly number[], deviations: readonly (readonly number[])[]) {
  let [distance, model] = [0, left[0]!];
  for (const i of left) {
    for (const j of left) {
      const deviation = deviations[i]![j]!;
      const apart = deviation > 0 ? (means[i]! - means[j]!) / deviation : 0;
      if (apart > distance) [distance, model] = [apart, i];
    }
  }
  return { distance, model };
}
