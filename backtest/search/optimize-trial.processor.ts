import { workerData } from 'node:worker_threads';
import { UnrecoverableError, type SandboxedJob } from 'bullmq';
import { systemClock } from '../../infra/clock.ts';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import { isSearchCancelled, isTrialDone, type SearchJob } from '../../models/search/search-store.ts';
import type { FoldThreadData } from '../../models/training/worker.ts';
import { loadSearch, runSearchJob, type LoadedSearch } from './optimize-job.ts';

/** How often a running trial asks whether its search was cancelled. */
const CANCEL_CHECK_MS = 1_000;

let database: Promise<Database> | null = null;
let loaded: LoadedSearch | null = null;

/** The thread's own connection, kept between jobs. */
function openOnce(): Promise<Database> {
  const { config, databaseUrl } = workerData as FoldThreadData;
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false, connectionsMax: 2 });
  // An outage at the first job must not be the answer to every later one.
  database.catch(() => (database = null));
  return database;
}

/**
 * Does one trial. Safe to repeat: one that is done is left as it is. A cancelled one stops within about a second and
 * leaves nothing behind; one whose worker stops is tried again by another. A database that is away for a moment is
 * waited for.
 */
export default async function processTrial(
  queued: SandboxedJob<SearchJob>,
  _token: string,
  signal?: AbortSignal,
): Promise<void> {
  await acrossOutages(() => attemptTrial(queued, signal), { signal });
}

async function attemptTrial(queued: SandboxedJob<SearchJob>, signal: AbortSignal | undefined): Promise<void> {
  const open = await openOnce();
  const job = queued.data;
  if (await isTrialDone(open.pool, job)) return;
  if (loaded?.hash !== job.searchHash) loaded = await loadSearch(open, job.searchHash);
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('The worker was stopped.'));
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const look = async (): Promise<void> => {
    if (await isSearchCancelled(open.pool, job.searchHash)) {
      controller.abort(new UnrecoverableError('The search was cancelled.'));
    }
  };
  await look();
  // While the database is away nobody can cancel; the job meets the same outage when it writes.
  const watch = setInterval(() => void look().catch(() => undefined), CANCEL_CHECK_MS);
  let shown = 0;
  const onProgress = (fraction: number): void => {
    const percent = Math.floor(fraction * 10) * 10;
    if (percent === shown) return;
    shown = percent;
    void queued.updateProgress(percent);
  };
  try {
    controller.signal.throwIfAborted();
    await runSearchJob(open, loaded, { job, context: { clock: systemClock, signal: controller.signal, onProgress } });
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', stop);
  }
}
