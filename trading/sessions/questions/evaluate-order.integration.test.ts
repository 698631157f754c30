import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../../infra/audit/audit-store.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../../service.ts';
import { paperSession, ServiceUnderTest, WaitingSession } from '../../api/testing/service-under-test.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { childSession } from '../../testing/streaming-session-child.ts';

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

const strategy = createRuleStrategy('sma-cross', { fast: 2, slow: 240 });
const quiet = { ...childSession, protection: undefined, strategy };
const evaluate = (body: object, token = trader) =>
  service.ask('POST', '/api/v1/risk/evaluate', { token, body, headers: { 'idempotency-key': 'evaluated' } });
const place = (body: object) => service.ask('POST', '/api/v1/orders', { token: trader, body });

/** Everything that an order, or a question about one, could have left behind. */
async function left(): Promise<unknown> {
  const { rows } = await database.pool.query(
    `SELECT (SELECT count(*) FROM session_commands)::int AS commands, (SELECT count(*) FROM orders)::int AS orders,
            (SELECT count(*) FROM refusals)::int AS refusals, (SELECT count(*) FROM order_questions)::int AS questions,
            (SELECT count(*) FROM idempotency_keys)::int AS keys, (SELECT count(*) FROM audit_entries)::int AS audit`,
  );
  return rows[0];
}

describe('what risk would say to an order', () => {
  it('is what it says once it is asked for, and is on no record', async () => {
    const session = 'evaluated';
    const running = await WaitingSession.start(database, session, quiet);
    const order = { session, symbol: 'AAA', side: 'buy', quantity: 10, orderType: 'market' };
    const before = await left();
    const first = await evaluate(order);
    expect(first.statusCode, first.body).toBe(200);
    const said = first.json<{ equity: number; lastPrice: number; value: number; shareOfEquity: number }>();
    expect(said).toMatchObject({
      outcome: 'approved',
      quantity: 10,
      held: 0,
      clippedBy: null,
      refusal: null,
      fee: null,
    });
    expect(said.value).toBeCloseTo(10 * said.lastPrice, 6);
    expect(said.shareOfEquity).toBeCloseTo(said.value / said.equity, 12);
    const large = { ...order, symbol: 'BBB', quantity: 1e6 };
    const cut = (await evaluate(large)).json<{ quantity: number; clippedBy: string }>();
    expect((await evaluate({ ...order, side: 'sell', reduceOnly: true })).json()).toMatchObject({
      outcome: 'refused',
      quantity: null,
      refusal: { stage: 'risk', code: 'nothing-to-reduce', remedy: expect.stringContaining('reduce-only') as string },
    });
    expect(await left()).toEqual(before);
    const { clippedBy, quantity } = cut;
    expect((await place(large)).json()).toMatchObject({ outcome: 'ordered', order: 1, quantity, clippedBy });
    await service.ask('POST', `/api/v1/sessions/${session}/halt`, { token: trader, body: { reason: 'a test' } });
    await running.until(async () => (await evaluate(order)).json<{ outcome: string }>().outcome === 'refused');
    expect((await evaluate(order)).json()).toMatchObject({ refusal: { code: 'halted' } });
    expect(await newestEntries(database.pool, { sessionId: session, action: 'order-asked', limit: 9 })).toHaveLength(1);
    await running.stop();
  });

  it('is for those who may place orders, of sessions that run and are theirs', async () => {
    const order = { session: 'over', symbol: 'AAA', side: 'buy', quantity: 1, orderType: 'market' };
    await paperSession(database, 'over');
    expect((await evaluate(order)).json()).toMatchObject({
      status: 422,
      detail: expect.stringContaining('not running') as string,
    });
    expect((await evaluate({ ...order, symbol: 'ZZZ' })).json()).toMatchObject({ status: 422 });
    expect((await evaluate({ ...order, orderType: 'limit' })).json()).toMatchObject({ status: 400 });
    expect((await evaluate(order, await service.token('viewer', 'viewer'))).json()).toMatchObject({ status: 403 });
    const other = await service.token('other', 'strategy', ['another']);
    expect((await evaluate(order, other)).json()).toMatchObject({ status: 404 });
  });
});
