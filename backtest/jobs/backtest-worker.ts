import type { Worker } from 'bullmq';
import type { Config } from '../../infra/config.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import { endJob } from './job-store.ts';

export const BACKTEST_QUEUE = 'signalbox-backtests';

/** What the processor's thread receives besides its job. */
export interface BacktestThreadData {
  readonly config: Config;
  readonly databaseUrl: string;
}

/** The processor file beside this one, in the form this code runs in (source or compiled). */
const PROCESSOR = new URL(
  import.meta.url.endsWith('.ts') ? './backtest.processor.ts' : './backtest.processor.js',
  import.meta.url,
);

/** Starts a worker of this process for backtests that were asked for. It stops when `queues` is closed. */
export async function startBacktestWorker({
  config,
  database,
  queues,
}: {
  readonly config: Config;
  readonly database: Database;
  readonly queues: QueueFactory;
}): Promise<Worker> {
  const threadData: BacktestThreadData = { config, databaseUrl: database.url };
  const worker = queues.worker(BACKTEST_QUEUE, PROCESSOR, { concurrency: 1, threadData });
  worker.on('failed', (job, error) => {
    const { id } = (job?.data ?? {}) as { id?: string };
    // With the database away it stays as it was: the next worker begins it again.
    if (id !== undefined) void endJob(database.pool, id, { problem: error.message }).catch(() => undefined);
  });
  await worker.waitUntilReady();
  return worker;
}
