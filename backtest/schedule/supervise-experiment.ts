import { readFileSync } from 'node:fs';
import type { Worker } from 'bullmq';
import type { CommandContext } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { sha256 } from '../../infra/hash.ts';
import { configuredClient } from '../../infra/mlflow/configured-client.ts';
import { drainOutbox } from '../../infra/mlflow/drain.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import { experimentPath } from '../../models/experiment/load-experiment.ts';
import {
  SUPERVISION_QUEUE,
  type SupervisionJob,
  type SupervisionKind,
} from '../../models/monitoring/supervision-schedule.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { prepareExperiment } from '../../models/training/prepare-experiment.ts';
import { supervise, type Supervision } from './supervise.ts';

export interface SuperviseExperimentOptions {
  /** File or name of an experiment. */
  readonly experiment: string;
  readonly kind: SupervisionKind;
  readonly act: boolean;
  readonly barsFiles?: readonly string[] | undefined;
  readonly calendar?: string | undefined;
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
  const given = options.barsFiles ?? [];
  const barsFiles = given.length === 0 ? undefined : given;
  const barsCalendar = barsFiles === undefined ? undefined : calendarNamed(options.calendar ?? 'none').name;
  const files = { barsFiles, barsCalendar, vendors: systemVendorAccess(config.vendors) };
  const path = experimentPath(options.experiment);
  const experiment = await checkedExperiment(path, files);
  const database = await context.database();
  return withLock(context, `supervise ${experiment.name}`, async () => {
    const prepared = await prepareExperiment(database, { experiment, ...files, progress, signal });
    const experimentText = readFileSync(path, 'utf8');
    const { kind, act } = options;
    const found = await supervise(prepared, { config, database, progress, clock, signal, experimentText, kind, act });
    const client = configuredClient(config);
    if (client !== null && found.action !== null) await drainOutbox(database, client, { signal });
    return found;
  });
}

/**
 * Runs `work` while a connection of its own holds an advisory lock: it goes with the connection, however this process
 * ends.
 */
async function withLock<T>(
  context: Pick<CommandContext, 'database'>,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const { pool } = await context.database();
  const client = await pool.connect();
  const key = Number.parseInt(sha256(name).slice(0, 12), 16);
  let failure: Error | undefined;
  try {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [key]);
    if (!rows[0]!.held) {
      throw new SignalboxError(`Somebody else is looking at this experiment (${name}).`, {
        remedy: 'Wait until that look is over.',
      });
    }
    return await work();
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [key]).catch((error: Error) => (failure ??= error));
    client.release(failure);
  }
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
