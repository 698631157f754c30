import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createQueueFactory, type QueueFactory } from '../../infra/redis/queue.ts';
import { startRedisServer, type RedisServer } from '../../infra/testing/redis-server.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { assembleTraining } from '../../models/training/assemble-training.ts';
import { FOLD_QUEUE, TRAINING_QUEUE, type FoldJob } from '../../models/training/fold-job.ts';
import { FINAL_FOLD } from '../../models/registry/training-names.ts';
import { runFoldJob } from '../../models/training/run-fold-job.ts';
import { runTraining } from '../../models/training/run-training.ts';
import { readTrainingState, requestCancel } from '../../models/registry/training-store.ts';
import { startWorkers } from '../../models/training/worker.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';
import { makeTrainingPlace, outcomeOf, type TrainingPlace } from '../testing/training-place.ts';
import { PATIENCE_MS } from '../../infra/testing/patience.ts';

// Processes that start in 2 s took 20 s on two cores that others wanted as well.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-flow-'));
/** Enough for a fold to take the better part of a second: time to be killed or cancelled in. */
const TREES = 250;
const FOLDS = [FINAL_FOLD, 0, 1, 2, 3];

/** Counts what workers try to store, done twice or not, and fails as often as `test_failing` says for its fold. */
const STORING = `
  CREATE SEQUENCE test_stored;
  CREATE TABLE test_failing (fold integer, attempts bigint);
  CREATE SEQUENCE test_failed;
  CREATE FUNCTION test_storing() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM nextval('test_stored');
    IF EXISTS (SELECT 1 FROM test_failing WHERE fold = NEW.fold) THEN
      IF nextval('test_failed') <= (SELECT attempts FROM test_failing) THEN RAISE 'no room for fold %', NEW.fold; END IF;
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER test_storing BEFORE INSERT ON signalbox.fold_results FOR EACH ROW EXECUTE FUNCTION test_storing()`;

/** The same training without queue, worker or disturbance. */
let undisturbed: Record<string, unknown[]>;

async function trainUndisturbed(): Promise<Record<string, unknown[]>> {
  const database = await createTestDatabase();
  const place = await makeTrainingPlace(database, { folder, trees: TREES, env: {} });
  const trainingHash = await place.planAfresh();
  const context = { clock: Date.now, signal: new AbortController().signal, onProgress: () => undefined };
  for (const fold of FOLDS) await runFoldJob(database, { trainingHash, fold }, context);
  await assembleTraining(database, trainingHash);
  const outcome = await outcomeOf(database, trainingHash);
  await database.drop();
  return outcome;
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`It never came to this: ${what}.`);
    await sleep(20);
  }
}

/** Ends every connection to the database but one, as a restart does. */
async function cutConnections({ pool }: TestDatabase): Promise<void> {
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

/** True when a process of the group that `leader` leads is left. */
function groupLives(leader: RunningProcess): boolean {
  try {
    process.kill(-leader.child.pid!, 0);
    return true;
  } catch {
    return false;
  }
}

function proveTrainingFlow(startRedis: () => Promise<RedisServer | null>): void {
  let redis: RedisServer | null;
  let database: TestDatabase;
  let place: TrainingPlace;
  let env: NodeJS.ProcessEnv;
  let hash: string;
  let queues: QueueFactory;
  let errors: Error[];
  const workers: RunningProcess[] = [];

  const startWorker = async (): Promise<RunningProcess> => {
    const worker = startSignalbox(['worker', '--concurrency', '1'], process.env, env);
    workers.push(worker);
    await worker.said('Ctrl-C stops it');
    return worker;
  };
  const train = (progress: number[] = []): Promise<void> =>
    runTraining({
      database,
      queues,
      trainingHash: hash,
      signal: new AbortController().signal,
      onProgress: (done) => progress.push(done),
    });
  const active = async (): Promise<Job<FoldJob>[]> => (await queues.queue(FOLD_QUEUE).getActive()) as Job<FoldJob>[];
  const isUnderWay = ({ progress }: Job): boolean => typeof progress === 'number' && progress > 5 && progress < 80;
  const stored = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ n: number }>(
      'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM test_stored',
    );
    return rows[0]!.n;
  };
  const jobsLeft = async (): Promise<number> => {
    const counts = await Promise.all(
      [FOLD_QUEUE, TRAINING_QUEUE].map((name) =>
        queues.queue(name).getJobCounts('active', 'waiting', 'prioritized', 'delayed', 'waiting-children', 'failed'),
      ),
    );
    return counts.flatMap((count) => Object.values(count)).reduce((sum, count) => sum + count, 0);
  };

  beforeAll(async () => {
    redis = await startRedis();
    database = await createTestDatabase();
    await database.pool.query(STORING);
    env = { DATABASE_URL: database.url, REDIS_URL: redis?.url ?? '', MLFLOW_TRACKING_URI: '', SIGNALBOX_WORKERS: '1' };
    env.SIGNALBOX_HOME = join(folder, redis === null ? 'postgres' : 'redis');
    undisturbed ??= await trainUndisturbed();
    place = await makeTrainingPlace(database, { folder, trees: TREES, env });
    await Promise.all([startWorker(), startWorker()]);
  });
  beforeEach(async () => {
    await database.pool.query('DELETE FROM signalbox.tracking_entries');
    hash = await place.planAfresh();
    await database.pool.query(`SELECT setval('test_stored', 1, false), setval('test_failed', 1, false)`);
    errors = [];
    queues = createQueueFactory(place.config, database, (error) => errors.push(error));
  });
  afterEach(async () => queues.close());
  afterAll(async () => {
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(({ ended }) => ended));
    await database?.drop();
    await redis?.stop();
  });

  it('is what an undisturbed training gives when a worker is killed in the middle of a fold', async () => {
    const stalled: string[] = [];
    const events = queues.events(FOLD_QUEUE);
    events.on('stalled', ({ jobId }) => stalled.push(jobId));
    await events.waitUntilReady();
    const progress: number[] = [];
    const training = train(progress);
    let held: Job<FoldJob>[] = [];
    await until('both workers with a fold, neither at its end', async () => {
      held = await active();
      return held.length === 2 && held.some(isUnderWay) && held.every(({ progress }) => Number(progress) < 80);
    });
    const killed = workers.shift();
    killed!.kill();
    await killed!.ended;
    await until('no process of the killed worker', async () => !groupLives(killed!));
    const { done } = await readTrainingState(database.pool, hash);
    const lost = held.filter(({ data }) => !done.has(data.fold)).map(({ id }) => id);
    await training;

    expect(await outcomeOf(database, hash)).toEqual(undisturbed);
    expect(stalled).toHaveLength(1);
    expect(lost).toContain(stalled[0]);
    expect(await stored()).toBe(FOLDS.length);
    expect(held.map(({ id }) => id)).toEqual(held.map(({ data }) => foldIdOf(hash, data.fold)));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(new Set(progress.map((done_) => done_ % 1)).size).toBeGreaterThan(2);
    expect(progress.at(-1)).toBe(FOLDS.length);
    await until('an empty queue', async () => (await jobsLeft()) === 0);
  });

  it('stops in the middle of a fold when it is cancelled, leaves no half of a fold, and goes on when it is run again', async () => {
    const training = train().catch((error: unknown) => error);
    await until('a fold under way', async () => (await active()).some(isUnderWay));
    await requestCancel(database.pool, hash);
    await until('no fold under way', async () => (await active()).length === 0);
    expect(await training).toMatchObject({ message: 'The training was cancelled.', exitCode: 1 });
    const { folds, models, predictions } = await outcomeOf(database, hash);
    const done = folds!.map((row) => (row as FoldJob).fold);
    expect(done.length).toBeLessThan(FOLDS.length);
    expect(models!.map((row) => (row as { fold: number | null }).fold ?? FINAL_FOLD).sort()).toEqual(done.sort());
    const predicted = new Set(predictions!.map((row) => (row as FoldJob).fold));
    expect([...predicted].sort()).toEqual(done.filter((fold) => fold !== FINAL_FOLD).sort());
    await train();
    expect(await outcomeOf(database, hash)).toEqual(undisturbed);
    expect(await stored()).toBe(FOLDS.length);
  });

  it('tries a fold that fails again, says so with exit code 1 when it fails for good, and the next run makes up for it', async () => {
    await database.pool.query('INSERT INTO test_failing VALUES (1, 4)');
    const failed = await startSignalbox(['train', place.experimentPath], process.env, env).ended;
    expect(failed.code, failed.stderr).toBe(1);
    expect(failed.stderr).toContain('error: Training fold 2 failed: no room for fold 1');
    expect(failed.stderr).toContain(
      'remedy: Mend the cause and run the experiment again: folds that are done are kept.',
    );
    // Three attempts of that run failed, so this run sees one fail and the next succeed.
    await train();
    expect(await outcomeOf(database, hash)).toEqual(undisturbed);
    expect(await stored()).toBe(FOLDS.length + 4);
    await database.pool.query('DELETE FROM test_failing');
  });

  it('is done once when two processes start it at the same time', async () => {
    const arguments_ = ['train', place.experimentPath, '--json'];
    const runs = [0, 1].map(() => startSignalbox(arguments_, process.env, env));
    const ended = await Promise.all(runs.map((run) => run.ended));
    for (const { code, stdout, stderr } of ended) {
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ training: hash, folds: FOLDS.length - 1 });
    }
    await until('no process of either', async () => !runs.some(groupLives));
    expect(await outcomeOf(database, hash)).toEqual(undisturbed);
    expect(await stored()).toBe(FOLDS.length);
    await until('an empty queue', async () => (await jobsLeft()) === 0);
  });

  it('puts what it has in hand back on the queue when a worker is stopped, without waiting for its lock', async () => {
    const own = createQueueFactory(place.config, database, (error) => errors.push(error));
    const { folds } = await startWorkers({ config: place.config, database, queues: own, concurrency: 1 });
    const taken = new Promise<string>((resolve) => folds.once('active', ({ id }) => resolve(id!)));
    const training = train();
    const id = await taken;
    await until('its fold under way', async () => (await active()).some((job) => job.id === id && isUnderWay(job)));
    await own.close(true);
    const job = await queues.queue(FOLD_QUEUE).getJob(id);
    expect(job?.attemptsMade).toBe(1);
    expect(job?.failedReason).toBe('The worker was stopped.');
    await training;
    expect(await outcomeOf(database, hash)).toEqual(undisturbed);
    expect(errors).toEqual([]);
  });

  it('goes on when the training is planned afresh while a fold of it is under way', async () => {
    const training = train();
    await until('a fold under way', async () => (await active()).some(isUnderWay));
    expect(await place.planAfresh()).toBe(hash);
    await Promise.all([training, train()]);
    expect(await outcomeOf(database, hash)).toEqual(undisturbed);
  });

  it('loses nothing when the queue goes away and comes back in the middle of a fold', async () => {
    const training = train();
    await until('a fold under way', async () => (await active()).some(isUnderWay));
    if (redis === null) {
      for (let cut = 0; cut < 5; cut++) {
        await cutConnections(database);
        await sleep(200);
      }
    } else {
      // It keeps nothing, so every job is lost as well.
      const { port } = redis;
      await redis.stop();
      await sleep(300);
      redis = await startRedisServer(port);
    }
    await training;
    expect(await outcomeOf(database, hash)).toEqual(undisturbed);
  });
}

const foldIdOf = (hash: string, fold: number): string => `fold-${hash}-${fold === FINAL_FOLD ? 'final' : fold}`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
describe('a training over the queue on PostgreSQL', () => proveTrainingFlow(async () => null));
describeWith('redis', 'a training over the queue on Redis', () => proveTrainingFlow(() => startRedisServer()));
