import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeCache } from '../cache/cache-check.ts';
import { openCache } from '../cache/layered-cache.ts';
import { loadConfig } from '../config.ts';
import { examine } from '../doctor.ts';
import { assertQueueReachable, createQueueFactory } from './queue.ts';
import { startRedisServer, type RedisServer } from '../testing/redis-server.ts';
import { describeWith } from '../testing/requirements.ts';
import { signalTree } from '../testing/stopped-process.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const SECONDS_MAX = 90;

describeWith('redis', 'a Redis that is stopped', () => {
  let redis: RedisServer;
  let database: TestDatabase;

  beforeAll(async () => {
    redis = await startRedisServer();
    database = await createTestDatabase();
  });
  afterEach(() => signalTree(redis.pid, 'SIGCONT'));
  afterAll(async () => {
    await database.drop();
    await redis.stop();
  });

  const inTime = async <T>(work: () => Promise<T>): Promise<T> => {
    const beganMs = performance.now();
    const result = await work();
    expect((performance.now() - beganMs) / 1000).toBeLessThan(SECONDS_MAX);
    return result;
  };

  it('is named by the job queue, whose calls go on when it does', async () => {
    const told: string[] = [];
    const queues = createQueueFactory({ redisUrl: redis.url }, database, ({ message }) => told.push(message));
    await assertQueueReachable(queues);
    const queue = queues.queue('stopped');
    await queue.add('before', {});
    signalTree(redis.pid, 'SIGSTOP');
    const adding = queue.add('after', {});
    await inTime(async () => {
      while (!told.some((text) => text.includes('does not answer'))) await sleep(50);
    });
    signalTree(redis.pid, 'SIGCONT');
    await adding;
    expect(await queue.count()).toBe(2);
    await queues.close();
  });

  it('is named where it should be reached, and nothing hangs at closing', async () => {
    signalTree(redis.pid, 'SIGSTOP');
    const queues = createQueueFactory({ redisUrl: redis.url }, database, () => undefined);
    await inTime(async () => {
      await expect(assertQueueReachable(queues)).rejects.toMatchObject({
        message: expect.stringMatching(/does not answer/),
      });
      await queues.close();
    });
  });

  it('is named by doctor, and costs the cache one time-out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stopped-redis-'));
    signalTree(redis.pid, 'SIGSTOP');
    await inTime(async () => {
      expect(await describeCache({ redisUrl: redis.url })).toMatch(/Redis does not answer/);
      const env = {
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        SIGNALBOX_HOME: folder,
        SIGNALBOX_TF_BACKEND: 'wasm',
      };
      const found = (await examine(loadConfig(env))).find(({ name }) => name === 'redis');
      expect(found).toMatchObject({ state: 'broken', detail: expect.stringContaining(new URL(redis.url).host) });
    });
    const notes: string[] = [];
    const cache = openCache({ redisUrl: redis.url }, (text) => notes.push(text));
    for (const key of ['stopped-a', 'stopped-b', 'stopped-c'])
      await cache.get(
        key,
        async () => new Uint8Array(1),
        () => true,
      );
    expect(notes).toEqual([expect.stringMatching(/does not answer/)]);
    await cache.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
