import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { requireCapitalWithinProfile } from '../sessions/operators/within-profile.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { childSession } from '../testing/streaming-session-child.ts';
import { ServiceUnderTest, WaitingSession } from './testing/service-under-test.ts';
import { signedInUser, type TestBrowser } from './testing/test-browser.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
let running: WaitingSession;
let admin: TestBrowser;
let trader: TestBrowser;
const clock = systemClock;
const { protection: _, ...bare } = childSession;
const quiet = { ...bare, protection: undefined, strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 240 }) };

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  running = await WaitingSession.start(database, 'waiting', quiet);
  admin = await signedInUser(service, { database, clock, role: 'admin' }, 'boss');
  trader = await signedInUser(service, { database, clock }, 'tara');
});
afterAll(async () => {
  await running.stop();
  await service.service.close();
  await database.drop();
});

const bound = (bounds: object) =>
  admin.ask('PUT', '/api/v1/users/tara/risk-profile', { reason: 'a new trader', ...bounds });
const limit = { session: 'waiting', symbol: 'AAA', side: 'buy', quantity: 2, orderType: 'limit', limitPrice: 10 };
const place = (order: object = {}) => trader.ask('POST', '/api/v1/orders', { ...limit, ...order });
const asked = async (): Promise<number> => {
  const { rows } = await database.pool.query("SELECT id FROM session_commands WHERE command = 'order'");
  return rows.length;
};

describe('the risk profile of a user', () => {
  it('is set by administrators, with a reason, and seen by the user', async () => {
    expect((await trader.ask('PUT', '/api/v1/users/tara/risk-profile', { reason: 'mine' })).statusCode).toBe(403);
    expect((await trader.ask('GET', '/api/v1/me/risk-profile')).json()).toMatchObject({
      profile: { orderValueMax: null, dailyOrdersMax: null, symbols: null },
      changedBy: null,
    });
    expect((await admin.ask('PUT', '/api/v1/users/tara/risk-profile', { orderValueMax: 5 })).statusCode).toBe(400);
    expect((await bound({ orderValueMax: -1 })).statusCode).toBe(400);
    expect((await bound({ orderValueMax: 1_000 })).statusCode).toBe(200);
    expect((await bound({ symbols: ['AAA'] })).json()).toMatchObject({
      profile: { orderValueMax: 1_000, symbols: ['AAA'] },
      changedBy: 'boss',
    });
    const [entry] = await newestEntries(database.pool, { action: 'risk-profile-change', limit: 1 });
    expect(entry).toMatchObject({ actor: 'boss', reason: 'a new trader' });
    expect(JSON.parse(entry!.details)).toMatchObject({ before: { symbols: null }, after: { symbols: ['AAA'] } });
    expect((await admin.ask('GET', '/api/v1/users/nobody/risk-profile')).statusCode).toBe(404);
  });

  it('refuses before the session is asked, on record, and a token of the user too', async () => {
    await bound({ orderValueMax: 1_000, symbols: ['AAA'] });
    const before = await asked();
    for (const [order, words] of [
      [{ quantity: 101 }, /value of 1010 is more than your 1000/],
      [{ symbol: 'BBB' }, /BBB is none of your symbols/],
      [{ orderType: 'market', limitPrice: undefined }, /give a limit/],
      [{ orderType: 'stop', limitPrice: undefined, stopPrice: 501 }, /value of 1002/],
    ] as const) {
      const answer = await place(order);
      expect(answer.json(), answer.body).toMatchObject({
        status: 422,
        code: 'risk-profile',
        errors: [{ path: 'profile' }],
      });
      expect(answer.json<{ detail: string }>().detail).toMatch(words);
    }
    const made = await trader.ask('POST', '/api/v1/me/tokens', { name: 'tara-program', role: 'trader' });
    const { value: token } = made.json<{ value: string }>();
    const byToken = await service.ask('POST', '/api/v1/orders', { token, body: { ...limit, quantity: 101 } });
    expect(byToken.json()).toMatchObject({ code: 'risk-profile' });
    expect(await asked()).toBe(before);
    const refused = await newestEntries(database.pool, { action: 'risk-profile-refused', limit: 9 });
    expect(refused.map(({ actor }) => actor)).toEqual(['token tara-program', ...Array<string>(4).fill('tara')]);
    expect(refused[0]).toMatchObject({ sessionId: 'waiting', reason: expect.stringContaining('1010') as string });
    expect((await place()).statusCode).toBe(201);
  });

  it('counts the orders and the value of a day, of all who ask at once', async () => {
    await bound({ orderValueMax: null, symbols: null });
    const { today } = (await trader.ask('GET', '/api/v1/me/risk-profile')).json<{
      today: { orders: number; value: number };
    }>();
    expect(today).toEqual({ orders: 1, value: 20 });
    await bound({ dailyOrdersMax: 3 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => place({ limitPrice: 1 })));
    const refused = answers.filter((answer) => answer.json<{ code?: string }>().code === 'risk-profile');
    expect(refused).toHaveLength(3);
    // Nobody is kept in a position: the session itself says what there is to reduce.
    const reducing = await place({ side: 'sell', reduceOnly: true, orderType: 'market', limitPrice: undefined });
    expect(reducing.json()).toMatchObject({ code: 'nothing-to-reduce' });
    await bound({ dailyOrdersMax: null, dailyValueMax: 30 });
    const over = await place({ quantity: 1 });
    expect(over.json<{ detail: string }>().detail).toMatch(/ask for 34 today, more than your 30/);
  });

  it('bounds the capital of sessions that a user starts, and nobody without a profile', async () => {
    await bound({ sessionCapitalMax: 10_000 });
    const { rows } = await database.pool.query<{ id: number }>(
      "SELECT id::float8 AS id FROM users WHERE name = 'tara'",
    );
    const user = { kind: 'user', name: 'tara', role: 'trader', sessions: null, id: rows[0]!.id, signIn: 1 } as const;
    await expect(requireCapitalWithinProfile(database.pool, user, 10_001)).rejects.toThrow(/more than your 10000/);
    await requireCapitalWithinProfile(database.pool, user, 10_000);
    const token = { ...user, kind: 'token', id: 1, signIn: null } as const;
    await requireCapitalWithinProfile(database.pool, token, 1e9);
    await expect(requireCapitalWithinProfile(database.pool, { ...token, owner: user.id }, 1e9)).rejects.toThrow(
      /capital/,
    );
  });
});
