import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import { readPostmaster } from '../../infra/postgres/embedded/postmaster-file.ts';
import { createQueueFactory, type QueueFactory } from '../../infra/redis/queue.ts';
import { signalTree } from '../../infra/testing/stopped-process.ts';
import { runTraining } from '../../models/training/run-training.ts';
import { readTrainingState } from '../../models/registry/training-store.ts';
import { startWorkers } from '../../models/training/worker.ts';
import { makeTrainingPlace, outcomeOf, type TrainingPlace } from '../testing/training-place.ts';

/** Longer than it takes to notice that the server does not answer. */
const STOPPED_MS = 20_000;

let folder: string;
let database: Database;
let place: TrainingPlace;
let queues: QueueFactory;
let pid: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'training-stopped-'));
  chmodSync(folder, 0o711);
  database = await openDatabase({ databaseUrl: null, dataDir: folder });
  pid = readPostmaster(join(folder, 'postgres', 'cluster'))!.pid;
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: folder };
  place = await makeTrainingPlace(database, { folder, trees: 60, env });
  queues = createQueueFactory(place.config, database, () => undefined);
  await startWorkers({ config: place.config, database, queues, concurrency: 1 });
});

afterAll(async () => {
  signalTree(pid, 'SIGCONT');
  await queues?.close(true);
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a training whose server is stopped for a while goes on when the server does, to the same result', async () => {
  const train = (hash: string): Promise<void> =>
    runTraining({ database, queues, trainingHash: hash, signal: new AbortController().signal });
  const first = await place.planAfresh();
  await train(first);
  const undisturbed = await outcomeOf(database, first);
  const hash = await place.planAfresh();
  const training = train(hash);
  while ((await readTrainingState(database.pool, hash)).done.size === 0) await sleep(50);
  signalTree(pid, 'SIGSTOP');
  await Promise.race([training, sleep(STOPPED_MS)]);
  signalTree(pid, 'SIGCONT');
  await training;
  expect(await outcomeOf(database, hash)).toEqual(undisturbed);
});
