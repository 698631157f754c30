import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowJob, Job, Queue } from 'bullmq';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { QueueFactory } from '../../infra/queue.ts';
import { FINAL_FOLD, FOLD_QUEUE, foldJobId, TRAINING_QUEUE, trainingJobId } from './fold-job.ts';
import { clearCancel, isAssembled, readFoldResults, readTraining } from './training-store.ts';

/** A job that failed is tried again this often: a worker machine may have been out of memory or disk. */
const ATTEMPTS = 3;
const POLL_MS = 200;

export interface RunTrainingOptions {
  readonly database: Database;
  readonly queues: QueueFactory;
  readonly trainingHash: string;
  readonly signal: AbortSignal;
  /** Folds done so far, of `total`, counting started folds by their fraction. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Puts the folds that are not done yet on the queue and waits until workers, here or elsewhere, have done them and the
 * training is assembled. Does nothing when everything is there already. Throws SignalboxError when a fold failed for good.
 */
export async function runTraining(options: RunTrainingOptions): Promise<void> {
  const { database, trainingHash } = options;
  const plan = await readTraining(database.pool, trainingHash);
  const all = [...plan.folds.map((fold) => fold.index), FINAL_FOLD];
  const done = await readFoldResults(database.pool, trainingHash);
  if (all.every((fold) => done.has(fold)) && (await isAssembled(database.pool, trainingHash))) {
    options.onProgress?.(all.length, all.length);
    return;
  }
  await clearCancel(database.pool, trainingHash);
  const queues = { folds: options.queues.queue(FOLD_QUEUE), trainings: options.queues.queue(TRAINING_QUEUE) };
  await removeSettled(queues, trainingHash, all, options.signal);
  await options.queues.flow().add(
    flowOf(
      trainingHash,
      all.filter((fold) => !done.has(fold)),
    ),
  );
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

/** Clears jobs of an earlier attempt that ended without a result, so that their ids are free. Living ones stay. */
async function removeSettled(
  queues: Queues,
  trainingHash: string,
  folds: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const parent = await queues.trainings.getJob(trainingJobId(trainingHash));
  if (parent !== undefined && (await isSettled(parent))) await parent.remove({ removeChildren: true });
  for (const fold of folds) {
    signal.throwIfAborted();
    const job = await queues.folds.getJob(foldJobId(trainingHash, fold));
    if (job !== undefined && (await isSettled(job))) await job.remove();
  }
}

async function isSettled(job: Job): Promise<boolean> {
  const state = await job.getState();
  return state === 'failed' || state === 'completed' || state === 'unknown';
}

async function waitForEnd(options: RunTrainingOptions, queues: Queues, all: readonly number[]): Promise<void> {
  const { database, trainingHash, signal } = options;
  for (;;) {
    signal.throwIfAborted();
    const done = await readFoldResults(database.pool, trainingHash);
    const started = await progressOfActive(queues.folds, trainingHash, all, done);
    options.onProgress?.(done.size + started, all.length);
    if (done.size >= all.length && (await isAssembled(database.pool, trainingHash))) return;
    await throwIfFailed(queues, trainingHash, all);
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function progressOfActive(
  folds: Queue,
  trainingHash: string,
  all: readonly number[],
  done: ReadonlyMap<number, unknown>,
): Promise<number> {
  const open = all.filter((fold) => !done.has(fold));
  const jobs = await Promise.all(open.map((fold) => folds.getJob(foldJobId(trainingHash, fold))));
  return jobs.reduce((sum, job) => sum + (typeof job?.progress === 'number' ? job.progress / 100 : 0), 0);
}

async function throwIfFailed(queues: Queues, trainingHash: string, all: readonly number[]): Promise<void> {
  for (const fold of all) {
    const job = await queues.folds.getJob(foldJobId(trainingHash, fold));
    if (job !== undefined && (await job.getState()) === 'failed') {
      const name = fold === FINAL_FOLD ? 'the final model' : `fold ${fold}`;
      throw new SignalboxError(`Training ${name} failed: ${job.failedReason}`, {
        remedy: 'Mend the cause and run the experiment again: folds that are done are kept.',
      });
    }
  }
  const parent = await queues.trainings.getJob(trainingJobId(trainingHash));
  if (parent !== undefined && (await parent.getState()) === 'failed') {
    throw new SignalboxError(`Assembling the training failed: ${parent.failedReason}`, { remedy: 'Run it again.' });
  }
}
