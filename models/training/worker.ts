import type { Worker } from 'bullmq';
import type { Config } from '../../infra/config.ts';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import type { Dataset } from '../dataset.ts';
import { assembleTraining } from './assemble-training.ts';
import { FOLD_QUEUE, TRAINING_QUEUE, type TrainingJob } from './fold-job.ts';

/** The rows of one training, in memory that threads share: its folds here need not read them again. */
interface DatasetAtHand {
  readonly trainingHash: string;
  readonly dataset: Dataset;
}

/** What the sandboxed fold processor receives besides its job. Passed thread to thread, never stored. */
export interface FoldThreadData {
  readonly config: Config;
  /** The embedded server's address is known to the process that opened it, not to its threads. */
  readonly databaseUrl: string;
  /** Null in workers that serve any training. */
  readonly atHand: DatasetAtHand | null;
}

export interface WorkerOptions {
  readonly config: Config;
  readonly database: Database;
  readonly queues: QueueFactory;
  /** Folds at a time, each in a thread of its own. */
  readonly concurrency: number;
  readonly atHand?: DatasetAtHand | undefined;
}

/** The processor file beside this one, in the form this code runs in (source or compiled). */
const PROCESSOR = new URL(
  import.meta.url.endsWith('.ts') ? './fold.processor.ts' : './fold.processor.js',
  import.meta.url,
);

/** Starts the workers of this process: folds in threads, assembly here. They stop when `queues` is closed. */
export async function startWorkers(options: WorkerOptions): Promise<{ folds: Worker; trainings: Worker }> {
  const { config, database, atHand = null } = options;
  const threadData: FoldThreadData = { config, databaseUrl: database.url, atHand };
  const folds = options.queues.worker(FOLD_QUEUE, PROCESSOR, { concurrency: options.concurrency, threadData });
  const trainings = options.queues.worker(
    TRAINING_QUEUE,
    async (job) => acrossOutages(() => assembleTraining(options.database, (job.data as TrainingJob).trainingHash)),
    { concurrency: 1 },
  );
  await Promise.all([folds.waitUntilReady(), trainings.waitUntilReady()]);
  return { folds, trainings };
}
