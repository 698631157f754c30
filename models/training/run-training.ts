import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowJob, Job, Queue } from 'bullmq';
import { SignalboxError } from '../../infra/errors.ts';
import { OUTAGE_MS_MAX } from '../../infra/postgres/across-outages.ts';
import { codeOf, isOutage } from '../../infra/postgres/database-error.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import { CANCELLED, FOLD_QUEUE, foldJobId, TRAINING_QUEUE, trainingJobId, type FoldJob } from './fold-job.ts';
import { FINAL_FOLD } from '../registry/training-names.ts';
import { clearCancel, readTraining, readTrainingState, type TrainingState } from '../registry/training-store.ts';

/** A job that failed is tried again this often: a worker machine may have been out of memory or disk. */
const ATTEMPTS = 3;
/** Each look costs one query of ours and three of the queue's, whatever the number of folds. */
const POLL_MS = 200;
/** SQLSTATE, as the queue's PostgreSQL gives it. */
const FOREIGN_KEY_VIOLATION = '23503';
const FLOW_ATTEMPTS = 5;

export interface RunTrainingOptions {
  readonly database: Database;
  readonly queues: QueueFactory;
  readonly trainingHash: string;
  readonly signal: AbortSignal;
  /** Folds done so far, of `total`, counting started folds by their fraction; never falls. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Puts the folds that are not done yet on the queue and waits until workers, here or elsewhere, have done them and the
 * training is assembled. Does nothing when everything is there already. Any number of processes may do this for one
 * training at the same time. Throws SignalboxError when a fold failed for good or the training was cancelled.
 */
export async function runTraining(options: RunTrainingOptions): Promise<void> {
  const { database, trainingHash } = options;
  const plan = await readTraining(database.pool, trainingHash);
  const all = [...plan.folds.map((fold) => fold.index), FINAL_FOLD];
  const { done, assembled } = await readTrainingState(database.pool, trainingHash);
  if (assembled) {
    options.onProgress?.(all.length, all.length);
    return;
  }
  await clearCancel(database.pool, trainingHash);
  const queues = { folds: options.queues.queue(FOLD_QUEUE), trainings: options.queues.queue(TRAINING_QUEUE) };
  const open = all.filter((fold) => !done.has(fold));
  await removeSettled(queues, trainingHash, open, options.signal);
  await addOpen(options, all);
  await waitForEnd(options, queues, all);
}

function flowOf(trainingHash: string, folds: readonly number[]): FlowJob {
  return {
    name: 'training',
    queueName: TRAINING_QUEUE,
    data: { trainingHash },
    opts: { jobId: trainingJobId(trainingHash), attempts: ATTEMPTS, removeOnComplete: true },
    children: folds.map((fold) => ({
      name: 'fold',
      queueName: FOLD_QUEUE,
      data: { trainingHash, fold },
      opts: {
        jobId: foldJobId(trainingHash, fold),
        attempts: ATTEMPTS,
        backoff: { type: 'exponential', delay: 500 },
        failParentOnFailure: true,
        removeOnComplete: true,
        // The last fold has the most rows of an expanding window, and the final model more: longest first.
        priority: fold === FINAL_FOLD ? 1 : 2 + folds.length - folds.indexOf(fold),
      },
    })),
  };
}

interface Queues {
  readonly folds: Queue;
  readonly trainings: Queue;
}

/**
 * Clears jobs of an earlier attempt that ended without a result, so that their ids are free. Living ones stay: adding
 * them again joins them to the new parent. A parent that waits to be taken up may carry the failure of a fold that is
 * about to be tried again, so it goes too.
 */
async function removeSettled(
  queues: Queues,
  trainingHash: string,
  folds: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const parent = await queues.trainings.getJob(trainingJobId(trainingHash));
  if (parent !== undefined) await removeIn(parent, ['failed', 'completed', 'waiting', 'delayed']);
  for (const fold of folds) {
    signal.throwIfAborted();
    const job = await queues.folds.getJob(foldJobId(trainingHash, fold));
    if (job !== undefined) await removeIn(job, ['failed', 'completed']);
  }
}

/**
 * Removes a job, not its children, when it is in one of `states` and nobody has taken it up or removed it meanwhile.
 */
async function removeIn(job: Job, states: readonly string[]): Promise<void> {
  if (!states.includes(await job.getState())) return;
  try {
    await job.remove({ removeChildren: false });
  } catch (error) {
    if (states.includes(await job.getState())) throw error;
  }
}

async function waitForEnd(options: RunTrainingOptions, queues: Queues, all: readonly number[]): Promise<void> {
  const { signal } = options;
  let answeredMs = performance.now();
  let most = 0;
  // A fold that another worker took over begins anew; what was shown stays.
  const onProgress = (done: number): void => options.onProgress?.((most = Math.max(most, done)), all.length);
  for (;;) {
    signal.throwIfAborted();
    try {
      if (await look({ ...options, onProgress }, queues, all)) return;
      answeredMs = performance.now();
    } catch (error) {
      if (!isOutage(error) || performance.now() - answeredMs > OUTAGE_MS_MAX) throw error;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Reports how far the training is. True when it is done; throws when it failed. */
async function look(options: RunTrainingOptions, queues: Queues, all: readonly number[]): Promise<boolean> {
  const { database, trainingHash } = options;
  const state = await readTrainingState(database.pool, trainingHash);
  options.onProgress?.(state.done.size + (await progressOfActive(queues.folds, trainingHash, state)), all.length);
  if (state.assembled) return true;
  const parent = await queues.trainings.getJob(trainingJobId(trainingHash));
  // Gone: it was assembled this moment, or the queue has lost its jobs (a Redis that keeps nothing was restarted).
  if (parent === undefined) await addOpen(options, all);
  else if ((await parent.getState()) === 'failed') await takeUp(options, queues, { trainingHash, parent, all, state });
  return false;
}

/**
 * A failure ends the run, but for one: a fold may say only now that it was cancelled, in the run before this one. What
 * is open is then begun anew.
 */
async function takeUp(options: RunTrainingOptions, queues: Queues, failed: FailedTraining): Promise<void> {
  const { trainingHash, all, state } = failed;
  const fold = await failedFold(queues, failed);
  if (state.cancelled || fold?.job.failedReason !== CANCELLED) throw failureOf(failed, fold);
  await removeSettled(queues, trainingHash, all, options.signal);
  await addOpen(options, all);
}

/**
 * Adds what is not done yet. A job of the flow that another run removes at this moment fails the whole flow, which then
 * has added nothing: what is open is looked up and added anew.
 */
async function addOpen({ database, queues, trainingHash }: RunTrainingOptions, all: readonly number[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { done, assembled } = await readTrainingState(database.pool, trainingHash);
    if (assembled) return;
    const open = all.filter((fold) => !done.has(fold));
    try {
      await queues.flow().add(flowOf(trainingHash, open));
      return;
    } catch (error) {
      if (codeOf(error) !== FOREIGN_KEY_VIOLATION || attempt === FLOW_ATTEMPTS) throw error;
    }
  }
}

/** Folds under way, each counted by its fraction. */
async function progressOfActive(folds: Queue, trainingHash: string, { done }: TrainingState): Promise<number> {
  const active = (await folds.getActive()).filter((job): job is Job<FoldJob> => {
    const data = (job as Job<FoldJob> | undefined)?.data;
    return data?.trainingHash === trainingHash && !done.has(data.fold);
  });
  return active.reduce((sum, { progress }) => sum + (typeof progress === 'number' ? progress / 100 : 0), 0);
}

interface FailedTraining {
  readonly trainingHash: string;
  readonly parent: Job;
  readonly all: readonly number[];
  readonly state: TrainingState;
}

interface FailedFold {
  readonly fold: number;
  readonly job: Job<FoldJob>;
}

/** The first fold that failed for good, which failed its parent. */
async function failedFold(queues: Queues, { trainingHash, all, state }: FailedTraining): Promise<FailedFold | null> {
  for (const fold of all.filter((index) => !state.done.has(index))) {
    const job = (await queues.folds.getJob(foldJobId(trainingHash, fold))) as Job<FoldJob> | undefined;
    if (job !== undefined && (await job.getState()) === 'failed') return { fold, job };
  }
  return null;
}

function failureOf({ parent, state }: FailedTraining, failed: FailedFold | null): SignalboxError {
  if (state.cancelled) {
    return new SignalboxError(CANCELLED, { remedy: 'Run the experiment again: it goes on where it was.' });
  }
  if (failed === null) {
    return new SignalboxError(`The training failed: ${parent.failedReason}`, {
      remedy: 'Run the experiment again: folds that are done are kept.',
    });
  }
  const name = failed.fold === FINAL_FOLD ? 'the final model' : `fold ${failed.fold + 1}`;
  return new SignalboxError(`Training ${name} failed: ${failed.job.failedReason}`, {
    remedy: 'Mend the cause and run the experiment again: folds that are done are kept.',
  });
}
