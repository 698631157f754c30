import { workerData } from 'node:worker_threads';
import type { SandboxedJob } from 'bullmq';
import { SignalboxError } from '../../infra/errors.ts';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import type { BacktestThreadData } from './backtest-worker.ts';
import { beginJob, endJob } from './job-store.ts';
import { requestedBacktest } from './requested-backtest.ts';

let database: Promise<Database> | null = null;

/** The thread's own connection, kept between jobs. */
function openOnce(): Promise<Database> {
  const { config, databaseUrl } = workerData as BacktestThreadData;
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false, connectionsMax: 2 });
  // An outage at the first job must not be the answer to every later one.
  database.catch(() => (database = null));
  return database;
}

/** Does one backtest. Safe to repeat: one that is done is left as it is. */
export default async function processBacktest({ data: { id } }: SandboxedJob<{ readonly id: string }>): Promise<void> {
  await acrossOutages(async () => {
    const open = await openOnce();
    const job = await beginJob(open.pool, id);
    if (job === null) return;
    try {
      await endJob(open.pool, id, { result: await requestedBacktest(open, job.asked) });
    } catch (error) {
      // What its words are to blame for is an answer; an outage is tried again.
      if (!(error instanceof SignalboxError) || error.exitCode !== 2) throw error;
      await endJob(open.pool, id, { problem: `${error.message} ${error.remedy}`.trim() });
    }
  });
}
