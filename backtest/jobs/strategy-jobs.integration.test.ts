import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes, serviceWorkers } from '../../service.ts';
import { ServiceUnderTest } from '../../trading/api/testing/service-under-test.ts';
import type { BacktestJob } from './job-store.ts';

// A strategy that the service keeps is backtested as a version of it has it, by a worker of this process.
const home = mkdtempSync(join(tmpdir(), 'signalbox-strategy-jobs-'));
const env = { SIGNALBOX_HOME: home, SIGNALBOX_LOG: 'silent' };
const yaml = (slow: number): string => `name: made-up-trend
universe: simulated-2
data: { source: simulated, simulated: { symbols: 2, bars: 400, seed: 3 } }
strategies: [{ name: trend, kind: sma-cross, parameters: { fast: 2, slow: ${slow} } }]
limits: unbounded
`;
let database: TestDatabase;
let service: ServiceUnderTest;
let workers: Awaited<ReturnType<typeof serviceWorkers>>;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const context = databaseContext(database, { env });
  service = await ServiceUnderTest.over(database, serviceRoutes, { context });
  workers = await serviceWorkers(context);
  token = await service.token('trader', 'trader');
  const sent = { name: 'mine', yaml: yaml(5), reason: '' };
  await service.ask('POST', '/api/v1/strategies', { token, body: sent });
  await service.ask('PUT', '/api/v1/strategies/mine', { token, body: { version: 1, yaml: yaml(9), reason: '' } });
});
afterAll(async () => {
  await workers.close();
  await service.service.close();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

const ask = (body: object, { by = token, strategy = 'mine', headers = {} } = {}) =>
  service.ask('POST', `/api/v1/strategies/${strategy}/backtest`, { token: by, body, headers });

/** What became of a job once it has ended, and its result. */
async function doneOf(body: object): Promise<{ job: BacktestJob; result: Record<string, unknown> }> {
  const answer = await ask(body);
  expect(answer.statusCode, answer.body).toBe(202);
  const path = answer.headers.location!;
  for (;;) {
    const job = (await service.ask('GET', path, { token })).json<BacktestJob>();
    if (job.state === 'done' || job.state === 'failed') {
      expect(job).toMatchObject({ state: 'done', problem: null });
      return { job, result: (await service.ask('GET', `${path}/result`, { token })).json() };
    }
    await systemSleep(50);
  }
}

describe('a strategy that the service keeps', () => {
  it('is backtested as its newest version has it, or as the one that is named', async () => {
    const newest = await doneOf({});
    expect(newest.job).toMatchObject({ kind: 'backtest', asked: { strategy: 'mine', version: 2 } });
    expect(newest.result).toMatchObject({ experiment: 'made-up-trend', parameters: { slow: 9 } });
    const first = await doneOf({ version: 1 });
    expect(first.result).toMatchObject({ parameters: { slow: 5 } });
    expect(first.result['journalHash']).not.toBe(newest.result['journalHash']);
    const run = await service.ask('GET', `/api/v1/runs/${first.job.run}`, { token });
    expect(run.json()).toMatchObject({ result: { journalHash: first.result['journalHash'] } });
    const [entry] = await newestEntries(database.pool, { action: 'backtest-asked', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token trader', details: expect.stringContaining(first.job.id) as string });
  });

  it('takes another capital and other days', async () => {
    const { result } = await doneOf({ initialCapital: 50_000, command: 'backtest' });
    expect(result).toMatchObject({ initialCapital: 50_000, parameters: { slow: 9 } });
    const backwards = await ask({ startDate: '2020-01-02', endDate: '2020-01-01' });
    expect(backwards.json()).toMatchObject({ status: 400, detail: expect.stringContaining('endDate') as string });
  });

  it('is asked for once by the same key', async () => {
    const headers = { 'idempotency-key': 'one-backtest' };
    const [once, twice] = [await ask({ version: 1 }, { headers }), await ask({ version: 1 }, { headers })];
    expect(twice.json()).toEqual(once.json());
    expect(twice.headers['idempotency-replayed']).toBe('true');
    expect((await ask({ version: 2 }, { headers })).json()).toMatchObject({ status: 422, code: 'key-of-another' });
  });

  it('is refused where there is no such strategy or version, and to whoever may not', async () => {
    expect((await ask({ version: 3 })).json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining('no version 3') as string,
    });
    // A rule is no strategy of the service.
    for (const strategy of ['yours', 'sma-cross']) expect((await ask({}, { strategy })).statusCode).toBe(404);
    expect((await ask({ version: 0 })).statusCode).toBe(400);
    expect((await ask({ file: '/etc/passwd' })).statusCode).toBe(400);
    const viewer = await service.token('viewer', 'viewer');
    expect((await ask({}, { by: viewer })).json()).toMatchObject({ status: 403, code: 'not-allowed' });
    // Bound to a session of another strategy, they see this one not at all.
    const bound = await service.token('bound', 'trader', ['another']);
    expect((await ask({}, { by: bound })).statusCode).toBe(404);
  });
});
