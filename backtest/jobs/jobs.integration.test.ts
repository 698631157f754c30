import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { serviceRoutes, serviceWorkers } from '../../service.ts';
import { ServiceUnderTest } from '../../trading/api/testing/service-under-test.ts';
import { storedBars } from '../../trading/api/testing/stored-bars.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
let workers: { close(): Promise<void> };
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await storedBars(database, 'AAA');
  await storedBars(database, 'BBB');
  service = await ServiceUnderTest.over(database, serviceRoutes);
  workers = await serviceWorkers(databaseContext(database));
  token = await service.token('trader', 'trader');
});
afterAll(async () => {
  await service.service.close();
  await workers.close();
  await database.drop();
});

const trend = {
  id: 'sma-cross',
  name: 'trend',
  enabled: true,
  allocation: 1,
  symbols: ['AAA'],
  parameters: { fast: 3, slow: 8 },
};
const request = {
  startDate: '1990-01-01',
  endDate: '2100-01-01',
  symbols: ['AAA'],
  initialCapital: 50_000,
  strategies: [trend],
};
const ask = (body: object) => service.ask('POST', '/api/v1/backtest/run', { token, body });
const look = (path: string) => service.ask('GET', path, { token });

/** The job once it has ended. */
async function ended(id: string): Promise<{ state: string; problem: string | null }> {
  for (;;) {
    const job = (await look(`/api/v1/jobs/${id}`)).json<{ state: string; problem: string | null }>();
    if (job.state === 'done' || job.state === 'failed') return job;
    await systemSleep(50);
  }
}

async function resultOf(body: object): Promise<Record<string, unknown>> {
  const answer = await ask(body);
  expect(answer.statusCode, answer.body).toBe(202);
  const { id } = answer.json<{ id: string }>();
  expect(answer.headers.location).toBe(`/api/v1/jobs/${id}`);
  expect(await ended(id)).toMatchObject({ state: 'done', problem: null });
  return (await look(`/api/v1/jobs/${id}/result`)).json();
}

describe('a backtest that is asked for', () => {
  it('is done by a worker, and its result is that of a backtest', async () => {
    const result = await resultOf(request);
    expect(result).toMatchObject({
      strategy: 'sma-cross',
      parameters: { fast: 3, slow: 8 },
      initialCapital: 50_000,
      bars: 250,
      journalHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      verdict: expect.stringMatching(/^(evidence|weak|none)$/) as string,
    });
    expect((result['equity'] as unknown[]).length).toBe(250);
    expect((await resultOf(request))['journalHash']).toBe(result['journalHash']);
    expect((await look('/api/v1/jobs')).json<{ jobs: unknown[] }>().jobs.length).toBe(2);
  });

  it('has several strategies on one account', async () => {
    const strategies = [
      { ...trend, allocation: 0.5, symbols: ['AAA', 'BBB'] },
      { ...trend, id: 'buy-and-hold', name: 'held', allocation: 0.4, symbols: ['BBB'], parameters: {} },
      { ...trend, name: 'off', enabled: false },
    ];
    const result = await resultOf({ ...request, symbols: ['AAA', 'BBB'], strategies });
    expect(result['bars']).toBe(500);
    expect(new Set((result['ledger'] as { symbol: string }[]).map(({ symbol }) => symbol))).toEqual(
      new Set(['AAA', 'BBB']),
    );
  });

  it('fails in words where there are no such bars, rules or parameters', async () => {
    for (const [body, words] of [
      [{ ...request, symbols: ['ZZZ'], strategies: [{ ...trend, symbols: ['ZZZ'] }] }, /no bars of ZZZ in the store/],
      [{ ...request, startDate: '1800-01-01', endDate: '1800-01-02' }, /no bars of AAA from 1800-01-01/],
      [{ ...request, strategies: [{ ...trend, id: 'no-such' }] }, /no-such/],
      [{ ...request, strategies: [{ ...trend, parameters: { fats: 3 } }] }, /fats/],
    ] as const) {
      const { id } = (await ask(body)).json<{ id: string }>();
      expect(await ended(id)).toMatchObject({ state: 'failed', problem: expect.stringMatching(words) as string });
      expect((await look(`/api/v1/jobs/${id}/result`)).json()).toMatchObject({ status: 422, code: 'job-failed' });
    }
    for (const [part, path] of [
      [{ endDate: '1980-01-01' }, 'endDate'],
      [{ strategies: [{ ...trend, enabled: false }] }, 'strategies'],
      [{ strategies: [trend, { ...trend, name: 'two' }] }, 'allocations'],
      [{ strategies: [{ ...trend, symbols: ['BBB'] }] }, 'BBB'],
      [{ strategies: [{ ...trend, id: './mine.ts' }] }, 'id'],
    ] as const) {
      const answer = (await ask({ ...request, ...part })).json<{ status: number; detail: string }>();
      expect(answer, path).toMatchObject({ status: 400, detail: expect.stringContaining(path) as string });
    }
  });
});
