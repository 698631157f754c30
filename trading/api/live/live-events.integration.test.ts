import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { raiseAlert } from '../../../infra/alerts/alert-store.ts';
import { systemClock } from '../../../infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../../service.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { paperSession, ServiceUnderTest, WaitingSession } from '../testing/service-under-test.ts';
import { of, SocketListener } from '../testing/socket-listener.ts';
import type { LiveEvent } from './live-events.ts';

let database: TestDatabase;
let services: ServiceUnderTest[];
let trader: string;
const open: SocketListener[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  services = [];
  for (let n = 0; n < 2; n++) {
    const one = await ServiceUnderTest.over(database, serviceRoutes);
    await one.service.app.listen({ host: '127.0.0.1', port: 0 });
    services.push(one);
  }
  trader = await services[0]!.token('trader', 'trader');
});
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.terminate();
});
afterAll(async () => {
  for (const { service } of services) await service.close();
  await database.drop();
});

/** A client at one of the two processes, which listens by now. */
async function listen(channel: string, at = 0, token = trader): Promise<SocketListener> {
  const { port } = services[at]!.service.app.server.address() as AddressInfo;
  const listener = SocketListener.to(`ws://127.0.0.1:${port}`, token, channel);
  open.push(listener);
  expect(await listener.first(of('snapshot', channel))).toMatchObject({ data: [] });
  return listener;
}

/** What a client was told has happened, in order. */
const told = ({ messages }: SocketListener): LiveEvent[] =>
  messages.filter(({ type }) => type === 'event').flatMap(({ data }) => data as LiveEvent[]);
const heard = (listener: SocketListener, id: RegExp) =>
  listener.first(({ type, data }) => type === 'event' && (data as LiveEvent[]).some((one) => id.test(one.id)));

describe('events', () => {
  it('are fills, refusals, stops and alerts of a session, each told once and alike by every process', async () => {
    const session = 'happens';
    await paperSession(database, session, 60);
    const both = [await listen(`events:${session}`), await listen(`events:${session}`, 1)];
    await paperSession(database, session, 90);
    const { rows } = await database.pool.query<{ record: number }>(
      'SELECT record::float8 AS record FROM fills WHERE session_id = $1 ORDER BY record DESC LIMIT 1',
      [session],
    );
    for (const listener of both) await heard(listener, new RegExp(`^fill:${session}:${rows[0]!.record}$`));
    const strategy = createRuleStrategy('sma-cross', { fast: 2, slow: 240 });
    const running = await WaitingSession.start(database, 'waits', { protection: undefined, strategy });
    const waits = [await listen('events:waits'), await listen('events:waits', 1)];
    const sale = { session: 'waits', symbol: 'AAA', side: 'sell', quantity: 1, orderType: 'market', reduceOnly: true };
    expect((await services[0]!.ask('POST', '/api/v1/orders', { token: trader, body: sale })).statusCode).toBe(422);
    for (const listener of waits) await heard(listener, /^refusal:waits:\d+$/);
    await services[1]!.ask('POST', '/api/v1/sessions/waits/halt', { token: trader, body: { reason: 'a test' } });
    for (const listener of waits) await heard(listener, /^stop:waits:halt$/);
    const alert = { key: 'k', type: 'test', severity: 'critical', sessionId: 'waits', words: 'look here' } as const;
    await raiseAlert(database.pool, alert, { atMs: systemClock(), channels: [] });
    for (const listener of waits) await heard(listener, /^alert:\d+$/);
    await running.stop();
    for (const [here, there] of [both, waits]) {
      const ids = told(here!).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const others = told(there!).map(({ id }) => id);
      expect(others.toSorted()).toEqual(ids.toSorted());
    }
    expect(told(waits[0]!)).toMatchObject([
      { kind: 'refusal', severity: 'warning', words: expect.stringContaining('nothing-to-reduce') as string },
      { kind: 'stop', severity: 'warning', words: 'is held back: halt' },
      { kind: 'alert', severity: 'critical', session: 'waits', words: 'look here' },
    ]);
  });

  it('of all sessions are their stops and alerts, for those who see all of them', async () => {
    const running = await WaitingSession.start(database, 'other');
    const listener = await listen('events');
    await services[0]!.ask('POST', '/api/v1/sessions/other/halt', { token: trader, body: { reason: 'a test' } });
    await heard(listener, /^stop:other:halt$/);
    await services[0]!.ask('POST', '/api/v1/sessions/other/resume', { token: trader, body: { reason: 'a test' } });
    await heard(listener, /^stop:other:run$/);
    await running.stop();
  });

  it('show nobody the sessions or alerts of others', async () => {
    await paperSession(database, 'own', 50);
    const program = await services[0]!.token('program', 'strategy', ['own']);
    const listener = await listen('events:own', 0, program);
    for (const channel of ['events', 'events:happens']) {
      listener.messages.length = 0;
      listener.say({ type: 'subscribe', channel });
      expect(await listener.first(({ type }) => type === 'event'), channel).toMatchObject({
        data: { code: 'not-allowed' },
      });
    }
    listener.messages.length = 0;
    const alert = { key: 'own', type: 'test', severity: 'warning', sessionId: 'own', words: 'not for it' } as const;
    await raiseAlert(database.pool, alert, { atMs: systemClock(), channels: [] });
    await paperSession(database, 'own', 90);
    await heard(listener, /^fill:own:/);
    expect(told(listener).filter(({ kind }) => kind === 'alert')).toEqual([]);
  });
});
