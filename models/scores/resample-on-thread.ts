import type { ResampleTable } from './resample-table.ts';
import { ResampledScores } from './resampled-scores.ts';
import { SCORE_NAMES } from './score.ts';

/** Resamples to score: plain data, all arrays over shared memory. */
export interface ResampleJob {
  readonly table: ResampleTable;
  readonly resamples: number;
  /** How often each resample draws each bar, resample by resample. */
  readonly counts: Int32Array;
  /** Every score of every resample in the order of `SCORE_NAMES`; NaN for none. */
  readonly out: Float64Array;
  /** Shared: [first resample nobody has taken, 1 once the work is given up]. */
  readonly control: Int32Array;
}

/**
 * Takes resamples until none are left, and says so after each. What a resample gives does not depend on who takes it.
 */
export function resampleOnThread(data: unknown, post: (done: number) => void): void {
  const { table, resamples, counts, out, control } = data as ResampleJob;
  const resampled = new ResampledScores(table);
  for (let taken = Atomics.add(control, 0, 1); taken < resamples; taken = Atomics.add(control, 0, 1)) {
    if (Atomics.load(control, 1) === 1) return;
    const scores = resampled.scores(counts.subarray(taken * table.bars, (taken + 1) * table.bars));
    SCORE_NAMES.forEach((name, s) => (out[taken * SCORE_NAMES.length + s] = scores[name].value ?? NaN));
    post(1);
  }
}
