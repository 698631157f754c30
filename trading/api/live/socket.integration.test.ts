import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endToken } from '../../../infra/auth/accounts.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { systemClock } from '../../../infra/clock.ts';
import { raiseAlert } from '../../../infra/alerts/alert-store.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../../service.ts';
import { childSession } from '../../testing/streaming-session-child.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { of, SocketListener } from '../testing/socket-listener.ts';
import { paperSession, ServiceUnderTest, WaitingSession } from '../testing/service-under-test.ts';

let database: TestDatabase;
let services: ServiceUnderTest[];
let token: string;
const open: SocketListener[] = [];

const originOf = (at: number): string =>
  `ws://127.0.0.1:${(services[at]!.service.app.server.address() as AddressInfo).port}`;
const kept = (listener: SocketListener): SocketListener => {
  open.push(listener);
  return listener;
};
const plain = (path: string, headers: Record<string, string>): SocketListener =>
  kept(new SocketListener(originOf(0), path, headers));
const listen = (channels: string, more: { interval?: number; at?: number; token?: string } = {}): SocketListener =>
  kept(SocketListener.to(originOf(more.at ?? 0), more.token ?? token, channels, more.interval));
const quiet = {
  ...childSession,
  protection: undefined,
  strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 240 }),
};

beforeAll(async () => {
  database = await createTestDatabase();
  services = [];
  for (let n = 0; n < 2; n++) {
    const one = await ServiceUnderTest.over(database, serviceRoutes);
    await one.service.app.listen({ host: '127.0.0.1', port: 0 });
    services.push(one);
  }
  token = await services[0]!.token('listener', 'trader');
  await paperSession(database, 'over');
});
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.terminate();
});
afterAll(async () => {
  for (const { service } of services) await service.close();
  await database.drop();
});

describe('a socket', () => {
  it('gives a snapshot of each channel, and what of it changes, at every process alike', async () => {
    const session = 'live';
    const running = await WaitingSession.start(database, session, quiet);
    const channels = `sessions,orders:${session},account:${session},positions:${session}`;
    const [here, there] = [listen(channels), listen(channels, { at: 1, interval: 250 })];
    for (const listener of [here, there]) {
      expect(await listener.first(of('snapshot', `orders:${session}`))).toMatchObject({ data: [] });
      const sessions = await listener.first(of('snapshot', 'sessions'));
      expect((sessions.data as { session: string }[]).map((one) => one.session)).toEqual(
        expect.arrayContaining([session, 'over']),
      );
      expect(await listener.first(of('snapshot', `account:${session}`))).toMatchObject({ data: [{ session }] });
    }
    const body = { session, symbol: 'AAA', side: 'buy', quantity: 10, orderType: 'market' };
    const asked = await services[1]!.ask('POST', '/api/v1/orders', { token, body });
    expect(asked.statusCode).toBe(201);
    for (const listener of [here, there]) {
      const update = await listener.first(of('update', `orders:${session}`));
      expect(update).toMatchObject({ data: { rows: [{ sequence: 1, symbol: 'AAA', quantity: 10 }], removed: [] } });
      expect(update.sequence).toBeGreaterThan((await listener.first(of('snapshot', `orders:${session}`))).sequence);
    }
    await running.stop();
    await here.first((message) => {
      const { rows } = message.data as { rows?: { session: string; state: string }[] };
      return of('update', 'sessions')(message) && rows!.some((one) => one.session === session);
    });
  });

  it('adds and leaves channels, and says what it does not know', async () => {
    const listener = listen('sessions');
    await listener.first(of('snapshot', 'sessions'));
    listener.say({ type: 'subscribe', channel: 'fills:over' });
    const fills = await listener.first(of('snapshot', 'fills:over'));
    expect((fills.data as unknown[]).length).toBeGreaterThan(5);
    for (const [message, code] of [
      [{ type: 'subscribe', channel: 'nothing' }, 'no-such-channel'],
      [{ type: 'subscribe', channel: 'orders' }, 'no-such-channel'],
      [{ type: 'subscribe', channel: 'orders:none' }, 'not-found'],
      [{ type: 'shout' }, 'bad-message'],
      ['nonsense', 'bad-message'],
    ] as const) {
      listener.messages.length = 0;
      listener.say(message);
      expect(await listener.first(({ type }) => type === 'event')).toMatchObject({ data: { code } });
    }
    listener.say({ type: 'ping' });
    await listener.first(({ type }) => type === 'heartbeat');
    listener.say({ type: 'subscribe', channel: 'alerts' });
    await listener.first(of('snapshot', 'alerts'));
    const alert = { key: 'k', type: 'test', severity: 'warning', sessionId: null, words: 'something' } as const;
    await raiseAlert(database.pool, alert, { atMs: systemClock(), channels: [] });
    expect(await listener.first(of('update', 'alerts'))).toMatchObject({ data: { rows: [{ words: 'something' }] } });
  });

  it('is refused without a token, to pages of others, and beyond a hundred of one client', async () => {
    expect(await plain('/api/v1/ws', {}).closed).toBe(401);
    const own = { authorization: `Bearer ${token}` };
    expect(await plain('/api/v1/ws', { ...own, origin: 'http://evil.example' }).closed).toBe(403);
    expect(await plain('/api/v1/ws', { ...own, host: 'evil.example' }).closed).toBe(421);
    expect(await plain('/api/v1/ws?interval=1', own).closed).toBe(400);
    const answer = await services[0]!.ask('GET', '/api/v1/ws', { token });
    expect(answer.json()).toMatchObject({ status: 426 });
    const many = Array.from({ length: 100 }, () => listen('sessions'));
    for (const one of many) await one.first(of('snapshot', 'sessions'));
    expect(await listen('sessions').closed).toBe(429);
    many[0]!.socket.close();
    await many[0]!.closed;
    await listen('sessions').first(of('snapshot', 'sessions'));
  });

  it('shows nobody the sessions of others', async () => {
    const bound = await services[0]!.token('bound', 'strategy', ['over']);
    const listener = listen('orders:over', { token: bound });
    await listener.first(of('snapshot', 'orders:over'));
    for (const channel of ['sessions', 'alerts', 'orders:live', 'account:live']) {
      listener.messages.length = 0;
      listener.say({ type: 'subscribe', channel });
      expect(await listener.first(({ type }) => type === 'event'), channel).toMatchObject({
        data: { code: 'not-allowed' },
      });
    }
  });

  it('is closed once its token is revoked, and where too much is said', async () => {
    const other = await services[0]!.token('gone', 'viewer');
    const gone = listen('sessions', { token: other });
    await gone.first(of('snapshot', 'sessions'));
    await endToken({ database, clock: systemClock, actor: SYSTEM }, 'gone');
    const loud = listen('sessions');
    await loud.first(of('snapshot', 'sessions'));
    for (let n = 0; n < 120; n++) loud.say({ type: 'ping' });
    expect(await loud.closed).toBe(4429);
    expect(await gone.closed).toBe(4401);
  });
});
