import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { raiseAlert } from '../../infra/alerts/alert-store.ts';
import { alertRoutes } from '../../infra/alerts/routes.ts';
import { systemClock } from '../../infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
let [operator, bound, viewer]: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, () => alertRoutes());
  operator = await service.token('all', 'operator');
  bound = await service.token('own', 'trader', ['mine']);
  viewer = await service.token('looks', 'viewer');
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

const ask = async (token: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => {
  const answer = await service.ask(method, `/api/v1/alerts${path}`, { token, body });
  return { status: answer.statusCode, value: answer.json<Record<string, unknown>>() };
};
const rule = { metric: 'equity', below: 900, for: '30s', severity: 'warning' };
const names = async (token: string): Promise<string[]> =>
  ((await ask(token, 'GET', '/rules')).value['rules'] as { name: string }[]).map(({ name }) => name);

describe('rules of alerts, over HTTP', () => {
  it('are made, listed and removed by whoever may, of sessions of one’s own', async () => {
    expect((await ask(viewer!, 'PUT', '/rules/low', rule)).status).toBe(403);
    expect((await ask(bound!, 'PUT', '/rules/low', rule)).status).toBe(403);
    expect((await ask(bound!, 'PUT', '/rules/low', { ...rule, session: 'theirs' })).status).toBe(403);
    const made = await ask(bound!, 'PUT', '/rules/low', { ...rule, session: 'mine', channels: ['slack'] });
    expect(made).toMatchObject({ status: 200, value: { threshold: 900, above: false, channels: ['slack'] } });
    expect((await ask(operator!, 'PUT', '/rules/theirs', { ...rule, session: 'theirs' })).status).toBe(200);
    expect(await names(bound!)).toEqual(expect.arrayContaining(['low', 'drawdown', 'session-not-running']));
    expect(await names(bound!)).not.toContain('theirs');
    expect((await ask(bound!, 'DELETE', '/rules/theirs')).status).toBe(403);
    expect((await ask(bound!, 'PUT', '/rules/drawdown', { ...rule, session: 'mine' })).status).toBe(403);
    expect((await ask(bound!, 'DELETE', '/rules/low')).status).toBe(200);
    expect((await ask(operator!, 'DELETE', '/rules/low')).status).toBe(422);
    expect((await ask(operator!, 'PUT', '/rules/low', { ...rule, metric: 'equty' })).status).toBe(422);
    expect((await ask(operator!, 'PUT', '/rules/low', { ...rule, severity: 'grave' })).status).toBe(400);
  });

  it('watch how long orders take, too', async () => {
    const slow = { metric: 'feed-to-decision-p99-ms', above: 250, for: '1m', severity: 'warning' };
    const made = await ask(operator!, 'PUT', '/rules/slow-decisions', slow);
    expect(made).toMatchObject({ status: 200, value: { metric: slow.metric, above: true, threshold: 250 } });
    const { value } = await ask(viewer!, 'GET', '/rules');
    expect(value['metrics']).toContainEqual(
      expect.objectContaining({ name: 'decision-to-acknowledgement-p99-ms', of: 'session', unit: 'ms' }),
    );
  });

  it('measure a latency over as much of the last while as they say, and nothing else over any', async () => {
    const slow = { metric: 'decision-to-fill-p99-ms', above: 250, for: '1m', severity: 'warning' };
    const made = async (more: object) => (await ask(operator!, 'PUT', '/rules/slow-fills', { ...slow, ...more })).value;
    expect(await made({ over: '5m' })).toMatchObject({ windowSeconds: 300 });
    // What is left out stays, and what is as usual is nothing of its own.
    expect(await made({ above: 300 })).toMatchObject({ threshold: 300, windowSeconds: 300 });
    expect(await made({ over: '15m' })).toMatchObject({ windowSeconds: null });
    for (const over of ['9s', '25h', 'long']) {
      expect(await made({ over })).toMatchObject({
        detail: expect.stringMatching(`^--over ${over} is no span from 10s to 1d\\.`) as string,
      });
    }
    expect(await ask(operator!, 'PUT', '/rules/low', { ...rule, over: '5m' })).toMatchObject({
      status: 422,
      value: { detail: '--over 5m says nothing: equity is measured at a moment. Leave it out.' },
    });
  });

  it('are about any session again, and told to every channel again, where that is said', async () => {
    const put = async (more: object) => (await ask(operator!, 'PUT', '/rules/narrow', { ...rule, ...more })).value;
    expect(await put({ session: 'mine', channels: ['slack'] })).toMatchObject({ session: 'mine', channels: ['slack'] });
    expect(await put({})).toMatchObject({ session: 'mine', channels: ['slack'] });
    expect(await put({ session: null, channels: null })).toMatchObject({ session: null, channels: null });
  });

  it('are tried by a test, which says what each channel answered', async () => {
    const { status, value } = await ask(operator!, 'POST', '/rules/drawdown/test');
    expect([status, value]).toEqual([200, { channels: [{ channel: 'log', answer: null }] }]);
    expect((await ask(operator!, 'POST', '/rules/nothing/test')).status).toBe(404);
    expect((await ask(viewer!, 'POST', '/rules/drawdown/test')).status).toBe(403);
  });
});

describe('channels of the house, over HTTP', () => {
  it('say how they stand, take a test, and are told of what was chosen', async () => {
    const raise = (key: string, severity: 'warning' | 'critical') =>
      raiseAlert(
        database.pool,
        { key, type: key.split('/')[0]!, severity, sessionId: null, words: key },
        { atMs: systemClock(), channels: ['slack', 'email'] },
      );
    const choose = (body: object) => ask(operator!, 'PUT', '/channels/choices', body);
    expect((await choose({ channel: 'slack', type: null, least: 'critical' })).status).toBe(200);
    expect((await choose({ channel: 'slack', type: 'latency', least: 'info' })).status).toBe(200);
    expect((await choose({ channel: 'email', type: 'latency', least: 'none' })).status).toBe(200);
    expect((await ask(bound!, 'PUT', '/channels/choices', { channel: 'log', type: null, least: 'none' })).status).toBe(
      403,
    );
    await raise('halt/1', 'warning');
    await raise('halt/2', 'critical');
    await raise('latency/1', 'warning');
    const { rows } = await database.pool.query<{ told: string }>(
      "SELECT key || ' ' || channel AS told FROM alert_deliveries ORDER BY 1",
    );
    expect(rows.map(({ told }) => told)).toEqual(['halt/1 email', 'halt/2 email', 'halt/2 slack', 'latency/1 slack']);
    const { value } = await ask(viewer!, 'GET', '/channels');
    expect(value['channels']).toContainEqual({
      ...{ name: 'slack', configured: false, least: 'info', waiting: 2, lastAt: null, answer: null },
    });
    expect(value['choices']).toHaveLength(3);
    expect(await ask(operator!, 'POST', '/channels/log/test')).toMatchObject({ status: 200 });
    expect((await ask(operator!, 'POST', '/channels/slack/test')).status).toBe(422);
    expect((await choose({ channel: 'slack', type: null, least: null })).value['choices']).toHaveLength(2);
  });
});
