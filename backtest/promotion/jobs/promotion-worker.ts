import type { Worker } from 'bullmq';
import type { Config } from '../../../infra/config.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { QueueFactory } from '../../../infra/redis/queue.ts';
import { PROMOTION_QUEUE } from './promotion-job.ts';

/** What the processor's thread receives besides its job. */
export interface PromotionThreadData {
  readonly config: Config;
  readonly databaseUrl: string;
}

/** The processor file beside this one, in the form this code runs in (source or compiled). */
const PROCESSOR = new URL(
  import.meta.url.endsWith('.ts') ? './promotion.processor.ts' : './promotion.processor.js',
  import.meta.url,
);

/** Starts a worker of this process for promotions that were asked for. It stops when `queues` is closed. */
export async function startPromotionWorker({
  config,
  database,
  queues,
}: {
  readonly config: Config;
  readonly database: Database;
  readonly queues: QueueFactory;
}): Promise<Worker> {
  const threadData: PromotionThreadData = { config, databaseUrl: database.url };
  const worker = queues.worker(PROMOTION_QUEUE, PROCESSOR, { concurrency: 1, threadData });
  await worker.waitUntilReady();
  return worker;
}
