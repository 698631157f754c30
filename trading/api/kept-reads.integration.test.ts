import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Metrics } from '../../infra/metrics/metrics.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';
import { storedBars } from './testing/stored-bars.ts';

// An answer that is kept for a moment is given before the question is read: nothing else may differ.
const PATH = '/api/v1/market-data/AAA?limit=20';
let database: TestDatabase;
let service: ServiceUnderTest;
let token: string;
let nowMs = Date.parse('2026-03-02T10:00:00Z');
const metrics = new Metrics('service');

beforeAll(async () => {
  database = await createTestDatabase();
  await storedBars(database, 'AAA');
  service = await ServiceUnderTest.over(database, serviceRoutes, { clock: () => nowMs, metrics, perSecond: 4 });
  token = await service.token('viewer', 'viewer');
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

const ask = (headers: Readonly<Record<string, string>> = {}, by: string | undefined = token) =>
  service.ask('GET', PATH, { headers, ...(by === undefined ? {} : { token: by }) });
/** Another second, and what was kept is kept no more. */
const later = (): number => (nowMs += 1_000);

describe('an answer that is kept', () => {
  it('is the same as the one that was made, under the same headers', async () => {
    const [made, kept] = [await ask(), await ask({ 'x-correlation-id': 'mine' })];
    expect(kept.statusCode).toBe(200);
    expect(kept.body).toBe(made.body);
    const differ = ['date', 'x-correlation-id'];
    const headersOf = ({ headers }: typeof made) =>
      Object.entries(headers).filter(([name]) => !differ.includes(name) && name !== 'connection');
    expect(headersOf(kept)).toEqual(headersOf(made));
    expect(kept.headers).toMatchObject({ 'x-correlation-id': 'mine', 'x-frame-options': 'DENY' });
    expect((await ask({ 'if-none-match': made.headers.etag as string })).statusCode).toBe(304);
    const packed = await service.ask('GET', '/api/v1/market-data/AAA?limit=200', {
      token,
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(packed.headers['content-encoding']).toBe('gzip');
  });

  it('is given to nobody who may not ask, and no more often than anybody may', async () => {
    later();
    expect((await ask()).statusCode).toBe(200);
    expect((await ask({}, 'sbx_nobody')).json()).toMatchObject({ status: 401 });
    expect((await ask({ host: 'evil.example' })).json()).toMatchObject({ status: 421 });
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429]);
  });

  it('is counted, and made anew once it is too old', async () => {
    const count = async (): Promise<number> =>
      Number(
        /http_request_seconds_count\{[^}]*market-data\/:symbol"[^}]*2xx"\} (\d+)/.exec(
          (await metrics.exposition()).text,
        )![1],
      );
    later();
    const [before, { body }] = [await count(), await ask()];
    await ask();
    expect(await count()).toBe(before + 2);
    await database.pool.query('DELETE FROM bars WHERE open_time = (SELECT max(open_time) FROM bars)');
    expect((await ask()).body).toBe(body);
    later();
    expect((await ask()).body).not.toBe(body);
  });
});
