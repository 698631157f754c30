import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { listSeries } from '../../pipelines/bars/bar-series-store.ts';
import { ingestCommand } from '../../pipelines/commands/command-actions.ts';
import type { ingestResultSchema } from '../../pipelines/jobs/routes.ts';
import { serviceRoutes, serviceWorkers } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

type Job = z.infer<typeof ingestResultSchema>;

let database: TestDatabase;
let service: ServiceUnderTest;
let workers: { close(): Promise<void> };
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  workers = await serviceWorkers(databaseContext(database));
  token = await service.token('operator', 'operator');
});
afterAll(async () => {
  await service.service.close();
  await workers.close();
  await database.drop();
});

const PATH = '/api/v1/data/ingests';
const ask = (body: unknown, by = token) => service.ask('POST', PATH, { token: by, body });
const csv = (rows: readonly string[]): string => ['time,open,high,low,close,volume', ...rows].join('\n');
const ROWS = ['2024-01-02,10,11,9,10.5,100', '2024-01-03,10.5,12,10,11,120', '2024-01-04,11,11.5,10,10.2,90'];

/** The job once it has ended. */
async function ended(body: unknown): Promise<Job> {
  const answer = await ask(body);
  expect(answer.statusCode, answer.body).toBe(202);
  for (;;) {
    const job = (await service.ask('GET', String(answer.headers.location), { token })).json<Job>();
    if (job.state === 'done' || job.state === 'failed') return job;
    await systemSleep(20);
  }
}

describe('bars that are asked for', () => {
  it('come from a file that is sent, whose name is what its series are called by', async () => {
    const file = { name: 'AAA.csv', text: csv(ROWS.slice(0, 2)) };
    const first = await ended({ file });
    expect(first, first.problem ?? '').toMatchObject({ state: 'done', result: { inserted: 2 } });
    expect(first.progress).toMatchObject({ notes: [expect.stringContaining('2 bars written') as string] });
    const second = await ended({ file: { ...file, text: csv(ROWS) }, symbol: 'AAA' });
    expect(second.result).toMatchObject({ inserted: 1, unchanged: 2, series: [{ symbol: 'AAA', bars: 3 }] });
    const [series, ...others] = await listSeries(database.pool);
    expect(others).toEqual([]);
    expect(series).toMatchObject({
      origin: 'upload:AAA.csv',
      sourceStatement: "Bars from the user's own file AAA.csv.",
    });
    const { rows } = await database.pool.query('SELECT 1 FROM signalbox.ingest_jobs WHERE upload IS NOT NULL');
    expect(rows).toEqual([]);
    const [entry] = await newestEntries(database.pool, { action: 'ingest-asked', limit: 1 });
    expect(entry).toMatchObject({
      actor: 'token operator',
      details: expect.stringContaining('"name":"AAA.csv"') as string,
    });
    expect(entry!.details).not.toContain('10.5');
  });

  it('are those that the command brings in', async () => {
    const other = await createTestDatabase();
    const range = { from: '2019-01-01', to: '2019-12-31' };
    const commanded = await ingestCommand(databaseContext(other), { vendor: 'sample', ...range });
    await other.drop();
    const { result } = await ended({ vendor: 'sample', ...range });
    const { dataHash, inserted } = commanded.value as { dataHash: string; inserted: number };
    expect(inserted).toBeGreaterThan(200);
    expect(result).toMatchObject({ dataHash, inserted });
  });

  it('fail in words that name the file and the line, and no path of the machine', async () => {
    const bad = await ended({ file: { name: 'bad.csv', text: csv([...ROWS, '2024-01-05,x,1,1,1,1']) } });
    expect(bad).toMatchObject({ state: 'failed', problem: expect.stringMatching(/^bad\.csv.*line 5/) as string });
    expect(bad.problem).not.toContain(tmpdir());
    const contradicted = await ended({ file: { name: 'AAA.csv', text: csv(['2024-01-02,1,1,1,1,1']) } });
    expect(contradicted).toMatchObject({ state: 'failed', problem: expect.stringContaining('revise') as string });
    expect(await ended({ vendor: 'alpaca', symbol: 'AAPL' })).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('ALPACA_API_KEY_ID') as string,
    });
  });

  it('are refused at once where the request cannot be meant', async () => {
    const file = { name: 'AAA.csv', text: csv(ROWS) };
    for (const [body, words] of [
      [{ vendor: 'sample', file }, 'name a vendor, or send a file'],
      [{}, 'name a vendor, or send a file'],
      [{ vendor: 'csv', path: '/etc/passwd' }, 'vendor'],
      [{ vendor: 'sample', actions: '/etc/passwd' }, 'actions'],
      [{ file: { ...file, name: '../AAA.csv' } }, 'is no name of a CSV file'],
      [{ file: { ...file, name: 'AAA.parquet' } }, 'is no name of a CSV file'],
      [{ vendor: 'sample', delimiter: 'comma' }, '--delimiter'],
      [{ file, delimiter: 'letters' }, '--delimiter'],
      [{ vendor: 'alpaca' }, '--symbol'],
    ] as const) {
      const answer = await ask(body);
      expect([400, 422], words).toContain(answer.statusCode);
      expect(answer.json<{ detail: string }>().detail).toContain(words);
    }
    const large = await ask({ file: { ...file, text: 'x'.repeat(17_000_000) } });
    expect(large.json()).toMatchObject({ status: 413, detail: expect.stringContaining('16777216') as string });
    const asked = (await service.ask('GET', PATH, { token })).json<{ jobs: Job[] }>();
    expect(asked.jobs).toHaveLength(6);
  });

  it('are asked for by whoever may, and of all sessions', async () => {
    for (const role of ['viewer', 'trader'] as const) {
      const answer = await ask({ vendor: 'sample' }, await service.token(role, role));
      expect(answer.json(), role).toMatchObject({ status: 403, code: 'not-allowed' });
    }
    const bound = await service.token('bound', 'operator', ['one']);
    expect((await ask({ vendor: 'sample' }, bound)).statusCode).toBe(403);
    expect((await service.ask('GET', PATH, { token: bound })).statusCode).toBe(403);
  });
});
