import { workerData } from 'node:worker_threads';
import type { SandboxedJob } from 'bullmq';
import { systemClock } from '../../infra/clock.ts';
import type { CommandContext } from '../../infra/command.ts';
import { acrossOutages } from '../../infra/postgres/across-outages.ts';
import { problemOfJob } from '../../infra/threads/problem-of-job.ts';
import { threadDatabase, type ProcessorData } from '../../infra/threads/thread-database.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { JobProgress } from './job-progress.ts';
import { beginJob, endJob, keepProgress } from './job-store.ts';
import { requestedExperiment } from './requested-experiment.ts';

/** How often a job says how far it is, and asks whether it was canceled. */
const LOOK_MS = 500;
const CONNECTIONS_MAX = 10;

/**
 * Does one backtest or walk-forward of an experiment. Safe to repeat: what is trained and kept is not done again. One
 * that is canceled stops within seconds; one whose worker stops is gone on with by another.
 */
export default async function processExperiment(
  { data: { id } }: SandboxedJob<{ readonly id: string }>,
  _token: string,
  signal?: AbortSignal,
): Promise<void> {
  await acrossOutages(async () => attempt(await threadDatabase(CONNECTIONS_MAX), id, signal), { signal });
}

async function attempt(open: Database, id: string, signal: AbortSignal | undefined): Promise<void> {
  const job = await beginJob(open.pool, id);
  if (job === null || job.kind === 'rules') return;
  const progress = new JobProgress();
  const ending = new AbortController();
  const stop = (): void => ending.abort(new Error('The worker was stopped.'));
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  let told = '';
  const tell = async (): Promise<void> => {
    const now = progress.told();
    const text = JSON.stringify(now);
    if (await keepProgress(open.pool, id, now)) told = text;
    else ending.abort(new Error('The job was canceled.'));
  };
  // While the database is away nobody looks, and nobody can cancel.
  const watch = setInterval(() => void tell().catch(() => undefined), LOOK_MS);
  try {
    const done = await requestedExperiment(contextOf(open, job.askedBy, progress, ending.signal), job.asked);
    if (JSON.stringify(progress.told()) !== told) await tell();
    await endJob(open.pool, id, done);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    // Canceled: it has ended already.
    if (!ending.signal.aborted) await endJob(open.pool, id, { problem: problemOfJob(error) });
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', stop);
  }
}

/** What a command is given, in the name of whoever asked. */
function contextOf(open: Database, operator: string, progress: JobProgress, signal: AbortSignal): CommandContext {
  const { config } = workerData as ProcessorData;
  const nothing = (): void => undefined;
  return {
    config: { ...config, operator },
    clock: systemClock,
    progress,
    json: true,
    signal,
    database: () => Promise.resolve(open),
    print: nothing,
    announce: nothing,
  };
}
