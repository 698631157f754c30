import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { SignalboxError } from '../../infra/errors.ts';
import { OUTAGE_MS_MAX } from '../../infra/postgres/across-outages.ts';
import { isOutage } from '../../infra/postgres/database-error.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import { ROUND_QUEUE, TRIAL_QUEUE } from './search-queues.ts';
import { isSearchCancelled, readProgress, type SearchJob } from './search-store.ts';

const ATTEMPTS = 3;
const POLL_MS = 200;
/** The journal tells of success; the queue is asked about failures and losses, job by job, only this often. */
const QUEUE_LOOK_MS = 2_000;
export interface RoundOptions {
  readonly database: Database;
  readonly queues: QueueFactory;
  readonly searchHash: string;
  readonly signal: AbortSignal;
  /** Jobs of the search that are done, after each look. */
  readonly onDone?: (done: number) => void;
}

/** A job's place in the journal. */
const placeOf = ({ window, trial, rung }: Pick<SearchJob, 'window' | 'trial' | 'rung'>): string =>
  `${window}.${rung}.${trial}`;

/** Job ids are functions of search and place: adding a job twice adds it once. */
const trialJobId = (job: SearchJob): string => `trial-${job.searchHash}-${placeOf(job)}`;

/**
 * Puts the trials of a round on the queue as one flow and waits until workers, here or elsewhere, have written all of
 * them. Any number of processes may do so at the same time. Throws SignalboxError when a trial failed for good or the
 * search was cancelled.
 */
export async function runRound(options: RoundOptions, jobs: readonly SearchJob[]): Promise<void> {
  const trials = options.queues.queue(TRIAL_QUEUE);
  for (const job of jobs) await removeSettled(trials, job);
  await addRound(options, jobs);
  let answeredMs = performance.now();
  let askedMs = performance.now();
  for (;;) {
    options.signal.throwIfAborted();
    try {
      const open = await openJobs(options, jobs);
      if (open.length === 0) return;
      answeredMs = performance.now();
      if (answeredMs - askedMs >= QUEUE_LOOK_MS) {
        await askQueue(options, trials, open);
        askedMs = performance.now();
      }
    } catch (error) {
      if (!isOutage(error) || performance.now() - answeredMs > OUTAGE_MS_MAX) throw error;
    }
    await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
  }
}

async function addRound({ queues, searchHash }: RoundOptions, jobs: readonly SearchJob[]): Promise<void> {
  await queues.flow().add({
    name: 'round',
    queueName: ROUND_QUEUE,
    data: { searchHash },
    opts: { removeOnComplete: true, removeOnFail: true },
    children: jobs.map((job) => ({
      name: 'trial',
      queueName: TRIAL_QUEUE,
      data: job,
      opts: {
        jobId: trialJobId(job),
        attempts: ATTEMPTS,
        backoff: { type: 'exponential', delay: 500 },
        failParentOnFailure: true,
        removeOnComplete: true,
        // Later windows have more rows: longest first. The whole range is the longest.
        priority: job.window < 0 ? 1 : Math.max(2, 1_000_000 - job.window),
      },
    })),
  });
}

/** The jobs without a row. Throws when the search was cancelled. */
async function openJobs(options: RoundOptions, jobs: readonly SearchJob[]): Promise<SearchJob[]> {
  const rows = await readProgress(options.database.pool, options.searchHash);
  options.onDone?.(rows.length);
  const done = new Set(rows.map(placeOf));
  const open = jobs.filter((job) => !done.has(placeOf(job)));
  if (open.length > 0 && (await isSearchCancelled(options.database.pool, options.searchHash))) {
    throw new SignalboxError('The search was cancelled.', { remedy: 'Optimize again: it goes on where it was.' });
  }
  return open;
}

/** Throws when a job failed for good; adds again what the queue has lost (a Redis that keeps nothing was restarted). */
async function askQueue(options: RoundOptions, trials: Queue, open: readonly SearchJob[]): Promise<void> {
  const absent: SearchJob[] = [];
  for (const job of open) {
    const queued = await trials.getJob(trialJobId(job));
    if (queued === undefined) absent.push(job);
    else if ((await queued.getState()) === 'failed') throw failureOf(job, queued);
  }
  // Written between the two looks: gone from the queue and not lost.
  const lost = absent.length === 0 ? [] : await openJobs(options, absent);
  if (lost.length > 0) await addRound(options, lost);
}

function failureOf({ trial, window }: SearchJob, job: Job): SignalboxError {
  const where = window < 0 ? 'all rows' : `fold ${window}`;
  return new SignalboxError(`Trial ${trial} on ${where} failed: ${job.failedReason}`, {
    remedy: 'Mend the cause and optimize again: trials that are done are kept.',
  });
}

/** Clears a job of an earlier attempt that ended without a row, so that its id is free. */
async function removeSettled(trials: Queue, job: SearchJob): Promise<void> {
  const queued = await trials.getJob(trialJobId(job));
  if (queued === undefined || !['failed', 'completed'].includes(await queued.getState())) return;
  await queued.remove({ removeChildren: false }).catch(async (error: unknown) => {
    if (['failed', 'completed'].includes(await queued.getState())) throw error;
  });
}
