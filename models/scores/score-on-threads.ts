import { runOnThreads } from '../estimators/threads/thread-pool.ts';
import { doubleArray, integerArray } from '../estimators/trees/shared-array.ts';
import { percentileInterval, resampleBars, RESAMPLES } from './block-bootstrap.ts';
import {
  resampling,
  scorePredictions,
  scoreReport,
  type ScoreBootstrap,
  type ScoreIntervals,
  type ScoreReport,
} from './prediction-scores.ts';
import type { ResampleJob } from './resample-on-thread.ts';
import { resampleTable, type ResampleTable } from './resample-table.ts';
import { SCORE_NAMES, type Scorable } from './score.ts';

/** Rows times resamples from which threads are worth their start. */
const THREADED_WORK_MIN = 20_000_000;
/** Draws in memory at a time: 32 MB. */
const DRAWS_MAX = 8_000_000;

export interface ThreadedScores extends ScoreBootstrap {
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Fraction of the resamples that are done. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * `scorePredictions` with its intervals computed by threads of the pool: equal to the last bit, whatever their number.
 */
export async function scoreOnThreads(input: Scorable, options: ThreadedScores): Promise<ScoreReport> {
  const { resamples = RESAMPLES } = options;
  if (input.y.length * resamples < THREADED_WORK_MIN) return scorePredictions(input, options);
  const table = resampleTable(input);
  const samples = await scoreResamples(table, resamples, options);
  const intervals = Object.fromEntries(
    SCORE_NAMES.map((name, s) => {
      const values = samples.filter((_, at) => at % SCORE_NAMES.length === s);
      return [name, percentileInterval([...values].filter(Number.isFinite), resamples)];
    }),
  ) as ScoreIntervals;
  return scoreReport(input, intervals);
}

/**
 * The scores of every resample. Bars are drawn here, in the order in which one thread would, and a stretch at a time.
 */
async function scoreResamples(table: ResampleTable, resamples: number, options: ThreadedScores): Promise<Float64Array> {
  const { threads, signal, onProgress } = options;
  const draw = resampling(table.bars, options);
  const samples = new Float64Array(resamples * SCORE_NAMES.length);
  const size = Math.min(resamples, Math.max(threads, Math.floor(DRAWS_MAX / table.bars)));
  const counts = integerArray(size * table.bars, true);
  let done = 0;
  for (let from = 0; from < resamples; from += size) {
    const count = Math.min(size, resamples - from);
    for (let k = 0; k < count; k++) counts.set(resampleBars(table.bars, draw), k * table.bars);
    const control = integerArray(2, true);
    const out = doubleArray(count * SCORE_NAMES.length, true);
    const job: ResampleJob = { table, resamples: count, counts, out, control };
    await runOnThreads({
      job: 'resample-scores',
      threads: Math.min(threads, count),
      data: () => job,
      onMessage: () => onProgress?.(++done / resamples),
      onAbort: () => Atomics.store(control, 1, 1),
      ...(signal === undefined ? {} : { signal }),
    });
    samples.set(out, from * SCORE_NAMES.length);
  }
  return samples;
}
