import type { Random } from '../../infra/random.ts';
import type { Score } from './score.ts';

export interface BootstrapOptions {
  readonly random: Random;
  /** `stationary` (Politis and Romano 1994: geometric lengths) or `moving` (Kunsch 1989: fixed length). */
  readonly kind?: 'stationary' | 'moving';
  /** Mean length of a block in bars; `blockLength(bars, horizonBars)` gives the rule of this project. */
  readonly blockBars: number;
  readonly resamples?: number;
}

/**
 * Block length in bars: the cube root of their number, rounded up (Hall, Horowitz and Jing 1995), and never less than
 * the label's horizon.
 */
export function blockLength(bars: number, horizonBars: number): number {
  return Math.max(1, horizonBars, Math.ceil(Math.cbrt(bars)));
}

/**
 * One resample: how often each of `bars` consecutive bars was drawn. Blocks wrap around the end, so that all bars are
 * equally likely.
 */
export function resampleBars(bars: number, options: BootstrapOptions): Int32Array {
  const { random, kind = 'stationary', blockBars } = options;
  const counts = new Int32Array(bars);
  let at = 0;
  for (let drawn = 0; drawn < bars; drawn++) {
    const restart = kind === 'stationary' ? random.next() * blockBars < 1 : drawn % blockBars === 0;
    at = drawn === 0 || restart ? random.integer(bars) : (at + 1) % bars;
    counts[at]! += 1;
  }
  return counts;
}

/** Value at share `q` of ascending `values`, linear between neighbours. */
export function quantile(values: readonly number[] | Float64Array, q: number): number {
  const at = q * (values.length - 1);
  const below = Math.floor(at);
  const above = Math.min(values.length - 1, below + 1);
  return values[below]! + (at - below) * (values[above]! - values[below]!);
}

/** Resamples of an interval by default. */
export const RESAMPLES = 1000;

/**
 * 95 % percentile intervals of several figures over the same block resamples. `figures` computes all of them for given
 * counts per bar: a panel is resampled by whole bars, so that rows of one bar stay together. Null where fewer than nine
 * tenths of the resamples had a figure.
 */
export function bootstrapIntervals<Name extends string>(
  bars: number,
  figures: (counts: Int32Array) => Record<Name, Score>,
  options: BootstrapOptions,
): Record<Name, Interval | null> {
  const { resamples = RESAMPLES } = options;
  const samples = new Map<Name, number[]>();
  for (let b = 0; b < resamples; b++) {
    for (const [name, score] of Object.entries(figures(resampleBars(bars, options))) as [Name, Score][]) {
      const list = samples.get(name) ?? [];
      if (score.value !== null) list.push(score.value);
      samples.set(name, list);
    }
  }
  const intervals = {} as Record<Name, Interval | null>;
  for (const [name, values] of samples) intervals[name] = percentileInterval(values, resamples);
  return intervals;
}

export type Interval = readonly [number, number];

/**
 * The 95 % percentile interval of the values that `resamples` resamples gave; null where fewer than nine tenths gave
 * one.
 */
export function percentileInterval(values: readonly number[], resamples: number): Interval | null {
  if (values.length < 0.9 * resamples || values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}
