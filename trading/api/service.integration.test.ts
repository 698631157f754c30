import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { permissionsOf, ROLES, type Role } from '../../infra/auth/roles.ts';
import type { Route } from '../../infra/http/route.ts';
import { serviceRoutes } from '../../service.ts';
import { listSessions } from '../sessions/session-store.ts';
import { storedBars } from './testing/stored-bars.ts';
import { paperSession, ServiceUnderTest } from './testing/service-under-test.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
const tokens = {} as Record<Role, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  await paperSession(database, 'over');
  await paperSession(database, 'begun', 120);
  await storedBars(database);
  service = await ServiceUnderTest.over(database, serviceRoutes);
  for (const role of ROLES) tokens[role] = await service.token(role, role, role === 'strategy' ? ['begun'] : null);
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

const json = async (url: string, token = tokens.viewer): Promise<Record<string, unknown>> => {
  const answer = await service.ask('GET', url, { token });
  expect(answer.statusCode, `${url}: ${answer.body}`).toBe(200);
  return answer.json();
};

describe('looks', () => {
  it('answer what the commands say, each as its schema has it', async () => {
    const urls = [
      '/api/v1/me',
      '/api/v1/sessions',
      '/api/v1/sessions/over',
      '/api/v1/account?session=over',
      '/api/v1/positions?session=begun',
      '/api/v1/orders?session=over&limit=3',
      '/api/v1/fills?session=over&limit=3',
      '/api/v1/signals?session=over&limit=3',
      '/api/v1/signals/refused?session=over&limit=3',
      '/api/v1/risk/thresholds?session=over',
      '/api/v1/risk/history?session=over',
      '/api/v1/trades?session=over&limit=5',
      '/api/v1/alerts',
      '/api/v1/audit?limit=2',
      '/api/v1/audit/verify',
      '/api/v1/users',
      '/api/v1/market-data',
      '/api/v1/market-data/AAA?limit=3',
      '/api/v1/historical/AAA?limit=100',
      '/api/v1/models',
      '/api/v1/experiments',
      '/api/v1/experiments/default',
      '/api/v1/strategies',
      '/api/v1/strategies/sma-cross',
      '/api/v1/runs',
      '/api/v1/runs/over',
      '/api/v1/tokens',
    ];
    const routes = routesOf();
    for (const url of urls) {
      const value = await json(url, tokens.admin);
      const route = routes.find(({ method, path }) => method === 'GET' && matches(path, url))!;
      const parsed = route.answers[200]!.safeParse(value);
      expect(parsed.success ? null : parsed.error.issues, url).toBeNull();
    }
    const orders = await json('/api/v1/orders?session=over&limit=3');
    expect(orders).toMatchObject({ session: 'over', state: 'ended', next: expect.stringMatching(/^\d+$/) as string });
    const next = await json(`/api/v1/orders?session=over&limit=3&cursor=${orders['next'] as string}`);
    const first = (orders['orders'] as { sequence: number }[]).at(-1)!.sequence;
    expect((next['orders'] as { sequence: number }[])[0]!.sequence).toBe(first - 1);
    const trail = await json(`/api/v1/orders/${first}?session=over`);
    expect(trail).toMatchObject({ session: 'over', order: { sequence: first } });
  });

  it('give bars by rows and by columns, large ones packed', async () => {
    const latest = await json('/api/v1/market-data/AAA?limit=3');
    expect(latest).toMatchObject({ series: { symbol: 'AAA', bars: 250 } });
    const bars = latest['bars'] as { time: string; close: number }[];
    const whole = await json('/api/v1/historical/AAA');
    const { time, close, more } = whole as { time: number[]; close: number[]; more: boolean };
    expect([time.length, close.length, more]).toEqual([250, 250, false]);
    expect(bars.map((bar) => [Date.parse(bar.time), bar.close])).toEqual(
      [247, 248, 249].map((n) => [time[n], close[n]]),
    );
    const from = new Date(time[100]!).toISOString();
    const some = await json(`/api/v1/historical/AAA?from=${from}&limit=10`);
    expect(some).toMatchObject({ time: time.slice(100, 110), more: true });
    const headers = { 'accept-encoding': 'gzip' };
    const packed = await service.ask('GET', '/api/v1/historical/AAA', { token: tokens.viewer, headers });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(packed.rawPayload).toString())).toEqual(whole);
    expect((await service.ask('GET', '/api/v1/historical/ZZZ', { token: tokens.viewer })).statusCode).toBe(404);
    for (const path of [
      '/api/v1/strategies/.%2Fmine.ts',
      '/api/v1/experiments/..%2F..%2Fsecret.yaml',
      '/api/v1/runs/..%2F..',
    ]) {
      expect((await service.ask('GET', path, { token: tokens.viewer })).statusCode, path).toBe(400);
    }
  });

  it('are not sent again to whoever has them', async () => {
    const url = '/api/v1/orders?session=over&limit=3';
    const first = await service.ask('GET', url, { token: tokens.viewer });
    const tag = first.headers.etag!;
    const again = await service.ask('GET', url, { token: tokens.viewer, headers: { 'if-none-match': tag } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    const other = await service.ask('GET', url, { token: tokens.viewer, headers: { 'if-none-match': '"other"' } });
    expect(other.statusCode).toBe(200);
  });

  it('say what is wrong with what was asked, as problems', async () => {
    const wrong = [
      ['/api/v1/orders?session=none', 404, 'not-found', /there is no session "none"/],
      ['/api/v1/orders?limit=0', 400, 'bad-request', /querystring\.limit/],
      ['/api/v1/orders?limt=1', 400, 'bad-request', /limt/],
      ['/api/v1/orders?session=over&symbol=ZZZ', 422, 'bad-input', /not traded by session/],
      ['/api/v1/orders/999999?session=over', 404, 'not-found', /has no order 999999/],
      ['/api/v1/no-such', 404, 'no-such-route', /no-such/],
    ] as const;
    for (const [url, status, code, words] of wrong) {
      const headers = { 'x-correlation-id': 'mine-1' };
      const answer = await service.ask('GET', url, { token: tokens.viewer, headers });
      expect(answer.headers['content-type'], url).toMatch(/^application\/problem\+json/);
      expect(answer.json(), url).toMatchObject({
        type: `urn:signalbox:problem:${code}`,
        status,
        code,
        detail: expect.stringMatching(words) as string,
        correlationId: 'mine-1',
      });
      expect([answer.statusCode, answer.headers['x-correlation-id']]).toEqual([status, 'mine-1']);
    }
  });
});

describe('the document', () => {
  it('describes every route with its answers and problems, and is open', async () => {
    const answer = await service.ask('GET', '/api/openapi.json');
    expect(answer.statusCode).toBe(200);
    const { paths, components } = answer.json<{
      paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>>;
      components: { schemas: Record<string, unknown> };
    }>();
    for (const { method, path, answers } of routesOf()) {
      const responses = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]?.responses ?? {};
      expect(Object.keys(responses), path).toEqual(expect.arrayContaining([...Object.keys(answers), '4XX', '5XX']));
      expect(responses['4XX']!.content).toHaveProperty('application/problem+json');
    }
    expect(components.schemas).toHaveProperty('Order');
    expect((await service.ask('GET', '/api/docs/')).statusCode).toBe(200);
  });

  it('is beside what says whether the service is well', async () => {
    for (const part of ['live', 'ready', 'startup']) {
      const answer = await service.ask('GET', `/health/${part}`);
      // Nobody may sign in yet: that is what `startup` is about.
      expect([part, answer.statusCode]).toEqual([part, part === 'startup' ? 503 : 200]);
    }
  });
});

describe('words to a session', () => {
  it('reach it with who said them, once per key', async () => {
    const headers = { 'idempotency-key': 'once' };
    const say = (body: unknown) =>
      service.ask('POST', '/api/v1/sessions/begun/halt', { token: tokens.trader, body, headers });
    const first = await say({ reason: 'a rough day' });
    expect(first.statusCode, first.body).toBe(202);
    expect(first.json()).toMatchObject({ command: 'halt', sessions: ['begun'], waiting: ['begun'] });
    const again = await say({ reason: 'a rough day' });
    expect([again.statusCode, again.body, again.headers['idempotency-replayed']]).toEqual([202, first.body, 'true']);
    expect((await say({ reason: 'another' })).json()).toMatchObject({ status: 422, code: 'key-of-another' });
    const [session] = await listSessions(database.pool, { ids: ['begun'] });
    expect(session!.pending).toEqual(['halt']);
    const [entry] = await newestEntries(database.pool, { sessionId: 'begun', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token trader', action: 'halt', reason: 'a rough day' });
  });

  it('are refused where nothing runs, and where one has ended', async () => {
    const all = await service.ask('POST', '/api/v1/actions/flatten', { token: tokens.operator });
    expect(all.json()).toMatchObject({ status: 409, code: 'nothing-runs' });
    const ended = await service.ask('POST', '/api/v1/sessions/over/flatten', { token: tokens.operator, body: {} });
    expect(ended.json()).toMatchObject({ status: 422, detail: expect.stringContaining('takes no commands') as string });
    const stop = await service.ask('POST', '/api/v1/sessions/begun/stop', { token: tokens.operator });
    expect(stop.json()).toMatchObject({ status: 422, detail: expect.stringContaining('is not running') as string });
  });

  it('change limits: tighter ones at once, wider ones by consent', async () => {
    const put = (body: object) => service.ask('PUT', '/api/v1/risk/thresholds', { token: tokens.operator, body });
    const tight = await put({ session: 'begun', limits: { positionFraction: 0.05 }, reason: 'a rough day' });
    expect(tight.json()).toMatchObject({ changes: [{ name: 'positionFraction', after: 0.05, loosens: false }] });
    const wide = await put({ session: 'begun', limits: { positionFraction: 0.9 }, reason: 'a good day' });
    expect(wide.json()).toMatchObject({ status: 422, detail: expect.stringContaining('loosen begun') as string });
    const asked = {
      session: 'begun',
      limits: { positionFraction: 0.2 },
      reason: 'a good day',
      consent: 'loosen begun',
    };
    expect((await put(asked)).statusCode).toBe(200);
    expect(await json('/api/v1/risk/history?session=begun')).toMatchObject({
      changes: [
        { actor: 'token operator', reason: 'a good day', changes: [{ name: 'positionFraction', after: 0.2 }] },
        { reason: 'a rough day' },
      ],
    });
    expect(await json('/api/v1/risk/thresholds?session=begun')).toMatchObject({
      pending: [{ name: 'positionFraction', after: 0.2 }],
    });
  });
});

describe('the table of roles', () => {
  it('decides on every route for every role, and on nothing else', async () => {
    const routes = routesOf();
    expect(routes.length).toBeGreaterThan(30);
    const wrong: string[] = [];
    for (const { method, path, permission } of routes) {
      const url = path.replaceAll(/:\w+/g, 'none');
      const nobody = await service.ask(method, url, { body: method === 'GET' ? undefined : 'nonsense' });
      if (permission === 'open' ? nobody.statusCode === 403 : nobody.statusCode !== 401) wrong.push(`nobody ${url}`);
      for (const role of ROLES) {
        const answer = await service.ask(method, url, {
          token: tokens[role],
          // Whoever may comes as far as the check of what was sent.
          ...(method === 'GET' ? {} : { body: 'nonsense', headers: { 'content-type': 'text/plain' } }),
        });
        const may = permission === 'open' || permissionsOf(role).includes(permission);
        const refused = answer.statusCode === 403 && answer.json<{ code: string }>().code === 'not-allowed';
        const own = answer.body.includes('sessions of your own');
        if (may === (refused && !own)) wrong.push(`${role} ${method} ${path}: ${answer.statusCode}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has every route of the router, none twice, and lets none be without a permission', async () => {
    const { app } = service.service;
    const known = routesOf().map(({ method, path }) => `${method} ${path}`);
    expect(new Set(known).size).toBe(known.length);
    for (const { method, path } of routesOf()) expect(app.hasRoute({ url: path, method }), path).toBe(true);
    const nameless = { ...routesOf()[0]!, permission: undefined } as unknown as Route;
    await expect(ServiceUnderTest.over(database, () => [nameless])).rejects.toThrow(/has no permission/);
    expect(permissionsOf('viewer').filter((one) => /act|emergency|place|cancel|change|manage|run/.test(one))).toEqual(
      [],
    );
  });

  it('shows nobody the sessions of others', async () => {
    const token = tokens.strategy;
    expect(await json('/api/v1/sessions', token)).toMatchObject({ sessions: [{ session: 'begun' }] });
    expect(await json('/api/v1/account', token)).toMatchObject({ accounts: [{ session: 'begun' }] });
    expect(await json('/api/v1/orders', token)).toMatchObject({ session: 'begun' });
    for (const look of ['orders', 'fills', 'signals', 'signals/refused', 'positions', 'account', 'risk/thresholds']) {
      const answer = await service.ask('GET', `/api/v1/${look}?session=over`, { token });
      expect(answer.json(), look).toMatchObject({ status: 404, code: 'not-found' });
    }
    const one = await service.ask('GET', '/api/v1/sessions/over', { token });
    const none = await service.ask('GET', '/api/v1/sessions/none', { token });
    expect(one.json<{ detail: string }>().detail.replace('over', 'none')).toBe(none.json<{ detail: string }>().detail);
  });
});

/** The routes as data, with parts that are not asked. */
function routesOf(): readonly Route[] {
  return serviceRoutes({} as Parameters<typeof serviceRoutes>[0]);
}

function matches(path: string, url: string): boolean {
  return new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`).test(url.split('?')[0]!);
}
