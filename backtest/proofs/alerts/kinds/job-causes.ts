import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../../../infra/config.ts';
import { createQueueFactory } from '../../../../infra/redis/queue.ts';
import { silentProgress } from '../../../../infra/terminal/progress.ts';
import { databaseContext } from '../../../../infra/testing/command-context.ts';
import { FOLD_QUEUE } from '../../../../models/training/fold-job.ts';
import { supervise } from '../../../schedule/supervise.ts';
import { WorkerAlerts } from '../../../schedule/worker-alerts.ts';
import { CALM_BARS, driftingBars } from '../../../testing/drifting-bars.ts';
import { makePlantedPlace, PLACE_CLOCK_MS } from '../../../testing/planted-place.ts';
import { LOOK_MS, type AlertCauses, type CausePlace } from './alert-cause.ts';
import { started } from './rule-causes.ts';

/** A worker by whose side a champion is looked at once it has seen so many bars. */
async function champion(place: CausePlace, bars: number): Promise<() => Promise<unknown>> {
  const { database, folder, env, endings } = place;
  const sections = { monitoring: { windowBars: 40, shadowBars: 20 }, registry: { expiresAfterDays: 350 } };
  const planted = makePlantedPlace(database, {
    ...{ folder, name: 'champion', bars: driftingBars(), sections },
    env: { ...env, DATABASE_URL: database.url },
  });
  planted.show(CALM_BARS - 100);
  await planted.train();
  await planted.crown();
  const context = { ...databaseContext(database), config: planted.config };
  const alerts = new WorkerAlerts(context, database.pool);
  endings.push(() => alerts.end());
  planted.show(bars);
  const prepared = await planted.prepare();
  return () =>
    supervise(prepared, {
      ...{ config: planted.config, database, progress: silentProgress(), clock: () => PLACE_CLOCK_MS },
      ...{ signal: context.signal, experimentText: '', kind: 'monitor', act: false },
    });
}

/** The cause is the failure: how long a thread takes to begin is no part of it. */
async function failedJob(place: CausePlace): Promise<() => void> {
  const { database, endings } = place;
  const worker = started(place, ['worker']);
  await worker.said('worker:');
  const queues = createQueueFactory(loadConfig({ DATABASE_URL: database.url }), database, () => undefined);
  endings.push(() => queues.close());
  const job = await queues.queue(FOLD_QUEUE).add('fold', { trainingHash: 'of nobody', fold: 0 });
  while (!(await job.isFailed())) await sleep(LOOK_MS);
  return () => undefined;
}

/** What workers tell of, and what brings it about. */
export const JOB_CAUSES: AlertCauses = {
  'model-expired': {
    what: 'a champion is looked at after its last day',
    prepare: (place) => champion(place, CALM_BARS + 340),
  },
  'model-drifting': {
    what: 'the moves of a market triple',
    prepare: (place) => champion(place, CALM_BARS + 60),
  },
  'job-failed': { what: 'a worker is given a fold of a training that is not there', prepare: failedJob },
};
