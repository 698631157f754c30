import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EventEmitter } from 'node:events';
import type { Worker } from 'bullmq';
import { systemClock } from '../../infra/clock.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { WebhookServer } from '../../infra/testing/webhook-server.ts';
import { createQueueFactory } from '../../infra/redis/queue.ts';
import { alertOfModel, WorkerAlerts } from './worker-alerts.ts';

let database: TestDatabase;
let webhook: WebhookServer;

beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await WebhookServer.start();
});
afterEach(() => webhook.reset());
afterAll(async () => {
  await webhook.stop();
  await database.drop();
});

const context = () =>
  databaseContext(database, { env: { SIGNALBOX_LOG: 'silent', SIGNALBOX_ALERT_WEBHOOK: webhook.url } });
const told = () => webhook.taken.map(({ type, state, key }) => `${type} ${state} ${key}`);

describe('a worker whose job fails', () => {
  it('tells people once, and that it is over when a later one is done', async () => {
    const queues = createQueueFactory(context().config, database, () => undefined);
    const queue = queues.queue('tried');
    const worker = queues.worker(
      'tried',
      (job) => (job.name === 'bad' ? Promise.reject(new Error('no data')) : Promise.resolve('done')),
      { concurrency: 1, threadData: undefined },
    );
    const alerts = new WorkerAlerts(context(), database.pool);
    alerts.follow(worker);
    await queue.add('bad', {}, { attempts: 3, backoff: 1 });
    await queue.add('bad', {});
    await expect.poll(told).toEqual(['job-failed raised job-failed/tried']);
    await expect
      .poll(async () => queue.getJobCounts('waiting', 'active', 'delayed'))
      .toEqual({ waiting: 0, active: 0, delayed: 0 });
    expect(webhook.taken[0]!.words).toBe('a job of tried failed: no data');
    await queue.add('good', {});
    await expect.poll(told).toHaveLength(2);
    expect(told()[1]).toBe('job-failed resolved job-failed/tried');
    const { rows } = await database.pool.query<{ times: number }>('SELECT times FROM alerts ORDER BY id LIMIT 1');
    expect(rows).toEqual([{ times: 2 }]);
    await alerts.end();
    await queues.close();
  });

  it('delivers before it ends what was raised last', async () => {
    const worker = new EventEmitter();
    const alerts = new WorkerAlerts(context(), database.pool);
    alerts.follow(Object.assign(worker, { name: 'last' }) as unknown as Worker);
    worker.emit('failed', undefined, new Error('gone'));
    await alerts.end();
    expect(told()).toEqual(['job-failed raised job-failed/last']);
  });
});

describe('a look at a champion', () => {
  it('is an alert while the model has expired or drifts, and over when it does not', async () => {
    const { config } = context();
    const look = (alarms: readonly ('features' | 'expired')[]) =>
      alertOfModel(
        database.pool,
        { name: 'm', version: 3, asOf: '2024-01-01T00:00:00.000Z', expiresAt: '2023-12-01T00:00:00.000Z', alarms },
        { config, clock: systemClock },
      );
    const alerts = new WorkerAlerts(context(), database.pool);
    await look(['features', 'expired']);
    await look(['features', 'expired']);
    await expect
      .poll(() => told().sort())
      .toEqual(['model-drifting raised model-drifting/m', 'model-expired raised model-expired/m']);
    expect(webhook.taken.find(({ type }) => type === 'model-expired')).toMatchObject({
      severity: 'critical',
      words: 'm version 3 has expired (2023-12-01): it gives no signals for later bars',
    });
    await look([]);
    await expect.poll(() => told().filter((one) => one.includes('resolved')).length).toBe(2);
    await alerts.end();
  });
});
