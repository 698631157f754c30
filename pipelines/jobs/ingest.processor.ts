import { workerData } from 'node:worker_threads';
import type { SandboxedJob } from 'bullmq';
import { systemClock } from '../../infra/clock.ts';
import type { CommandContext } from '../../infra/command.ts';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { problemOfJob } from '../../infra/threads/problem-of-job.ts';
import { threadDatabase, type ProcessorData } from '../../infra/threads/thread-database.ts';
import { beginIngestJob, endIngestJob, saveIngestProgress } from './ingest-job-store.ts';
import { RecordedProgress } from './recorded-progress.ts';
import { requestedIngest } from './requested-ingest.ts';

const CONNECTIONS_MAX = 4;

/** Brings in the bars of one job. Safe to repeat: what is stored by then is not stored again. */
export default async function processIngest(
  { data: { id } }: SandboxedJob<{ readonly id: string }>,
  _token: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  await acrossOutages(
    async () => {
      const open = await threadDatabase(CONNECTIONS_MAX);
      const job = await beginIngestJob(open.pool, id);
      if (job === null) return;
      const progress = new RecordedProgress((now) => {
        saveIngestProgress(open.pool, id, now).catch(() => undefined);
      });
      try {
        const result = await requestedIngest(contextOf(open, progress, signal), job.asked, job.upload);
        await saveIngestProgress(open.pool, id, progress.progress);
        await endIngestJob(open.pool, id, { result });
      } catch (error) {
        // One that is stopped is tried again.
        if (signal.aborted) throw error;
        await endIngestJob(open.pool, id, { problem: problemOfJob(error) });
      }
    },
    { signal },
  );
}

function contextOf(open: Database, progress: RecordedProgress, signal: AbortSignal): CommandContext {
  const { config } = workerData as ProcessorData;
  const nothing = (): void => undefined;
  const said = { json: true, print: nothing, announce: nothing };
  return { config, clock: systemClock, progress, signal, database: () => Promise.resolve(open), ...said };
}
