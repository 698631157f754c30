import { workerData } from 'node:worker_threads';
import type { SandboxedJob } from 'bullmq';
import { systemClock } from '../../infra/clock.ts';
import type { CommandContext } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { isOutage } from '../../infra/postgres/database-error.ts';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import { beginIngestJob, endIngestJob, saveIngestProgress } from './ingest-job-store.ts';
import type { IngestThreadData } from './ingest-worker.ts';
import { RecordedProgress } from './recorded-progress.ts';
import { requestedIngest } from './requested-ingest.ts';

const { config, databaseUrl } = workerData as IngestThreadData;
let database: Promise<Database> | null = null;

/** The thread's own connections, kept between jobs. */
function openOnce(): Promise<Database> {
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false, connectionsMax: 4 });
  // An outage at the first job must not be the answer to every later one.
  database.catch(() => (database = null));
  return database;
}

/** Brings in the bars of one job. Safe to repeat: what is stored by then is not stored again. */
export default async function processIngest(
  { data: { id } }: SandboxedJob<{ readonly id: string }>,
  _token: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  await acrossOutages(
    async () => {
      const open = await openOnce();
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
        // What its words or its source are to blame for is an answer; an outage and a stop are tried again.
        if (!(error instanceof SignalboxError) || signal.aborted || isOutage(error)) throw error;
        await endIngestJob(open.pool, id, { problem: `${error.message} ${error.remedy}`.trim() });
      }
    },
    { signal },
  );
}

function contextOf(open: Database, progress: RecordedProgress, signal: AbortSignal): CommandContext {
  const nothing = (): void => undefined;
  const said = { json: true, print: nothing, announce: nothing };
  return { config, clock: systemClock, progress, signal, database: () => Promise.resolve(open), ...said };
}
