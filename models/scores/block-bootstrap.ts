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

/** Block length in bars: the cube root of their number, rounded up (Hall, Horowitz and Jing 1995), and never less than the label's horizon. */
export function blockLength(bars: number, horizonBars: number): number {
  return Math.max(1, horizonBars, Math.ceil(Math.cbrt(bars)));
}

/** One resample: how often each of `bars` consecutive bars was drawn. Blocks wrap around the end, so that all bars are equally likely. */
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

/**
 * 95 % percentile intervals of several figures over the same block resamples. `barOfRow` maps rows to bars `0 .. bars - 1`, so that
 * a panel is resampled by whole bars and rows of one bar stay together. `figures` computes all of them for
 * given counts per row. Null where fewer than nine tenths of the resamples had a figure.
 */
export function bootstrapIntervals<Name extends string>(
  barOfRow: Int32Array,
  bars: number,
  figures: (counts: Int32Array) => Record<Name, Score>,
  options: BootstrapOptions,
): Record<Name, readonly [number, number] | null> {
  const { resamples = 1000 } = options;
  const samples = new Map<Name, number[]>();
  const rowCounts = new Int32Array(barOfRow.length);
  for (let b = 0; b < resamples; b++) {
    const counts = resampleBars(bars, options);
    for (let row = 0; row < rowCounts.length; row++) rowCounts[row] = counts[barOfRow[row]!]!;
    for (const [name, score] of Object.entries(figures(rowCounts)) as [Name, Score][]) {
      const list = samples.get(name) ?? [];
      if (score.value !== null) list.push(score.value);
      samples.set(name, list);
    }
  }
  const intervals = {} as Record<Name, readonly [number, number] | null>;
  for (const [name, values] of samples) {
    values.sort((a, b) => a - b);
    intervals[name] =
      values.length < 0.9 * resamples || values.length === 0
        ? null
        : [quantile(values, 0.025), quantile(values, 0.975)];
  }
  return intervals;
}
