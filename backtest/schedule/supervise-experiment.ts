import type { Worker } from 'bullmq';
import type { CommandContext } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { configuredClient } from '../../infra/mlflow/configured-client.ts';
import { drainOutbox } from '../../infra/mlflow/drain.ts';
import { ConnectionLock } from '../../infra/postgres/connection-lock.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import {
  SUPERVISION_QUEUE,
  type SupervisionJob,
  type SupervisionKind,
} from '../../models/monitoring/supervision-schedule.ts';
import { recordedText } from '../../models/experiment/replaced-data.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { checkedExperiment, type BarsFiles } from '../../models/experiment/checked-experiment.ts';
import { prepareExperiment } from '../../models/training/prepare-experiment.ts';
import { supervise, type Supervision } from './supervise.ts';

export interface SuperviseExperimentOptions {
  /** File or name of an experiment. */
  readonly experiment: string;
  readonly kind: SupervisionKind;
  readonly act: boolean;
  /** Bars that replace the data of the experiment. */
  readonly files?: BarsFiles | undefined;
}

/**
 * Brings an experiment's new bars in and looks at its champion. Two looks at one experiment at the same time would
 * train twice: the second waits for nothing and throws a SignalboxError.
 */
export async function superviseExperiment(
  context: Pick<CommandContext, 'config' | 'clock' | 'progress' | 'signal' | 'database'>,
  options: SuperviseExperimentOptions,
): Promise<Supervision> {
  const { config, progress, clock, signal } = context;
  const files = { ...options.files, vendors: systemVendorAccess(config.vendors) };
  const path = experimentPath(options.experiment);
  const experiment = await checkedExperiment(path, files);
  const database = await context.database();
  return withLock(context, `supervise ${experiment.name}`, async () => {
    const prepared = await prepareExperiment(database, { experiment, ...files, progress, signal });
    const experimentText = recordedText(path, experiment, files.barsFiles);
    const { kind, act } = options;
    const found = await supervise(prepared, { config, database, progress, clock, signal, experimentText, kind, act });
    const client = configuredClient(config);
    if (client !== null && found.action !== null) await drainOutbox(database, client, { signal });
    return found;
  });
}

/** Runs `work` while this process, and no other, has the lock `name`. */
async function withLock<T>(
  context: Pick<CommandContext, 'database'>,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const { pool } = await context.database();
  const lock = await ConnectionLock.hold(pool, `signalbox ${name}`);
  if (lock === null) {
    throw new SignalboxError(`Somebody else is looking at this experiment (${name}).`, {
      remedy: 'Wait until that look is over.',
    });
  }
  return work().finally(() => lock.release());
}

/** Starts the worker that does scheduled looks in this process, one at a time; trainings go to the queue of folds. */
export async function startSupervisor(
  context: Pick<CommandContext, 'config' | 'clock' | 'progress' | 'signal' | 'database'>,
  queues: QueueFactory,
): Promise<Worker> {
  const worker = queues.worker(
    SUPERVISION_QUEUE,
    async (job) => {
      const { experiment, kind } = job.data as SupervisionJob;
      const { report, action, decision } = await superviseExperiment(context, { experiment, kind, act: true });
      const outcome = decision === null ? '' : `, ${decision.outcome}`;
      context.progress.note(
        `${report.name}: ${report.alarms.join(', ') || 'no alarm'}${action === null ? '' : `, ${action.kind}${outcome}`}`,
      );
      return { alarms: report.alarms, action: action?.kind ?? null, outcome: decision?.outcome ?? null };
    },
    { concurrency: 1 },
  );
  await worker.waitUntilReady();
  return worker;
}
