import type { Job, Worker } from 'bullmq';
import type { Config } from '../../infra/config.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import type { ProcessorData } from '../../infra/threads/thread-database.ts';
import { endJob, type BacktestJob } from './job-store.ts';

/** Rules over bars of the store take seconds, experiments may take hours: one does not wait for the other. */
export const BACKTEST_QUEUE = 'signalbox-backtests';
export const EXPERIMENT_QUEUE = 'signalbox-experiments';

/** A worker that is stopped puts an experiment back: another one goes on. */
const EXPERIMENT_ATTEMPTS = 5;

/** A processor file beside this one, in the form this code runs in (source or compiled). */
const processor = (name: string): URL =>
  new URL(`./${name}.processor.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Puts a job on the queue of its kind. */
export async function enqueueJob(queues: Pick<QueueFactory, 'queue'>, { id, kind }: BacktestJob): Promise<void> {
  const options = { jobId: id, removeOnComplete: true };
  if (kind === 'rules') await queues.queue(BACKTEST_QUEUE).add('backtest', { id }, options);
  else await queues.queue(EXPERIMENT_QUEUE).add(kind, { id }, { ...options, attempts: EXPERIMENT_ATTEMPTS });
}

/**
 * Starts the workers of this process for backtests that were asked for: of rules, and of experiments. They stop when
 * `queues` is closed.
 */
export async function startBacktestWorkers({
  config,
  database,
  queues,
}: {
  readonly config: Config;
  readonly database: Database;
  readonly queues: QueueFactory;
}): Promise<readonly Worker[]> {
  const threadData: ProcessorData = { config, databaseUrl: database.url };
  const settings = { concurrency: 1, threadData };
  const workers = [
    queues.worker(BACKTEST_QUEUE, processor('backtest'), settings),
    queues.worker(EXPERIMENT_QUEUE, processor('experiment'), settings),
  ];
  for (const worker of workers) {
    worker.on('failed', (job, error) => {
      if (job === undefined || isTriedAgain(job)) return;
      const { id } = job.data as { readonly id: string };
      // With the database away it stays as it was: the next worker begins it again.
      void endJob(database.pool, id, { problem: error.message }).catch(() => undefined);
    });
  }
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return workers;
}

const isTriedAgain = ({ attemptsMade, opts }: Pick<Job, 'attemptsMade' | 'opts'>): boolean =>
  attemptsMade < (opts.attempts ?? 1);
