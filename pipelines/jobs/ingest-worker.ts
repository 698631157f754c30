import type { Worker } from 'bullmq';
import type { Config } from '../../infra/config.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import type { ProcessorData } from '../../infra/threads/thread-database.ts';
import { endIngestJob } from './ingest-job-store.ts';

export const INGEST_QUEUE = 'signalbox-ingests';

/** The processor file beside this one, in the form this code runs in (source or compiled). */
const PROCESSOR = new URL(
  import.meta.url.endsWith('.ts') ? './ingest.processor.ts' : './ingest.processor.js',
  import.meta.url,
);

/** Starts a worker of this process for bars that were asked for. It stops when `queues` is closed. */
export async function startIngestWorker({
  config,
  database,
  queues,
}: {
  readonly config: Config;
  readonly database: Database;
  readonly queues: QueueFactory;
}): Promise<Worker> {
  const threadData: ProcessorData = { config, databaseUrl: database.url };
  const worker = queues.worker(INGEST_QUEUE, PROCESSOR, { concurrency: 1, threadData });
  worker.on('failed', (job, error) => {
    const { id } = (job?.data ?? {}) as { id?: string };
    // With the database away it stays as it was: the next worker begins it again.
    if (id === undefined) return;
    void endIngestJob(database.pool, id, { problem: error.message, again: true }).catch(() => undefined);
  });
  await worker.waitUntilReady();
  return worker;
}
