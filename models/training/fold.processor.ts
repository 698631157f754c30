import { workerData } from 'node:worker_threads';
import { UnrecoverableError, type SandboxedJob } from 'bullmq';
import { systemClock } from '../../infra/clock.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import type { FoldJob } from './fold-job.ts';
import { runFoldJob } from './run-fold-job.ts';
import { isCancelled } from './training-store.ts';
import type { FoldThreadData } from './worker.ts';

/** How often a running fold asks whether its training was cancelled. */
const CANCEL_CHECK_MS = 1_000;

let database: Promise<Database> | null = null;

/** The thread's own connection, kept between jobs. */
function openOnce(): Promise<Database> {
  const { config, databaseUrl } = workerData as FoldThreadData;
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false });
  return database;
}

/**
 * Trains, tests and stores one fold. Safe to repeat: the result is written once, in one transaction, whoever finishes first.
 * A cancelled job stops within about a second and leaves nothing behind.
 */
export default async function processFold(
  job: SandboxedJob<FoldJob>,
  _token: string,
  signal?: AbortSignal,
): Promise<void> {
  const open = await openOnce();
  const controller = new AbortController();
  const cancel = (): void => controller.abort(new UnrecoverableError('The training was cancelled.'));
  signal?.addEventListener('abort', cancel, { once: true });
  const watch = setInterval(() => {
    isCancelled(open.pool, job.data.trainingHash).then(
      (cancelled) => {
        if (cancelled) cancel();
      },
      // The database went away: the job itself meets the same outage when it writes, and is retried.
      () => clearInterval(watch),
    );
  }, CANCEL_CHECK_MS);
  let shown = -1;
  // Estimators report each tree and each batch: only whole percents are worth a message and a write.
  const onProgress = (fraction: number): void => {
    const percent = Math.floor(fraction * 100);
    if (percent === shown) return;
    shown = percent;
    void job.updateProgress(percent);
  };
  try {
    await runFoldJob(open, job.data, {
      clock: systemClock,
      signal: controller.signal,
      onProgress,
    });
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', cancel);
  }
}
