import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from '../api/testing/service-under-test.ts';
import { signedInUser } from '../api/testing/test-browser.ts';
import { StrategyRunner } from './strategy-runner.ts';
import { stopStrategies } from './testing/stop-strategies.ts';
import type { ShownStrategy } from './kept-output.ts';

// Strategies over HTTP, with a runner beside, and sessions in processes of their own.
const home = mkdtempSync(join(tmpdir(), 'strategies-'));
const YAML = `# Mine.
name: made-up-trend
universe: simulated-2
data: { source: simulated, simulated: { symbols: 2, bars: 4000, seed: 3 } }
strategies:
  - { name: trend, kind: sma-cross, parameters: { fast: 2, slow: 5 } }
limits: unbounded
`;
/** A day of the market in a quarter of a second. */
const SPEED = 4 * 86_400;
let database: TestDatabase;
let service: ServiceUnderTest;
let runner: StrategyRunner;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('SIGNALBOX_HOME', home);
  service = await ServiceUnderTest.over(database, serviceRoutes);
  token = await service.token('trader', 'trader');
  runner = await StrategyRunner.start(databaseContext(database, { env: { SIGNALBOX_HOME: home } }));
});
afterAll(async () => {
  await stopStrategies(database);
  await runner.close();
  await service.service.close();
  await database.drop();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const keep = (name: string, yaml: string, more: object = {}) =>
  service.ask('POST', '/api/v1/strategies', { token, body: { name, yaml, speed: SPEED, reason: 'to see', ...more } });
const act = (name: string, action: string) =>
  service.ask('POST', `/api/v1/strategies/${name}/${action}`, { token, body: { reason: `to ${action}` } });
const look = async (name: string): Promise<ShownStrategy> =>
  (await service.ask('GET', `/api/v1/strategies/${name}`, { token })).json();

/** Looks until a strategy stands so: the suite's own limit ends it where it never does. */
async function until(name: string, is: (seen: ShownStrategy) => boolean): Promise<ShownStrategy> {
  for (;;) {
    const seen = await look(name);
    if (is(seen)) return seen;
    if (seen.state === 'failed') throw new Error(`it failed: ${seen.words}`);
    await systemSleep(100);
  }
}

const count = async (table: 'orders' | 'fills', session: string): Promise<number> => {
  const sql = {
    orders: 'SELECT 1 FROM orders WHERE session_id = $1',
    fills: 'SELECT 1 FROM fills WHERE session_id = $1',
  };
  return (await database.pool.query(sql[table], [session])).rowCount ?? 0;
};

const words = (said: RegExp): string => expect.stringMatching(said) as string;

describe('a strategy of the service', () => {
  it('is created, runs on paper, pauses, goes on and stops, with whoever wanted it in the audit', async () => {
    const created = await keep('trend', YAML);
    expect(created.statusCode, created.body).toBe(201);
    expect(created.json()).toMatchObject({ name: 'trend', version: 1, state: 'stopped', session: null });
    expect(await look('trend')).toMatchObject({ yaml: YAML });
    expect((await act('trend', 'pause')).json()).toMatchObject({ status: 422, detail: words(/is stopped/) });

    expect((await act('trend', 'start')).json()).toMatchObject({ desired: 'running' });
    const running = await until('trend', ({ state }) => state === 'running');
    expect(running).toMatchObject({ session: 'trend-v1-1', sessionVersion: 1, isBehind: false });
    await expect.poll(() => count('fills', 'trend-v1-1')).toBeGreaterThan(3);
    const signals = await service.ask('GET', '/api/v1/strategies/trend/signals?limit=5', { token });
    expect(signals.json<{ session: string; signals: unknown[] }>()).toMatchObject({ session: 'trend-v1-1' });
    expect(signals.json<{ signals: unknown[] }>().signals.length).toBeGreaterThan(1);

    expect((await act('trend', 'pause')).json()).toMatchObject({ desired: 'paused' });
    const paused = await until('trend', ({ state }) => state === 'paused');
    const { rows } = await database.pool.query('SELECT command FROM session_commands WHERE session_id = $1', [
      paused.session,
    ]);
    expect(rows).toEqual([{ command: 'halt' }]);
    // Bars go on, and nothing opens.
    const [lastClose, orders] = [paused.lastClose!, await count('orders', paused.session!)];
    await until('trend', (seen) => Date.parse(seen.lastClose!) > Date.parse(lastClose) + 40 * DAY_MS);
    expect((await count('orders', paused.session!)) - orders).toBeLessThanOrEqual(2);

    expect((await act('trend', 'start')).json()).toMatchObject({ status: 422, detail: words(/is paused/) });
    expect((await act('trend', 'resume')).json()).toMatchObject({ desired: 'running' });
    await until('trend', ({ state }) => state === 'running');
    await expect.poll(() => count('orders', paused.session!)).toBeGreaterThan(orders + 4);
    const performance = await service.ask('GET', '/api/v1/strategies/trend/performance', { token });
    expect(performance.json()).toMatchObject({
      strategy: 'trend',
      account: { session: 'trend-v1-1', ours: { equity: expect.any(Number) as number } },
    });

    expect((await act('trend', 'stop')).json()).toMatchObject({ desired: 'stopped' });
    await until('trend', ({ state }) => state === 'stopped');
    const actions = (await newestEntries(database.pool, { limit: 100 })).map(({ actor, action }) => [actor, action]);
    for (const action of ['created', 'start', 'pause', 'resume', 'stop']) {
      expect(actions).toContainEqual(['token trader', `strategy-${action}`]);
    }
  });
});

describe('a version of a strategy', () => {
  const change = (version: number, yaml: string) =>
    service.ask('PUT', '/api/v1/strategies/changed', { token, body: { version, yaml, reason: 'slower' } });

  it('follows the one that was changed, and none that somebody kept meanwhile', async () => {
    expect((await keep('changed', YAML)).statusCode).toBe(201);
    expect((await keep('changed', YAML)).json()).toMatchObject({ status: 409, code: 'name-taken' });
    const slower = YAML.replace('slow: 5', 'slow: 9');
    expect((await change(1, slower)).json()).toMatchObject({ version: 2, state: 'stopped' });
    expect((await change(1, YAML)).json()).toMatchObject({
      status: 412,
      code: 'not-newest',
      detail: words(/that is 2/),
    });
    const versions = await service.ask('GET', '/api/v1/strategies/changed/versions', { token });
    expect(versions.json()).toMatchObject({
      versions: [
        { version: 2, madeBy: 'token trader', reason: 'slower' },
        { version: 1, reason: 'to see' },
      ],
    });
    const first = await service.ask('GET', '/api/v1/strategies/changed/versions/1', { token });
    expect(first.json()).toMatchObject({ version: 1, yaml: YAML });
    expect((await service.ask('GET', '/api/v1/strategies/changed/versions/9', { token })).statusCode).toBe(404);
  });

  it('is refused with line and key where its text is wrong, names a file, or is called like a rule', async () => {
    const wrong = await keep('wrong', YAML.replace('slow: 5', 'slwo: 5'));
    expect(wrong.headers['content-type']).toContain('application/problem+json');
    expect(wrong.json()).toMatchObject({
      status: 422,
      code: 'bad-yaml',
      errors: [{ line: 6, path: words(/^strategies\[0\]\.parameters/) }],
    });
    const file = await keep('wrong', YAML.replace('kind: sma-cross', 'file: ./mine.ts'));
    expect(file.json()).toMatchObject({ status: 422, errors: [{ path: 'strategies[0].file', line: 6 }] });
    expect((await keep('sma-cross', YAML)).json()).toMatchObject({
      status: 400,
      detail: words(/is the name of a rule/),
    });
    const live = await keep('wrong', YAML, { broker: 'binance' });
    expect(live.json()).toMatchObject({ status: 400, detail: words(/broker/) });
    expect((await act('none', 'start')).json()).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('is kept and run by whoever may, and seen by others', async () => {
    const viewer = await service.token('viewer', 'viewer');
    const body = { name: 'theirs', yaml: YAML };
    expect((await service.ask('POST', '/api/v1/strategies', { token: viewer, body })).statusCode).toBe(403);
    const start = await service.ask('POST', '/api/v1/strategies/changed/start', { token: viewer, body: {} });
    expect(start.statusCode).toBe(403);
    expect((await service.ask('GET', '/api/v1/strategies/changed', { token: viewer })).statusCode).toBe(200);
    const bound = await service.token('bound', 'trader', ['other']);
    expect((await service.ask('GET', '/api/v1/strategies/changed', { token: bound })).statusCode).toBe(404);
    expect((await service.ask('GET', '/api/v1/strategies', { token: bound })).json()).toMatchObject({ kept: [] });
  });
});

it('fails visibly where its session is refused, and is started again by a person alone', async () => {
  vi.stubEnv('ALPACA_API_KEY_ID', '');
  const yaml = YAML.replace('source: simulated,', 'source: simulated, calendar: none,');
  expect((await keep('keyless', yaml, { broker: 'alpaca' })).statusCode).toBe(201);
  await act('keyless', 'start');
  await expect.poll(async () => (await look('keyless')).state).toBe('failed');
  expect((await look('keyless')).words).toMatch(/ALPACA_API_KEY_ID/);
  expect((await act('keyless', 'start')).json()).toMatchObject({ state: 'starting' });
});

it('begins with no more capital than the user who starts it may, and what they may not is on record', async () => {
  const admin = await signedInUser(service, { database, clock: systemClock, role: 'admin' }, 'boss');
  const trader = await signedInUser(service, { database, clock: systemClock }, 'tara');
  const bounds = { reason: 'a new trader', sessionCapitalMax: 10_000 };
  expect((await admin.ask('PUT', '/api/v1/users/tara/risk-profile', bounds)).statusCode).toBe(200);
  const ask = (action: string) => trader.ask('POST', `/api/v1/strategies/large/${action}`, { reason: 'mine' });
  const change = (version: number, capital: number) =>
    trader.ask('PUT', '/api/v1/strategies/large', { version, yaml: `${YAML}capital: ${capital}\n`, reason: 'mine' });
  expect((await keep('large', `${YAML}capital: 10001\n`)).statusCode).toBe(201);
  for (const action of ['start', 'restart']) {
    expect((await ask(action)).json()).toMatchObject({
      status: 422,
      code: 'risk-profile',
      detail: words(/session of 10001 is more than your 10000/),
    });
  }
  const [refused] = await newestEntries(database.pool, { action: 'risk-profile-refused', limit: 1 });
  expect(refused).toMatchObject({ actor: 'tara', sessionId: null });
  expect(JSON.parse(refused!.details)).toEqual({ strategy: 'large', action: 'restart' });
  expect(await look('large')).toMatchObject({ desired: 'stopped', session: null });
  expect((await change(1, 10_000)).json()).toMatchObject({ version: 2 });
  // No runner takes it up: it is about to begin, and takes what is kept until then.
  await runner.close();
  expect((await ask('start')).json()).toMatchObject({ desired: 'running', version: 2 });
  expect((await change(2, 10_001)).json()).toMatchObject({ status: 422, code: 'risk-profile' });
  expect((await change(2, 9_000)).json()).toMatchObject({ version: 3 });
});
