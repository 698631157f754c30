import type { BarColumns } from '../../../features/bar.ts';
import { runOnThreads } from '../../../models/estimators/threads/thread-pool.ts';
import { doubleArray, integerArray } from '../../../models/estimators/trees/shared-array.ts';
import type { TradedRules } from './rule-trial.ts';
import type { TrialMessage, TrialsJob } from './trials-on-thread.ts';

const JOB = new URL(
  import.meta.url.endsWith('.ts') ? './trials-on-thread.ts' : './trials-on-thread.js',
  import.meta.url,
);

export interface TrialThreads<Outcome> {
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Called for each trial as it ends, in no fixed order. */
  readonly onTrial: (message: TrialMessage<Outcome>) => void;
}

/**
 * Runs trials on threads of the pool, each taking the next that nobody has. Throws the signal's reason after the
 * threads have ended the trials in hand.
 */
export async function runTrials<Outcome>(
  job: Omit<TrialsJob, 'control'>,
  { threads, signal, onTrial }: TrialThreads<Outcome>,
): Promise<void> {
  if (job.parameters.length === 0) return;
  const control = integerArray(2, true);
  await runOnThreads({
    job: JOB.href,
    threads: Math.min(threads, job.parameters.length),
    data: () => ({ ...job, control }),
    onMessage: (message) => onTrial(message as TrialMessage<Outcome>),
    onAbort: () => Atomics.store(control, 1, 1),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The bars in memory that threads share: handed to each without a copy. */
export function sharedBars(bars: BarColumns): BarColumns {
  const shared = (column: Float64Array): Float64Array => {
    const copy = doubleArray(column.length, true);
    copy.set(column);
    return copy;
  };
  const { symbol, length, openTimeMs, closeTimeMs, open, high, low, close, volume } = bars;
  const times = { openTimeMs: shared(openTimeMs), closeTimeMs: shared(closeTimeMs) };
  return {
    ...{ symbol, length, ...times, open: shared(open), high: shared(high), low: shared(low) },
    ...{ close: shared(close), volume: shared(volume) },
  };
}

/** The same of finer bars. */
export function sharedFine(fine: TradedRules['fine']): TradedRules['fine'] {
  return fine?.map((bars) => (bars === undefined ? undefined : sharedBars(bars)));
}
