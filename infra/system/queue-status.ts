import type { Job, Queue } from 'bullmq';
import { InputError } from '../errors.ts';
import type { QueueFactory } from '../redis/queue.ts';

/** Failed jobs of a queue that are told one by one. */
const FAILED_TOLD = 20;
const STATES = ['waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed'] as const;

/** A job that failed, and why. */
interface FailedJob {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
  readonly attempts: number;
  readonly failedAt: string | null;
}

/** How a queue stands. */
export interface QueueStatus {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly completed: number;
  readonly failed: number;
  /** Processes that do its jobs. */
  readonly workers: number;
  /** The last that failed, the newest first. */
  readonly failures: readonly FailedJob[];
}

/** How the queues stand, in the order of `names`. */
export async function queueStatuses(queues: QueueFactory, names: readonly string[]): Promise<QueueStatus[]> {
  return Promise.all(names.map((name) => statusOf(queues.queue(name))));
}

async function statusOf(queue: Queue): Promise<QueueStatus> {
  const counts = await queue.getJobCounts(...STATES);
  const failed = counts['failed'] ?? 0;
  const failures = failed === 0 ? [] : await queue.getFailed(0, FAILED_TOLD - 1);
  return {
    queue: queue.name,
    waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
    active: counts['active'] ?? 0,
    delayed: counts['delayed'] ?? 0,
    completed: counts['completed'] ?? 0,
    failed,
    workers: await queue.getWorkersCount(),
    failures: failures.map(failureOf),
  };
}

function failureOf({ id = '', name, failedReason, attemptsMade, finishedOn }: Job): FailedJob {
  const failedAt = finishedOn === undefined ? null : new Date(finishedOn).toISOString();
  return { id, name, reason: failedReason, attempts: attemptsMade, failedAt };
}

/** Puts a failed job back in line. @throws InputError for one that there is not, or that has not failed */
export async function retryJob(queues: QueueFactory, queue: string, id: string): Promise<void> {
  const job = (await queues.queue(queue).getJob(id)) as Job | undefined;
  if (job === undefined) throw new InputError(`There is no job ${id} in ${queue}.`, 'See which have failed.');
  const state = await job.getState();
  if (state !== 'failed') throw new InputError(`Job ${id} of ${queue} is ${state}: it has not failed.`);
  await job.retry('failed');
}
