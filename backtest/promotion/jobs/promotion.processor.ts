import { workerData } from 'node:worker_threads';
import type { SandboxedJob } from 'bullmq';
import { systemClock } from '../../../infra/clock.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import { acrossOutages } from '../../../infra/postgres/across-outages.ts';
import { isOutage } from '../../../infra/postgres/database-error.ts';
import { openDatabase, type Database } from '../../../infra/postgres/database.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { promoteModel, rollbackModel } from '../commands.ts';
import type { PromotionJob, PromotionOutcome } from './promotion-job.ts';
import type { PromotionThreadData } from './promotion-worker.ts';

const { config, databaseUrl } = workerData as PromotionThreadData;
let database: Promise<Database> | null = null;

/** The thread's own connections, kept between jobs. */
function openOnce(): Promise<Database> {
  database ??= openDatabase({ ...config, databaseUrl }, { migrate: false, connectionsMax: 3 });
  // An outage at the first job must not be the answer to every later one.
  database.catch(() => (database = null));
  return database;
}

/** Does what the command does, in the name of whoever asked. Safe to repeat: a champion stays one. */
export default async function processPromotion(
  { data }: SandboxedJob<PromotionJob>,
  _token: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<PromotionOutcome> {
  const { does, model, options, askedBy } = data;
  return acrossOutages(
    async () => {
      const open = await openOnce();
      const nothing = (): void => undefined;
      const context: CommandContext = {
        ...{ config: { ...config, operator: askedBy }, clock: systemClock, progress: silentProgress(), signal },
        ...{ json: true, print: nothing, announce: nothing, database: () => Promise.resolve(open) },
      };
      try {
        const done = await (does === 'promote' ? promoteModel : rollbackModel)(context, options, model);
        return { decision: done.value };
      } catch (error) {
        if (!(error instanceof SignalboxError) || isOutage(error)) throw error;
        return { problem: `${error.message} ${error.remedy}`.trim() };
      }
    },
    { signal },
  );
}
