import { setTimeout as sleep } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import type { Queue } from 'bullmq';
import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { SUPERVISION_QUEUE } from '../../models/monitoring/supervision-schedule.ts';
import { TRIAL_QUEUE } from '../../models/search/search-queues.ts';
import { FOLD_QUEUE } from '../../models/training/fold-job.ts';

/** Registers `worker`: folds, trials of searches and scheduled looks at champions. */
export function registerWorkerCommand(program: Command): void {
  const worker = addCommand(program, 'worker', 'do training jobs for any process that shares this database (or Redis)');
  worker.option('--concurrency <N>', 'folds at a time', String(availableParallelism()));
  worker.option('--until-idle', 'end when the queue has been empty for two seconds');
  bindAction<WorkerCommandOptions>(worker, (context, options) => runWorker(context, options));
}

interface WorkerCommandOptions {
  readonly concurrency: string;
  readonly untilIdle?: boolean;
}

async function runWorker(context: CommandContext, options: WorkerCommandOptions): Promise<CommandOutput> {
  const concurrency = Number(options.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 256) {
    throw new InputError(`--concurrency ${options.concurrency} is not a whole number from 1 to 256.`);
  }
  const { assertQueueReachable, createQueueFactory } = await import('../../infra/redis/queue.ts');
  const { startWorkers } = await import('../../models/training/worker.ts');
  const { startSupervisor } = await import('./supervise-experiment.ts');
  const { startSearchWorkers } = await import('../search/optimize-worker.ts');
  const { startBacktestWorker } = await import('../jobs/backtest-worker.ts');
  const database = await context.database();
  const queues = createQueueFactory(context.config, database, (error) =>
    context.progress.note(`queue: ${error.message}`),
  );
  let done = 0;
  try {
    await assertQueueReachable(queues);
    const workers = { config: context.config, database, queues, concurrency };
    const { folds } = await startWorkers(workers);
    const looks = await startSupervisor(context, queues);
    for (const jobs of [folds, await startSearchWorkers(workers), looks, await startBacktestWorker(workers)]) {
      jobs.on('completed', (job) => context.progress.note(`done: ${job.id} (${++done})`));
      jobs.on('failed', (job, error) => context.progress.note(`failed: ${job?.id ?? 'a job'}: ${error.message}`));
    }
    context.progress.note(
      `worker: ${concurrency} folds and as many trials at a time over ${queues.backend}; Ctrl-C stops it`,
    );
    await waitForEnd(context.signal, options.untilIdle === true ? WORKED.map((name) => queues.queue(name)) : null);
  } finally {
    // Told to stop, jobs in hand go back to the queue; they may have half an hour to go.
    await queues.close(context.signal.aborted);
  }
  return { value: { foldsDone: done }, text: () => `${done} jobs done` };
}

const WORKED = [FOLD_QUEUE, TRIAL_QUEUE, SUPERVISION_QUEUE];

/** Until the signal, or until `queues` have had nothing to do for two seconds in a row. */
async function waitForEnd(
  signal: AbortSignal,
  queues: readonly Pick<Queue, 'name' | 'getJobCounts'>[] | null,
): Promise<void> {
  let idleSinceMs: number | null = null;
  while (!signal.aborted) {
    await sleep(250, undefined, { signal }).catch(() => undefined);
    if (queues === null) continue;
    const counts = await Promise.all(
      queues.map((queue) =>
        queue.getJobCounts(
          'waiting',
          'active',
          'prioritized',
          ...(queue.name === SUPERVISION_QUEUE ? [] : (['delayed'] as const)),
        ),
      ),
    );
    const busy = counts.flatMap((count) => Object.values(count)).some((count) => count > 0);
    if (busy) idleSinceMs = null;
    else if (idleSinceMs === null) idleSinceMs = performance.now();
    else if (performance.now() - idleSinceMs > 2_000) return;
  }
}
