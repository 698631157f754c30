import { UnrecoverableError, type Job } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createQueueFactory, type QueueFactory } from '../../infra/redis/queue.ts';
import { startRedisServer, type RedisServer } from '../../infra/testing/redis-server.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { experimentSchema } from '../experiment/experiment.ts';
import { CANCELLED, FOLD_QUEUE, foldJobId, TRAINING_QUEUE, trainingJobId, type FoldJob } from './fold-job.ts';
import { runTraining } from './run-training.ts';
import { markAssembled, writeFoldResult, writeTraining, type PlannedFold } from '../registry/training-store.ts';

const range = { from: '2020-01-01T00:00:00.000Z', to: '2020-02-01T00:00:00.000Z' };
const planned = (index: number): PlannedFold => ({
  index,
  train: range,
  purge: null,
  embargo: null,
  test: range,
  trainRows: 1,
  testRows: 1,
});
const experiment = experimentSchema.parse({
  name: 'flow',
  universe: 'simulated-2',
  data: { source: 'simulated' },
  features: ['return(1)'],
  splits: { trainBars: 300, testBars: 100 },
  estimators: [{ name: 'linear', kind: 'logistic-regression' }],
});

/** What the queue does around folds; the folds themselves are stubs that store nothing but their number. */
function proveRunTraining(startRedis: () => Promise<RedisServer | null>): void {
  let redis: RedisServer | null;
  let database: TestDatabase;
  let queues: QueueFactory;
  let trainingHash = '';
  let trainings = 0;

  const train = () =>
    runTraining({ database, queues, trainingHash, signal: new AbortController().signal, onProgress: () => undefined });
  const work = (act: (fold: number) => Promise<void> = async () => undefined) =>
    queues.worker(
      FOLD_QUEUE,
      async ({ data }: Job<FoldJob>) => {
        await act(data.fold);
        await writeFoldResult(database.pool, data.trainingHash, data.fold, {});
      },
      { concurrency: 2 },
    );
  const assemble = () =>
    queues.worker(TRAINING_QUEUE, async () => markAssembled(database.pool, trainingHash), { concurrency: 1 });
  const stateOf = async (queue: string, id: string): Promise<string | undefined> =>
    (await queues.queue(queue).getJob(id))?.getState();
  const failFirst = async (fold: number): Promise<void> => {
    if (fold === 0) throw new UnrecoverableError('no memory');
  };

  beforeAll(async () => {
    redis = await startRedis();
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    trainingHash = (trainings += 1).toString(16).padStart(64, '0');
    const plan = { experiment, experimentHash: 'e', dataHash: 'd', featureSetHash: 'f', series: [] };
    const folds = [planned(0), planned(1)];
    await writeTraining(database.pool, trainingHash, {
      ...plan,
      folds,
      backend: 'none',
      fromMs: null,
      rows: 0,
      toMs: null,
    });
    queues = createQueueFactory({ redisUrl: redis?.url ?? null }, database, () => undefined);
  });
  afterEach(async () => queues.close(true));
  afterAll(async () => {
    await database?.drop();
    await redis?.stop();
  });

  it('tries a failed fold again although nobody had taken up the failure of its parent', async () => {
    const folds = work(failFirst);
    const first = train().catch((error: unknown) => error);
    await expect.poll(() => stateOf(FOLD_QUEUE, foldJobId(trainingHash, 0))).toBe('failed');
    await expect.poll(() => stateOf(TRAINING_QUEUE, trainingJobId(trainingHash))).toBe('waiting');
    await folds.close();
    work();
    const second = train();
    await expect.poll(() => stateOf(FOLD_QUEUE, foldJobId(trainingHash, 0))).not.toBe('failed');
    assemble();
    await second;
    expect(await first).toBeUndefined();
  });

  it('starts again while another fold of the failed attempt is still under way', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let mended = false;
    work(async (fold) => (fold === 1 ? held : mended ? undefined : failFirst(fold)));
    assemble();
    await expect(train()).rejects.toThrow('Training fold 1 failed: no memory');
    expect(await stateOf(FOLD_QUEUE, foldJobId(trainingHash, 1))).toBe('active');
    mended = true;
    const again = train();
    await expect.poll(() => stateOf(TRAINING_QUEUE, trainingJobId(trainingHash))).toBe('waiting-children');
    release();
    await again;
  });

  it('goes on although a fold that an earlier run was cancelled in says so only now', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let isFirst = true;
    work(async (fold) => {
      if (fold !== 1 || !isFirst) return;
      isFirst = false;
      await held;
      throw new UnrecoverableError(CANCELLED);
    });
    const again = train();
    await expect.poll(() => stateOf(FOLD_QUEUE, foldJobId(trainingHash, 1))).toBe('active');
    release();
    await expect.poll(() => stateOf(FOLD_QUEUE, foldJobId(trainingHash, 1))).not.toBe('active');
    assemble();
    await again;
    expect(isFirst).toBe(false);
  });
}

describe('running a training over the queue on PostgreSQL', () => {
  proveRunTraining(async () => null);

  it('adds the folds anew when another run removes the parent at that moment', async () => {
    const database = await createTestDatabase();
    const queues = createQueueFactory({ redisUrl: null }, database, () => undefined);
    const trainingHash = 'f'.repeat(64);
    const identity = { experimentHash: 'e', dataHash: 'd', featureSetHash: 'f', backend: 'none' as const };
    const extent = { series: [], fromMs: null, toMs: null, rows: 0 };
    await writeTraining(database.pool, trainingHash, { experiment, ...identity, ...extent, folds: [planned(0)] });
    const first = new AbortController();
    const train = (signal: AbortSignal) => runTraining({ database, queues, trainingHash, signal });
    const stopped = train(first.signal).catch((error: unknown) => error);
    const parentState = async () =>
      (await queues.queue(TRAINING_QUEUE).getJob(trainingJobId(trainingHash)))?.getState();
    await expect.poll(parentState).toBe('waiting-children');
    first.abort();
    await stopped;

    const other = await database.pool.connect();
    const isFold = 'WHERE queue = $1 AND id = $2';
    const fold = [FOLD_QUEUE, foldJobId(trainingHash, 0)];
    await other.query('CREATE TEMPORARY TABLE held (LIKE bullmq.job)');
    await other.query(`INSERT INTO held SELECT * FROM bullmq.job ${isFold}`, fold);
    await other.query('UPDATE held SET parent_queue = NULL, parent_id = NULL, parent_key = NULL');
    await other.query(`DELETE FROM bullmq.job ${isFold}`, fold);
    await other.query('BEGIN');
    await other.query('INSERT INTO bullmq.job SELECT * FROM held');
    const second = train(new AbortController().signal);
    const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await database.pool.query<{ n: number }>(waiting)).rows[0]!.n).toBeGreaterThan(0);
    await database.pool.query('DELETE FROM bullmq.job WHERE queue = $1', [TRAINING_QUEUE]);
    await other.query('ROLLBACK');
    other.release(true);
    const one = { concurrency: 1 };
    const learn = ({ data }: Job<FoldJob>) => writeFoldResult(database.pool, data.trainingHash, data.fold, {});
    queues.worker(FOLD_QUEUE, learn, one);
    queues.worker(TRAINING_QUEUE, async () => markAssembled(database.pool, trainingHash), one);
    await second;
    await queues.close(true);
    await database.drop();
  });
});
describeWith('redis', 'running a training over the queue on Redis', () => proveRunTraining(() => startRedisServer()));
