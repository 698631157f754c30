import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import { request, type Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Metrics } from '../../infra/metrics/metrics.ts';
import { route } from '../../infra/http/route.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import type { RouteCollection } from './service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';
import { storedBars } from './testing/stored-bars.ts';

// An answer that is kept for a moment is given before the framework is asked: nothing else may differ. The framework
// tells of each request that it hands to a handler.
const HANDLED = 'tracing:fastify.request.handler:start';
const PATH = '/api/v1/market-data/AAA?limit=20';
let database: TestDatabase;
let service: ServiceUnderTest;
let address: string;
let token: string;
let nowMs = Date.parse('2026-03-02T10:00:00Z');
let handled = 0;
/** Two that are for some people alone: what tells of people goes the whole way always. */
const [ADMINS, PEOPLE] = ['/api/v1/for-admins', '/api/v1/of-people'];
const forAdmins = (['boards', 'users'] as const).map((tag) =>
  route({
    method: 'GET',
    path: tag === 'users' ? PEOPLE : ADMINS,
    permission: 'users:manage',
    tag,
    summary: 'Kept, and not for everybody',
    keptMs: 250,
    answers: { 200: z.object({ secret: z.boolean() }) },
    handle: () => Promise.resolve({ secret: true }),
  }),
);
const metrics = new Metrics('service');
const count = (): void => void (handled += 1);

beforeAll(async () => {
  subscribe(HANDLED, count);
  database = await createTestDatabase();
  await storedBars(database, 'AAA');
  const routes: RouteCollection = (parts) => [...serviceRoutes(parts), ...forAdmins];
  service = await ServiceUnderTest.over(database, routes, { clock: () => nowMs, metrics, perSecond: 4 });
  token = await service.token('viewer', 'viewer');
  const { app } = service.service;
  await app.listen({ host: '127.0.0.1', port: 0 });
  address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  unsubscribe(HANDLED, count);
  await service.service.close();
  await database.drop();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** Whether a handler of the framework's was asked. */
  readonly wholeWay: boolean;
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly by?: string;
  readonly path?: string;
  readonly method?: Dispatcher.HttpMethod;
}

async function ask({ headers = {}, by = token, path = PATH, method = 'GET' }: Asked = {}): Promise<Answer> {
  const before = handled;
  const sent = { authorization: `Bearer ${by}`, ...headers };
  const { statusCode, headers: answered, body } = await request(`${address}${path}`, { method, headers: sent });
  // What ends with the answer: the service notes a request after its last byte.
  return { status: statusCode, headers: answered, body: await body.text(), wholeWay: handled > before };
}

/** Another second, and what was kept is kept no more. */
const later = (): number => (nowMs += 1_000);

/** All that says something of the answer itself. */
function headersOf({ headers }: Answer): Record<string, unknown> {
  const differ = ['date', 'x-correlation-id', 'connection', 'keep-alive'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !differ.includes(name)));
}

describe('an answer that is kept', () => {
  it('is the same as the one that was made, under the same headers', async () => {
    const [made, kept] = [await ask(), await ask({ headers: { 'x-correlation-id': 'mine' } })];
    expect([made.wholeWay, kept.wholeWay]).toEqual([true, false]);
    expect(kept.status).toBe(200);
    expect(kept.body).toBe(made.body);
    expect(headersOf(kept)).toEqual(headersOf(made));
    expect(kept.headers).toMatchObject({ 'x-correlation-id': 'mine', 'x-frame-options': 'DENY' });
    expect(made.headers['x-correlation-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('is not sent to whoever has it, and packed for whoever takes it so', async () => {
    later();
    await ask();
    const { headers } = await ask();
    const again = { headers: { 'if-none-match': String(headers.etag) } };
    expect(await ask(again)).toMatchObject({ status: 304, body: '', wholeWay: false });
    later();
    const packed = { path: '/api/v1/market-data/AAA?limit=200', headers: { 'accept-encoding': 'gzip' } };
    const answers = [await ask(packed), await ask(packed), await ask({ path: packed.path })];
    expect(answers.map(({ wholeWay }) => wholeWay)).toEqual([true, false, false]);
    expect(answers.map(({ headers: { 'content-encoding': how } }) => how)).toEqual(['gzip', 'gzip', undefined]);
    expect(headersOf(answers[1]!)).toEqual(headersOf(answers[0]!));
    expect(answers[1]!.body).toBe(answers[0]!.body);
  });

  it('is given to nobody who may not ask, and no more often than anybody may', async () => {
    later();
    expect((await ask()).status).toBe(200);
    const admin = await service.token('admin', 'admin');
    const asked = [ADMINS, ADMINS, PEOPLE, PEOPLE];
    const given: Answer[] = [];
    for (const path of asked) given.push(await ask({ path, by: admin }));
    expect(given.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(given.map(({ wholeWay }) => wholeWay)).toEqual([true, false, true, true]);
    for (const path of [ADMINS, PEOPLE]) expect((await ask({ path })).status).toBe(403);
    later();
    expect((await ask()).status).toBe(200);
    for (let times = 0; times < 2; times++) {
      expect((await ask({ by: 'sbx_nobody' })).status).toBe(401);
      expect((await ask({ headers: { host: 'evil.example' } })).status).toBe(421);
      expect((await ask({ headers: { origin: 'http://evil.example' } })).status).toBe(403);
    }
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  });

  it('is counted, and made anew once it is too old', async () => {
    const counted = async (): Promise<number> => {
      const { text } = await metrics.exposition();
      return Number(/http_request_seconds_count\{[^}]*market-data\/:symbol"[^}]*2xx"\} (\d+)/.exec(text)![1]);
    };
    later();
    const [before, { body }] = [await counted(), await ask()];
    await ask();
    await expect.poll(counted).toBe(before + 2);
    await database.pool.query('DELETE FROM bars WHERE open_time = (SELECT max(open_time) FROM bars)');
    expect((await ask()).body).toBe(body);
    later();
    expect((await ask()).body).not.toBe(body);
  });

  it('has no body for HEAD', async () => {
    later();
    await ask();
    expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 200, body: '', wholeWay: true });
  });
});
