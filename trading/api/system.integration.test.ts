import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { loadConfig } from '../../infra/config.ts';
import { createLogger } from '../../infra/logging/log.ts';
import { HealthParts } from '../../infra/metrics/health-parts.ts';
import { createQueueFactory, type QueueFactory } from '../../infra/redis/queue.ts';
import { BEAT_MS, ProcessBeat } from '../../infra/system/process-beat.ts';
import { SOURCE_ARGUMENTS } from '../../infra/testing/source-arguments.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

const QUEUE = 'signalbox-folds';
const PROGRAM = new URL('../../signalbox.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'signalbox-system-'));
let database: TestDatabase;
let service: ServiceUnderTest;
let token: string;
let queues: QueueFactory;
let nowMs = systemClock();

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes, { clock: () => nowMs });
  token = await service.token('operator', 'operator');
  queues = createQueueFactory({ redisUrl: null }, database, () => undefined);
});
afterAll(async () => {
  await queues.close();
  await service.service.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const look = async <Answer>(path: string): Promise<Answer> => {
  const answer = await service.ask('GET', path, { token });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Answer>();
};
type Queues = { queues: { queue: string; waiting: number; failed: number; failures: { reason: string }[] }[] };
const queueNow = async () => (await look<Queues>('/api/v1/system/queues')).queues.find(({ queue }) => queue === QUEUE)!;

describe('the queues', () => {
  it('are told with what failed and why, which is put back in line', async () => {
    const failing = queues.worker(QUEUE, () => Promise.reject(new Error('no memory left')), { concurrency: 1 });
    await queues.queue(QUEUE).add('fold', {}, { jobId: 'one' });
    await expect.poll(async () => (await queueNow()).failed).toBe(1);
    await failing.close();
    expect(await queueNow()).toMatchObject({
      waiting: 0,
      failures: [{ id: 'one', name: 'fold', reason: 'no memory left', attempts: 1 }],
    });
    const retry = (job: string, queue = QUEUE, by = token) =>
      service.ask('POST', `/api/v1/system/queues/${queue}/jobs/${job}/retry`, { token: by });
    expect((await retry('one', QUEUE, await service.token('trader', 'trader'))).statusCode).toBe(403);
    expect((await retry('one')).json()).toEqual({ queue: QUEUE, job: 'one' });
    expect(await queueNow()).toMatchObject({ waiting: 1, failed: 0, failures: [] });
    const [entry] = await newestEntries(database.pool, { action: 'job-retried', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token operator', details: expect.stringContaining('"job":"one"') as string });
    expect((await retry('one')).json()).toMatchObject({
      status: 422,
      detail: expect.stringContaining('waiting') as string,
    });
    expect((await retry('two')).statusCode).toBe(404);
    expect((await retry('one', 'none')).statusCode).toBe(404);
  });
});

describe('the processes', () => {
  it('say that they are there, how they are and what they have logged, until they end', async () => {
    const health = new HealthParts();
    health.begin();
    health.add('queue', () => ({ ok: false, detail: 'it is away' }));
    createLogger(loadConfig({}), { write: () => undefined }).warn('a word of warning');
    // Whenever it says that it is there, it is then.
    const seenMs = nowMs;
    const of = { database, role: 'worker', health, clock: () => seenMs, sockets: () => 3 } as const;
    const beat = await ProcessBeat.start(of);
    type System = { processes: { lost: boolean; figures: { logLines: Record<string, number> } }[] };
    const { processes } = await look<System>('/api/v1/system');
    expect(processes).toMatchObject([
      {
        ...{ role: 'worker', pid: process.pid, lost: false },
        health: { status: 'failing', parts: { queue: { ok: false, detail: 'it is away' } } },
        figures: { sockets: 3 },
      },
    ]);
    expect(processes[0]!.figures.logLines['warn']).toBeGreaterThan(0);
    nowMs += 4 * BEAT_MS;
    expect((await look<System>('/api/v1/system')).processes).toMatchObject([{ lost: true }]);
    await beat.end();
    expect((await look<System>('/api/v1/system')).processes).toEqual([]);
  });
});

describe('the database', () => {
  it('is told as the command has it, with the last backup', async () => {
    const env = { ...process.env, DATABASE_URL: database.url };
    const run = async (...words: string[]): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...SOURCE_ARGUMENTS, PROGRAM, ...words, '--json'],
        { env },
      );
      return JSON.parse(stdout) as unknown;
    };
    expect(await look('/api/v1/system/database')).toMatchObject({ lastBackup: null, pending: [] });
    const file = join(folder, 'backup.gz');
    const made = (await run('db', 'backup', file)) as { tables: number };
    const told = await look<{ applied: string[]; largest: object[]; connections: number }>('/api/v1/system/database');
    expect(told).toMatchObject({ lastBackup: { file, tables: made.tables, sealed: false }, unknown: [] });
    expect(told.largest.length).toBeGreaterThan(5);
    expect(told.connections).toBeGreaterThan(0);
    const { applied, lastBackup } = (await run('db', 'status')) as { applied: string[]; lastBackup: object };
    expect({ applied, lastBackup }).toEqual({
      applied: told.applied,
      lastBackup: (told as { lastBackup?: object }).lastBackup,
    });
    const viewer = await service.token('viewer', 'viewer');
    expect((await service.ask('GET', '/api/v1/system/database', { token: viewer })).statusCode).toBe(403);
  });
});
