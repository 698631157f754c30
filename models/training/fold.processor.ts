import { workerData } from 'node:worker_threads';
import { UnrecoverableError, type SandboxedJob } from 'bullmq';
import { systemClock } from '../../infra/clock.ts';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import { CANCELLED, type FoldJob } from './fold-job.ts';
import { runFoldJob } from './run-fold-job.ts';
import { isCancelled, isFoldDone } from '../registry/training-store.ts';
import type { FoldThreadData } from './worker.ts';

/** How often a running fold asks whether its training was cancelled. */
const CANCEL_CHECK_MS = 1_000;

let database: Promise<Database> | null = null;

/** The thread's own connection, kept between jobs. */
function openOnce(): Promise<Database> {
  const { config, databaseUrl } = workerData as FoldThreadData;
  // Two connections to read features by and one for asking whether to stop: a large machine runs many threads.
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false, connectionsMax: 3 });
  // An outage at the first job must not be the answer to every later one.
  database.catch(() => (database = null));
  return database;
}

/**
 * Trains, tests and stores one fold. Safe to repeat: a fold that is done is left as it is, and the result is written
 * once, in one transaction, whoever finishes first. A cancelled job stops within about a second and leaves nothing
 * behind; one whose worker stops is tried again by another. A database that is away for a moment is waited for.
 */
export default async function processFold(
  job: SandboxedJob<FoldJob>,
  _token: string,
  signal?: AbortSignal,
): Promise<void> {
  await acrossOutages(() => attemptFold(job, signal), { signal });
}

async function attemptFold(job: SandboxedJob<FoldJob>, signal: AbortSignal | undefined): Promise<void> {
  const open = await openOnce();
  const { trainingHash, fold } = job.data;
  if (await isFoldDone(open.pool, trainingHash, fold)) return;
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('The worker was stopped.'));
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const look = async (): Promise<void> => {
    if (await isCancelled(open.pool, trainingHash)) {
      controller.abort(new UnrecoverableError(CANCELLED));
    }
  };
  await look();
  // While the database is away nobody can cancel; the job meets the same outage when it writes.
  const watch = setInterval(() => void look().catch(() => undefined), CANCEL_CHECK_MS);
  let shown = -1;
  // Estimators report each tree and each batch: only whole percents are worth a message and a write.
  const onProgress = (fraction: number): void => {
    const percent = Math.floor(fraction * 100);
    if (percent === shown) return;
    shown = percent;
    void job.updateProgress(percent);
  };
  try {
    const { atHand } = workerData as FoldThreadData;
    await runFoldJob(open, job.data, {
      dataset: atHand?.trainingHash === trainingHash ? atHand.dataset : undefined,
      clock: systemClock,
      signal: controller.signal,
      onProgress,
    });
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', stop);
  }
}
