import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assertQueueReachable, createQueueFactory, type QueueFactory } from './queue.ts';
import { acrossOutages } from '../postgres/across-outages.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let queues: QueueFactory;
const errors: Error[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  queues = createQueueFactory({ redisUrl: null }, database, (error) => errors.push(error));
  await assertQueueReachable(queues);
});
afterAll(async () => {
  await queues?.close();
  await database?.drop();
});

it('takes progress that cannot be told for lost news, not for a failed job', async () => {
  const tellInVain = async (job: { updateProgress(progress: number): Promise<void> }): Promise<string> => {
    await database.pool.query('ALTER FUNCTION bullmq.update_progress RENAME TO gone');
    await job.updateProgress(50);
    await database.pool.query('ALTER FUNCTION bullmq.gone RENAME TO update_progress');
    await job.updateProgress(60);
    return 'done';
  };
  const worker = queues.worker('news', tellInVain, { concurrency: 1 });
  const ended = once(worker, 'completed');
  const { id } = await queues.queue('news').add('one', {});
  const [, result] = (await ended) as [unknown, string];
  expect(result).toBe('done');
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('update_progress')]);
  expect((await queues.queue('news').getJob(id!))?.progress).toBe(60);
});

it('stores why a job failed without the secrets in it', async () => {
  const worker = queues.worker(
    'fails',
    async () => {
      throw new TypeError(
        `cannot reach postgres://me:se@s/ame@host/db with password=${'sesame'} ${'x'.repeat(100_000)}`,
      );
    },
    { concurrency: 1 },
  );
  const failed = once(worker, 'failed');
  const { id } = await queues.queue('fails').add('one', {});
  await failed;
  const job = await queues.queue('fails').getJob(id!);
  expect(job!.failedReason).toContain('cannot reach postgres://me:***@host/db with password=*** xxx');
  expect(job!.failedReason!.length).toBeLessThanOrEqual(20_000);
  expect(job!.stacktrace!.join()).toContain('TypeError: cannot reach postgres://me:***@host');
  const { rows } = await database.pool.query<{ text: string }>(
    `SELECT job::text AS text FROM bullmq.job WHERE id = $1`,
    [id],
  );
  expect(rows[0]!.text).not.toMatch(/se@s|ame@|sesame/);
});

it('keeps few connections: one for each object that asks, one more for a worker that listens', async () => {
  // Those of the workers above come when they like: this one counts in a database that nobody else uses.
  const apart = await createTestDatabase();
  const own = createQueueFactory({ redisUrl: null }, apart, (error) => errors.push(error));
  await assertQueueReachable(own);
  const before = await connectionsOf(apart);
  const [asks, adds] = [own.queue('few'), own.flow()];
  const worker = own.worker('few', async () => undefined, { concurrency: 4 });
  await worker.waitUntilReady();
  const add = () => adds.add({ name: 'one', queueName: 'few' });
  const askAgain = () => own.queue('few').getActive();
  await Promise.all(Array.from({ length: 30 }, () => [askAgain(), asks.getJobCounts(), add()]).flat());
  expect((await connectionsOf(apart)) - before).toBeLessThanOrEqual(4);
  await own.close();
  await apart.drop();
});

it('lives when the server ends all of its connections again and again, in whatever moment, and does its jobs', async () => {
  const apart = await createTestDatabase();
  const own = createQueueFactory({ redisUrl: null }, apart, () => undefined);
  await assertQueueReachable(own);
  const done: string[] = [];
  const workers = Array.from({ length: 8 }, () =>
    own.worker('cut', async ({ id }) => void done.push(id!), { concurrency: 1 }),
  );
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  for (let cut = 0; cut < 40; cut++) {
    await apart.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await sleep(cut * 5);
  }
  const { id } = await acrossOutages(() => own.queue('cut').add('one', {}));
  await expect.poll(() => done).toContain(id);
  await own.close(true);
  await apart.drop();
});

/** Connections to the database that do not belong to the pool of the test itself. */
async function connectionsOf({ pool }: TestDatabase): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND application_name <> 'signalbox'`,
  );
  return rows[0]!.n;
}
