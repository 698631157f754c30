import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes, serviceWorkers } from '../../service.ts';
import { ServiceUnderTest } from '../../trading/api/testing/service-under-test.ts';
import { backtestExperiment } from '../run/experiment-backtests.ts';
import { startSignalbox } from '../testing/run-process.ts';
import type { BacktestJob } from './job-store.ts';

const home = mkdtempSync(join(tmpdir(), 'signalbox-experiment-jobs-'));
const env = { SIGNALBOX_HOME: home, SIGNALBOX_LOG: 'silent' };
let database: TestDatabase;
let service: ServiceUnderTest;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes, { context: databaseContext(database, { env }) });
  token = await service.token('trader', 'trader');
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

const ask = (body: object) => service.ask('POST', '/api/v1/backtest/experiment', { token, body });
const look = async (id: string): Promise<BacktestJob> =>
  (await service.ask('GET', `/api/v1/jobs/${id}`, { token })).json();

async function asked(body: object): Promise<string> {
  const answer = await ask(body);
  expect(answer.statusCode, answer.body).toBe(202);
  return answer.json<{ id: string }>().id;
}

/** The job once it is as it is wanted. */
async function until(id: string, holds: (job: BacktestJob) => boolean): Promise<BacktestJob> {
  for (;;) {
    const job = await look(id);
    if (holds(job)) return job;
    await systemSleep(50);
  }
}
const hasEnded = ({ state }: BacktestJob): boolean => state !== 'waiting' && state !== 'running';

/** Workers of this process for as long as `work` takes. */
async function withWorkers(work: () => Promise<void>): Promise<void> {
  const workers = await serviceWorkers(databaseContext(database, { env }));
  try {
    await work();
  } finally {
    await workers.close();
  }
}

describe('an experiment that is asked for', () => {
  it('is backtested by a worker as the command does it, tells how far it is, and its run is kept', async () => {
    await withWorkers(async () => {
      const id = await asked({ experiment: 'spx-trend', initialCapital: 50_000, startDate: '2005-01-03' });
      const job = await until(id, hasEnded);
      expect(job).toMatchObject({ state: 'done', problem: null, kind: 'backtest', askedBy: 'token trader' });
      expect(job.progress!.stages.map(({ name }) => name)).toContain('backtest sma-cross');
      expect(job.progress!.stages.every(({ ended }) => ended)).toBe(true);
      const result = (await service.ask('GET', `/api/v1/jobs/${id}/result`, { token })).json<Record<string, unknown>>();
      expect(result).toMatchObject({ initialCapital: 50_000, from: expect.stringMatching(/^2005-01/) as string });
      const run = (await service.ask('GET', `/api/v1/runs/${job.run}`, { token })).json<Record<string, unknown>>();
      expect(run).toMatchObject({ kind: 'rules', result: { journalHash: result['journalHash'] } });
      // The whole experiment, by the command itself: another capital, so another journal.
      const { value } = await backtestExperiment(databaseContext(database, { env }), {}, 'spx-trend');
      expect(value).toMatchObject({ initialCapital: 100_000, strategy: 'sma-cross' });
      const again = await until(await asked({ experiment: 'spx-trend' }), hasEnded);
      const same = await service.ask('GET', `/api/v1/jobs/${again.id}/result`, { token });
      expect(same.json()).toMatchObject({ journalHash: (value as { journalHash: string }).journalHash });
    });
  });

  it('is walked forward, window by window', async () => {
    await withWorkers(async () => {
      const job = await until(await asked({ experiment: 'spx-trend', command: 'walk-forward' }), hasEnded);
      expect(job).toMatchObject({ state: 'done', kind: 'walk-forward', problem: null });
      expect(readdirSync(join(home, 'reports', job.run!))).toContain('curves.json');
    });
  });

  it('fails in words, and is refused where it is no name', async () => {
    await withWorkers(async () => {
      const job = await until(await asked({ experiment: 'spx-trnd' }), hasEnded);
      expect(job).toMatchObject({
        state: 'failed',
        problem: expect.stringMatching(/Did you mean spx-trend/) as string,
      });
    });
    for (const experiment of ['../secret', 'a.yaml', '/etc/x']) {
      expect((await ask({ experiment })).statusCode, experiment).toBe(400);
    }
    const backwards = await ask({ experiment: 'default', startDate: '2020-01-02', endDate: '2020-01-01' });
    expect(backwards.json()).toMatchObject({ status: 400, detail: expect.stringContaining('endDate') as string });
  });

  it('is canceled while it waits, in the name of whoever does, and no worker does it', async () => {
    const id = await asked({ experiment: 'spx-trend' });
    const answer = await service.ask('POST', `/api/v1/jobs/${id}/cancel`, { token });
    expect(answer.json()).toMatchObject({ state: 'canceled' });
    const [entry] = await newestEntries(database.pool, { action: 'backtest-canceled', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token trader', details: expect.stringContaining(id) as string });
    expect((await service.ask('POST', `/api/v1/jobs/${id}/cancel`, { token })).statusCode).toBe(409);
    const viewer = await service.token('viewer', 'viewer');
    expect((await service.ask('POST', `/api/v1/jobs/${id}/cancel`, { token: viewer })).statusCode).toBe(403);
    await withWorkers(async () => {
      const later = await until(await asked({ experiment: 'spx-trnd' }), hasEnded);
      expect(later.state).toBe('failed');
      expect(await look(id)).toMatchObject({ state: 'canceled', beganAt: null, run: null });
    });
  });

  it('is canceled while it runs: it stops, and is not done again', async () => {
    await withWorkers(async () => {
      const id = await asked({ experiment: 'simulated-universe' });
      await until(id, ({ progress }) => (progress?.stages.length ?? 0) > 0);
      await service.ask('POST', `/api/v1/jobs/${id}/cancel`, { token });
      // The next one is begun only when the thread is free.
      const next = await until(await asked({ experiment: 'spx-trnd' }), hasEnded);
      expect(next.state).toBe('failed');
      expect(await look(id)).toMatchObject({ state: 'canceled', run: null, problem: null });
    });
  });

  it('is gone on with by another worker where one was killed', async () => {
    const start = () =>
      startSignalbox(['worker'], process.env, {
        ...env,
        DATABASE_URL: database.url,
        REDIS_URL: '',
        SIGNALBOX_LOG: 'info',
      });
    const first = start();
    const id = await asked({ experiment: 'default' });
    await until(id, ({ progress }) => progress?.stages.some(({ name }) => name.startsWith('train ')) === true);
    first.kill();
    await first.ended;
    expect((await look(id)).state).toBe('running');
    const second = start();
    const job = await until(id, hasEnded);
    expect(job).toMatchObject({ state: 'done', problem: null });
    second.child.kill('SIGTERM');
    await second.ended;
  });
});
