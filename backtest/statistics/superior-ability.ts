import type { Random } from '../../infra/random.ts';
import { resampleBars } from '../../models/scores/block-bootstrap.ts';
import { automaticBlockLength } from './bootstrap.ts';
import { mean, varies } from './moments.ts';

/** Below so many shared returns a bootstrap of blocks says nothing. */
export const SHARED_RETURNS_MIN = 20;
const DEFAULT_SAMPLES = 1_000;
/** Products that a test may take: 1,000 resamples of 500 trials over 5,000 days, some seconds. */
const PRODUCTS_MAX = 2.5e9;
const SAMPLES_MIN = 200;

/**
 * Whether the best of several trials beats its benchmark by more than the best of as many worthless ones would. Null of
 * each test: no trial is better than the benchmark. Small p-values speak against it.
 */
export interface SuperiorAbility {
  /** Trials that competed, those that never differed from the benchmark included. */
  readonly trials: number;
  /** Returns that all of them share. */
  readonly periods: number;
  /** Index of the trial with the largest studentised mean. */
  readonly best: number;
  /** The largest studentised mean, at least 0: Hansen's statistic. */
  readonly statistic: number;
  /** White's reality check: means as they are, every one taken for as good as the benchmark. */
  readonly realityCheck: number;
  /** Hansen's p-values: bad trials ignored, ignored where clearly bad (the one to read), counted in full. */
  readonly lower: number;
  readonly consistent: number;
  readonly upper: number;
  readonly samples: number;
  /** Mean block length of the stationary bootstrap, in periods. */
  readonly blockLength: number;
}

export interface SuperiorAbilityOptions {
  readonly random: Random;
  /** Resamples: 1,000 by default, fewer where trials and periods are very many. */
  readonly samples?: number;
  /** Mean block length; by default the largest of the automatic choices for the trials. */
  readonly blockLength?: number;
}

/**
 * White's reality check (Econometrica 68(5), 2000) and Hansen's test of superior predictive ability (Journal of
 * Business & Economic Statistics 23(4), 2005) by the stationary bootstrap. `trials` holds one column a trial of returns
 * in excess of the benchmark, per period and over the same periods. Null where fewer than 20 periods are shared or no
 * trial differs from the benchmark. Calibrated for returns that depend little on the day before, as daily ones do: at a
 * correlation of 0.2 over 500 days some 9 % instead of 5 % of worthless sets of 20 come out at or below 0.05.
 */
export function superiorAbility(
  trials: readonly Float64Array[],
  { random, ...options }: SuperiorAbilityOptions,
): SuperiorAbility | null {
  const periods = trials[0]?.length ?? 0;
  if (trials.some(({ length }) => length !== periods)) throw new Error('trials must cover the same periods');
  if (periods < SHARED_RETURNS_MIN || !trials.some(varies)) return null;
  const affordable = Math.max(SAMPLES_MIN, Math.floor(PRODUCTS_MAX / (periods * trials.length)));
  const samples = options.samples ?? Math.min(DEFAULT_SAMPLES, affordable);
  const blockLength = options.blockLength ?? longestBlocks(trials);
  const draw = (): Int32Array => resampleBars(periods, { random, blockBars: blockLength });
  return superiorAbilityOver(trials, { draw, samples, blockLength });
}

function longestBlocks(trials: readonly Float64Array[]): number {
  return trials.reduce((most, trial) => Math.max(most, automaticBlockLength(trial)), 1);
}

/**
 * The same over given resamples: `draw` tells how often each period was drawn. A trial that does not vary has no
 * studentised mean and stands with the benchmark.
 */
export function superiorAbilityOver(
  trials: readonly Float64Array[],
  { draw, samples, blockLength }: { draw: () => Int32Array; samples: number; blockLength: number },
): SuperiorAbility {
  const periods = trials[0]!.length;
  const root = Math.sqrt(periods);
  const columns = trials.map((values) => columnOf(values, blockLength));
  const studentised = columns.map(({ mean: centre, deviation }) => (deviation > 0 ? (root * centre) / deviation : 0));
  const statistic = studentised.reduce((most, value) => Math.max(most, value), 0);
  const plain = columns.reduce((most, column) => Math.max(most, root * column.mean), -Infinity);
  // Nothing is above the benchmark: every resample does as well.
  const none = statistic === 0;
  const beyond = { reality: 0, lower: 0, consistent: 0, upper: 0 };
  for (let sample = 0; sample < samples; sample++) {
    const counts = draw();
    const most = { reality: -Infinity, lower: 0, consistent: 0, upper: 0 };
    for (const { values, mean: centre, deviation, clearlyBad } of columns) {
      let sum = 0;
      for (let i = 0; i < periods; i++) sum += counts[i]! * values[i]!;
      const drawn = sum / periods;
      most.reality = Math.max(most.reality, root * (drawn - centre));
      if (!(deviation > 0)) continue;
      const scale = root / deviation;
      most.lower = Math.max(most.lower, scale * (drawn - Math.max(0, centre)));
      most.consistent = Math.max(most.consistent, scale * (drawn - (clearlyBad ? 0 : centre)));
      most.upper = Math.max(most.upper, scale * (drawn - centre));
    }
    if (most.reality > plain) beyond.reality++;
    if (most.lower > statistic || none) beyond.lower++;
    if (most.consistent > statistic || none) beyond.consistent++;
    if (most.upper > statistic || none) beyond.upper++;
  }
  return {
    trials: trials.length,
    periods,
    best: studentised.reduce((best, value, at) => (value > studentised[best]! ? at : best), 0),
    statistic,
    realityCheck: beyond.reality / samples,
    lower: beyond.lower / samples,
    consistent: beyond.consistent / samples,
    upper: beyond.upper / samples,
    samples,
    blockLength,
  };
}

interface Column {
  readonly values: Float64Array;
  readonly mean: number;
  /** Of sqrt(n) x the mean, by the bootstrap's own kernel; 0 without variation. */
  readonly deviation: number;
  /** So far below the benchmark that it cannot be the best: the threshold of Hansen's consistent test. */
  readonly clearlyBad: boolean;
}

function columnOf(values: Float64Array, blockLength: number): Column {
  const centre = mean(values);
  const n = values.length;
  const deviation = varies(values) ? bootstrapDeviation(values, blockLength) : 0;
  const threshold = -deviation * Math.sqrt((2 * Math.log(Math.log(n))) / n);
  return { values, mean: centre, deviation, clearlyBad: centre < threshold };
}

/** Weights of autocovariances below this are left out: they change no digit. */
const WEIGHT_MIN = 1e-15;

/**
 * Deviation of sqrt(n) x the mean that the stationary bootstrap itself has: Politis and Romano (1994), lemma 1, as in
 * Hansen (2005), section 3.1. `values` vary.
 */
export function bootstrapDeviation(values: Float64Array, blockLength: number): number {
  const n = values.length;
  const centre = mean(values);
  const centred = values.map((value) => value - centre);
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += centred[i]! * centred[i - lag]!;
    return sum / n;
  };
  const stays = 1 - 1 / blockLength;
  let variance = covariance(0);
  for (let lag = 1; lag < n; lag++) {
    const weight = ((n - lag) / n) * stays ** lag + (lag / n) * stays ** (n - lag);
    if (weight > WEIGHT_MIN) variance += 2 * weight * covariance(lag);
  }
  return Math.sqrt(variance);
}
