import { setTimeout as sleep } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import type { Queue } from 'bullmq';
import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { followLevels } from '../../infra/logging/levels/follow-levels.ts';
import { openTracing } from '../../infra/tracing/tracing.ts';
import { measuredContext } from '../../infra/metrics/measured-context.ts';
import { HealthParts } from '../../infra/metrics/health-parts.ts';
import { openMetrics, type MeasuredProcess } from '../../infra/metrics/open-metrics.ts';
import type { QueueMetrics } from '../../infra/metrics/queue-metrics.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import { SUPERVISION_QUEUE } from '../../models/monitoring/supervision-schedule.ts';
import { TRIAL_QUEUE } from '../../models/search/search-queues.ts';
import { FOLD_QUEUE } from '../../models/training/fold-job.ts';

/** Registers `worker`: folds, trials of searches and scheduled looks at champions. */
export function registerWorkerCommand(program: Command): void {
  const worker = addCommand(program, 'worker', 'do training jobs for any process that shares this database (or Redis)');
  worker.option('--concurrency <N>', 'folds at a time', String(availableParallelism()));
  worker.option('--until-idle', 'end when the queue has been empty for two seconds');
  worker.option(
    '--metrics-port <N>',
    'serve /metrics and /health here, at 127.0.0.1 (default: SIGNALBOX_METRICS_PORT; 0: any that is free)',
  );
  bindAction<WorkerCommandOptions>(worker, (context, options) => runWorker(context, options));
}

interface WorkerCommandOptions {
  readonly concurrency: string;
  readonly untilIdle?: boolean;
  readonly metricsPort?: string;
}

async function runWorker(outer: CommandContext, options: WorkerCommandOptions): Promise<CommandOutput> {
  const note = (text: string): void => outer.progress.note(text);
  const served = await openMetrics(outer.config, 'worker', { option: options.metricsPort, note });
  try {
    return await runServed(await measuredContext(outer, served), options, served);
  } finally {
    await served?.end();
  }
}

async function runServed(
  context: CommandContext,
  options: WorkerCommandOptions,
  served: MeasuredProcess | null,
): Promise<CommandOutput> {
  const concurrency = Number(options.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 256) {
    throw new InputError(`--concurrency ${options.concurrency} is not a whole number from 1 to 256.`);
  }
  const { assertQueueReachable, createQueueFactory } = await import('../../infra/redis/queue.ts');
  const { startWorkers } = await import('../../models/training/worker.ts');
  const { startSupervisor } = await import('./supervise-experiment.ts');
  const { startSearchWorkers } = await import('../search/optimize-worker.ts');
  const { BACKTEST_QUEUE, EXPERIMENT_QUEUE, startBacktestWorkers } = await import('../jobs/backtest-worker.ts');
  const { INGEST_QUEUE, startIngestWorker } = await import('../../pipelines/jobs/ingest-worker.ts');
  const { PROMOTION_QUEUE } = await import('../promotion/jobs/promotion-job.ts');
  const { startPromotionWorker } = await import('../promotion/jobs/promotion-worker.ts');
  const { ProcessBeat } = await import('../../infra/system/process-beat.ts');
  const database = await context.database();
  const note = (text: string): void => context.progress.note(text);
  const tracing = await openTracing(context.config, 'worker', note);
  const queues = createQueueFactory(context.config, database, (error) => note(`queue: ${error.message}`), tracing);
  const levels = followLevels(database, context.config, { role: 'worker' });
  let done = 0;
  const { WorkerAlerts } = await import('./worker-alerts.ts');
  const { StrategyRunner } = await import('../../trading/deployed/strategy-runner.ts');
  const alerts = new WorkerAlerts(context, database.pool);
  // One that ends when it is idle does not keep sessions running.
  const runner = options.untilIdle === true ? null : await StrategyRunner.start(context);
  const health = served?.health ?? new HealthParts();
  let beat: { end(): Promise<void> } | null = null;
  try {
    await assertQueueReachable(queues);
    const workers = { config: context.config, database, queues, concurrency };
    const { folds } = await startWorkers(workers);
    const looks = await startSupervisor(context, queues);
    const measured = served === null ? null : await queueMetrics(served, queues);
    const asked = [
      ...(await startBacktestWorkers(workers)),
      await startIngestWorker(workers),
      await startPromotionWorker(workers),
    ];
    for (const jobs of [folds, await startSearchWorkers(workers), looks, ...asked]) {
      measured?.follow(jobs);
      alerts.follow(jobs);
      jobs.on('completed', (job) => context.progress.note(`done: ${job.id} (${++done})`));
      jobs.on('failed', (job, error) => context.progress.note(`failed: ${job?.id ?? 'a job'}: ${error.message}`));
    }
    health.begin();
    beat = await ProcessBeat.start({ database, role: 'worker', health, clock: context.clock });
    context.progress.note(
      `worker: ${concurrency} folds and as many trials at a time over ${queues.backend}; Ctrl-C stops it`,
    );
    await waitForEnd(
      context.signal,
      options.untilIdle === true
        ? [...WORKED, BACKTEST_QUEUE, EXPERIMENT_QUEUE, INGEST_QUEUE, PROMOTION_QUEUE].map((name) => queues.queue(name))
        : null,
    );
  } finally {
    await runner?.close();
    // Told to stop, jobs in hand go back to the queue; they may have half an hour to go.
    await queues.close(context.signal.aborted);
    await alerts.end();
    await levels.close();
    await tracing?.end();
    await beat?.end();
  }
  return { value: { foldsDone: done }, text: () => `${done} jobs done` };
}

async function queueMetrics(
  { metrics, health }: MeasuredProcess,
  queues: Pick<QueueFactory, 'queue'>,
): Promise<QueueMetrics> {
  const { QueueMetrics } = await import('../../infra/metrics/queue-metrics.ts');
  return new QueueMetrics(
    metrics,
    WORKED.map((name) => queues.queue(name)),
    health,
  );
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
