import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { journalHashOf, requestCommand } from '../sessions/session-store.ts';
import { readFills } from '../journal/journal-store.ts';
import { childSession } from '../testing/streaming-session-child.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { paperSession, ServiceUnderTest, WaitingSession } from './testing/service-under-test.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
let trader: string;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  trader = await service.token('trader', 'trader');
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

const { protection: _, ...bare } = childSession;
/** Trades nothing by itself within these bars, and protects nothing. */
const quiet = { ...bare, protection: undefined, strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 240 }) };
const ask = (body: object, token = trader) => service.ask('POST', '/api/v1/orders', { token, body });
const cancel = (session: string, order: number | string) =>
  service.ask('DELETE', `/api/v1/orders/${order}?session=${session}`, { token: trader });

describe('an order that is asked for', () => {
  it('goes through the risk of the session, is cut or refused by it, and is filled at the next bar', async () => {
    const session = 'asked';
    const running = await WaitingSession.start(database, session, quiet);
    const order = { session, symbol: 'AAA', side: 'buy', quantity: 10, orderType: 'market' };
    const first = await ask(order);
    expect(first.statusCode, first.body).toBe(201);
    expect(first.json()).toMatchObject({ session, outcome: 'ordered', order: 1, quantity: 10, clippedBy: null });
    const large = await ask({ ...order, symbol: 'BBB', quantity: 1e6 });
    expect(large.json()).toMatchObject({ outcome: 'ordered', order: 2, clippedBy: expect.any(String) as string });
    const sale = await ask({ ...order, side: 'sell', reduceOnly: true });
    expect(sale.json()).toMatchObject({ status: 422, code: 'nothing-to-reduce' });
    expect(sale.json<{ detail: string }>().detail).toMatch(/^Refused: .* were to be closed/);
    const resting = await ask({ ...order, orderType: 'limit', limitPrice: 1, timeInForce: 'gtc' });
    expect(resting.json()).toMatchObject({ outcome: 'ordered', order: 3 });
    const working = await service.ask('GET', `/api/v1/orders?session=${session}&state=working`, { token: trader });
    expect(working.json()).toMatchObject({
      orders: [
        { sequence: 3, type: 'limit', triggerPrice: 1, side: 'buy', quantity: 10 },
        { sequence: 2 },
        { sequence: 1 },
      ],
    });
    expect((await cancel(session, 3)).json()).toMatchObject({ outcome: 'cancelling', order: 3 });
    await running.until(async () => {
      const left = await service.ask('GET', `/api/v1/orders?session=${session}&state=working`, { token: trader });
      return left.json<{ orders: unknown[] }>().orders.length === 2;
    });
    expect((await cancel(session, 3)).json()).toMatchObject({ status: 422, code: 'asked-not-working' });
    expect((await cancel(session, 77)).json()).toMatchObject({ status: 404 });
    const said = await newestEntries(database.pool, { sessionId: session, action: 'order-asked', limit: 9 });
    expect(said.map(({ actor }) => actor)).toEqual(Array(4).fill('token trader'));
    await running.stop();
    // It goes on from its record, in which the orders are; done again from the start it leads to the same.
    await paperSession(database, session, Infinity, quiet);
    await paperSession(database, session, Infinity, quiet);
    const fills = await readFills(database.pool, session, { limit: 10, after: -1 });
    expect(fills.slice(0, 2)).toMatchObject([
      { sequence: 1, symbol: 'AAA', quantity: 10 },
      { sequence: 2, symbol: 'BBB' },
    ]);
    expect(await journalHashOf(database.pool, session)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('beside protection is a market order, and what protects is not cancelled', async () => {
    const session = 'protected';
    const running = await WaitingSession.start(database, session, { ...quiet, protection: childSession.protection });
    const order = { session, symbol: 'AAA', side: 'buy', quantity: 10, orderType: 'market' };
    const refusedFor = async (body: object): Promise<string> => (await ask(body)).json<{ code: string }>().code;
    expect(await refusedFor({ ...order, orderType: 'limit', limitPrice: 50 })).toBe('asked-beside-protection');
    expect(await refusedFor({ ...order, timeInForce: 'ioc' })).toBe('asked-beside-protection');
    expect(await refusedFor(order)).toBe('no-protection');
    await requestCommand(database.pool, 'emergency-stop', session);
    expect(await refusedFor(order)).toBe('emergency-stop');
    await running.stop();
  });

  it('is refused where nothing runs, for what is not traded, and by its words', async () => {
    await paperSession(database, 'stopped', 50);
    const order = { session: 'stopped', symbol: 'AAA', side: 'buy', quantity: 1, orderType: 'market' };
    expect((await ask(order)).json()).toMatchObject({
      status: 422,
      detail: expect.stringContaining('not running') as string,
    });
    expect((await ask({ ...order, session: 'none' })).json()).toMatchObject({ status: 404 });
    expect((await ask({ ...order, symbol: 'ZZZ' })).json()).toMatchObject({ status: 422 });
    const wrong = [
      [{ quantity: 0 }, 'body.quantity'],
      [{ quantity: '1' }, 'body.quantity'],
      [{ side: 'BUY' }, 'body.side'],
      [{ orderType: 'limit' }, 'body.limitPrice'],
      [{ limitPrice: 5 }, 'body.limitPrice'],
      [{ orderType: 'stop' }, 'body.stopPrice'],
      [{ price: 5 }, 'price'],
      [{ quantity: 1e999 }, 'body.quantity'],
    ] as const;
    for (const [part, path] of wrong) {
      const answer = (await ask({ ...order, ...part })).json<{ status: number; detail: string }>();
      expect(answer, path).toMatchObject({ status: 400 });
      expect(answer.detail).toContain(path);
    }
    const stranger = await service.token('stranger', 'strategy', ['another']);
    expect((await ask(order, stranger)).json()).toMatchObject({ status: 404, code: 'not-found' });
    const { rows } = await database.pool.query("SELECT id FROM session_commands WHERE session_id = 'stopped'");
    expect(rows).toEqual([]);
  });

  it('is placed once by its key, also where the process died before it had answered', async () => {
    const session = 'twice';
    const running = await WaitingSession.start(database, session, quiet);
    const body = { session, symbol: 'AAA', side: 'buy', quantity: 3, orderType: 'limit', limitPrice: 1 };
    const headers = { 'idempotency-key': 'one-click' };
    const click = () => service.ask('POST', '/api/v1/orders', { token: trader, body, headers });
    const [first, second] = await Promise.all([click(), click()]);
    expect([first.json(), second.json()]).toMatchObject([
      { outcome: 'ordered', order: 1 },
      { outcome: 'ordered', order: 1 },
    ]);
    // What a process leaves that is killed between the order and its answer.
    await database.pool.query("UPDATE idempotency_keys SET status = NULL, answer = NULL WHERE key = 'one-click'");
    expect((await click()).json()).toEqual(first.json());
    expect((await click()).headers['idempotency-replayed']).toBe('true');
    const { rows } = await database.pool.query("SELECT id FROM session_commands WHERE session_id = 'twice'");
    expect(rows).toHaveLength(1);
    const said = await newestEntries(database.pool, { sessionId: session, action: 'order-asked', limit: 9 });
    expect(said).toHaveLength(1);
    await running.stop();
    // It has been placed: that the session does not run any more changes nothing of the answer.
    await database.pool.query("UPDATE idempotency_keys SET status = NULL, answer = NULL WHERE key = 'one-click'");
    expect((await click()).json()).toEqual(first.json());
  });

  it('that waited too long is void, also for a session that is started again', async () => {
    const session = 'void';
    await paperSession(database, session, 50);
    const asked = { do: 'place', symbol: 'AAA', side: 'buy', quantity: 7, type: 'market' } as const;
    const [reached] = await requestCommand(database.pool, 'order', session, { asked });
    const number = reached!.number!;
    await database.pool.query("UPDATE session_commands SET requested_at = now() - interval '31 s' WHERE id = $1", [
      number,
    ]);
    await paperSession(database, session, 60);
    await paperSession(database, session);
    const { rows } = await database.pool.query('SELECT outcome FROM session_commands WHERE id = $1', [number]);
    expect(rows).toEqual([{ outcome: { is: 'too-late' } }]);
    const fills = await readFills(database.pool, session, { limit: 1_000, after: -1 });
    expect(fills.filter(({ quantity }) => Math.abs(quantity) === 7)).toEqual([]);
  });
});
