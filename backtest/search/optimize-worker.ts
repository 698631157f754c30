import type { Worker } from 'bullmq';
import type { WorkerOptions } from '../../models/training/worker.ts';
import { ROUND_QUEUE, TRIAL_QUEUE } from '../../models/search/search-queues.ts';

/** The processor file beside this one, in the form this code runs in (source or compiled). */
const PROCESSOR = new URL(
  import.meta.url.endsWith('.ts') ? './optimize-trial.processor.ts' : './optimize-trial.processor.js',
  import.meta.url,
);

/** Starts the workers of this process for searches: trials in threads. They stop when `queues` is closed. */
export async function startSearchWorkers(options: WorkerOptions): Promise<Worker> {
  const { queues, concurrency, config, database } = options;
  const threadData = { config, databaseUrl: database.url };
  const trials = queues.worker(TRIAL_QUEUE, PROCESSOR, { concurrency, threadData });
  // A round has nothing left to do when its trials are done: what follows is decided by whoever searches.
  const rounds = queues.worker(ROUND_QUEUE, async () => undefined, { concurrency: 1 });
  await Promise.all([trials.waitUntilReady(), rounds.waitUntilReady()]);
  return trials;
}
