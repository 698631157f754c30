import { workerData } from 'node:worker_threads';
import type { SandboxedJob } from 'bullmq';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import { problemOfJob } from '../../infra/threads/problem-of-job.ts';
import { threadDatabase, type ProcessorData } from '../../infra/threads/thread-database.ts';
import { beginJob, endJob } from './job-store.ts';
import { requestedBacktest } from './requested-backtest.ts';

/** Does one backtest. Safe to repeat: one that has ended is left as it is. */
export default async function processBacktest({ data: { id } }: SandboxedJob<{ readonly id: string }>): Promise<void> {
  await acrossOutages(async () => {
    const open = await threadDatabase(2);
    const job = await beginJob(open.pool, id);
    if (job?.kind !== 'rules') return;
    const { config } = workerData as ProcessorData;
    try {
      await endJob(open.pool, id, await requestedBacktest(open, config.dataDir, job.asked));
    } catch (error) {
      await endJob(open.pool, id, { problem: problemOfJob(error) });
    }
  });
}
