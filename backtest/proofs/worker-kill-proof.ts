import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashOf } from '../../infra/hash.ts';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import { createQueueFactory } from '../../infra/redis/queue.ts';
import { readFoldResults } from '../../models/registry/training-store.ts';
import { assembleTraining } from '../../models/training/assemble-training.ts';
import { FINAL_FOLD } from '../../models/registry/training-names.ts';
import { runFoldJob } from '../../models/training/run-fold-job.ts';
import { runTraining } from '../../models/training/run-training.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';
import { makeTrainingPlace, outcomeOf, type TrainingPlace } from '../testing/training-place.ts';
import { share, type CaseContext, type CaseFigures, type Proof } from './proof.ts';

/** A training of four folds and the final model takes about as long with two workers: any moment of it may be hit. */
const KILL_WITHIN_MS = 5_000;
const TREES = 250;
const FOLDS = [FINAL_FOLD, 0, 1, 2, 3];

interface Place {
  readonly database: Database;
  readonly place: TrainingPlace;
  readonly env: NodeJS.ProcessEnv;
}

async function inPlace<T>({ config }: CaseContext, work: (made: Place) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-prove-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  const home = join(folder, 'home');
  const env = {
    SIGNALBOX_HOME: home,
    DATABASE_URL: '',
    REDIS_URL: config.redisUrl ?? '',
    MLFLOW_TRACKING_URI: '',
    SIGNALBOX_WORKERS: '1',
    PATH: config.programPath,
  };
  const database = await openDatabase({ databaseUrl: null, dataDir: home });
  try {
    return await work({ database, place: await makeTrainingPlace(database, { folder, trees: TREES, env }), env });
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same training without queue, worker or disturbance: made once in a process. */
let undisturbed: Promise<string> | null = null;

function trainUndisturbed(context: CaseContext): Promise<string> {
  return inPlace(context, async ({ database, place }) => {
    const trainingHash = await place.planAfresh();
    const quiet = { clock: () => 0, signal: new AbortController().signal, onProgress: () => undefined };
    for (const fold of FOLDS) await runFoldJob(database, { trainingHash, fold }, quiet);
    await assembleTraining(database, trainingHash);
    return hashOf(await outcomeOf(database, trainingHash));
  });
}

async function runCase(context: CaseContext): Promise<CaseFigures> {
  undisturbed ??= trainUndisturbed(context);
  const expected = await undisturbed;
  const { random } = context;
  const delayMs = random.integer(KILL_WITHIN_MS);
  const replaced = random.next() < 0.5;
  return inPlace(context, async ({ database, place, env }) => {
    const workers: RunningProcess[] = [];
    const startWorker = async (): Promise<void> => {
      const worker = startSignalbox(['worker', '--concurrency', '1'], {}, env);
      workers.push(worker);
      await worker.said('Ctrl-C stops it');
    };
    const queues = createQueueFactory(place.config, database, () => undefined);
    try {
      await Promise.all([startWorker(), startWorker()]);
      const trainingHash = await place.planAfresh();
      const signal = new AbortController().signal;
      const training = runTraining({ database, queues, trainingHash, signal, onProgress: () => undefined });
      await Promise.race([training, sleep(delayMs)]);
      workers[0]!.kill();
      if (replaced) await startWorker();
      await training;
      const folds = await readFoldResults(database.pool, trainingHash);
      const equal = hashOf(await outcomeOf(database, trainingHash)) === expected;
      return { delayMs, replaced, equal, each: folds.size === FOLDS.length };
    } finally {
      for (const worker of workers) worker.kill();
      await Promise.all(workers.map(({ ended }) => ended));
      await queues.close();
    }
  });
}

/** Trainings over two worker processes of which one is killed; on Redis when REDIS_URL is set, else on PostgreSQL. */
export const WORKER_KILL_PROOF: Proof = {
  name: 'worker-kills',
  shows:
    'a worker killed with kill -9 at a random moment of a training: the result of an undisturbed one, each fold once',
  count: 50,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(({ equal, each }) => equal === true && each === true),
    figures: { trainings: cases.length, equal: share(cases, 'equal'), each: share(cases, 'each') },
  }),
};
