import { afterAll, beforeAll, expect, it } from 'vitest';
import { SYSTEM } from '../audit/operator.ts';
import { systemClock } from '../clock.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { createToken } from './accounts.ts';
import { Authenticator } from './authenticator.ts';

let database: TestDatabase;
const tokens: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const doing = { database, clock: systemClock, actor: SYSTEM };
  for (let client = 0; client < 40; client++) {
    const wanted = { name: `client ${client}`, role: 'viewer', sessions: null, days: 1 };
    tokens.push((await createToken(doing, wanted)).value);
  }
});
afterAll(async () => {
  await database.drop();
});

/** The database, and how many questions it was asked. */
function counted(): { pool: TestDatabase['pool']; asked: () => number; fail: (fails: boolean) => void } {
  let [asked, fails] = [0, false];
  const query = (...words: Parameters<TestDatabase['pool']['query']>): unknown => {
    asked += 1;
    return fails ? Promise.reject(new Error('the database is away')) : database.pool.query(...words);
  };
  return { pool: { query } as never, asked: () => asked, fail: (now) => (fails = now) };
}

const over = (pool: TestDatabase['pool'], clock = systemClock): Authenticator =>
  new Authenticator({ pool, secret: new Uint8Array(32), clock });

it('asks once for all who come at once, and each is who they are', async () => {
  const { pool, asked } = counted();
  const authenticator = over(pool);
  const found = await Promise.all([...tokens, 'sbx_nobody', tokens[0]!].map((token) => authenticator.identify(token)));
  expect(asked()).toBe(1);
  const names = tokens.map((_, client) => `token client ${client}`);
  expect(found.map((identity) => identity?.name ?? null)).toEqual([...names, null, names[0]]);
  expect(await authenticator.identify(tokens[3]!)).toBe(authenticator.known(tokens[3]!));
  expect(asked()).toBe(1);
});

it('lets nobody in while the database is away, and all once it is back', async () => {
  const { pool, fail } = counted();
  const authenticator = over(pool);
  fail(true);
  const tried = await Promise.allSettled(tokens.map((token) => authenticator.identify(token)));
  expect(tried.every(({ status }) => status === 'rejected')).toBe(true);
  fail(false);
  expect((await authenticator.identify(tokens[7]!))?.name).toBe('token client 7');
});

it('looks up who goes on asking before it has to, and refuses who is revoked within five seconds', async () => {
  const { pool, asked, fail } = counted();
  let nowMs = Date.now();
  const authenticator = over(pool, () => nowMs);
  const token = tokens[11]!;
  const identity = await authenticator.identify(token);
  const later = (ms: number): number => (nowMs += ms);
  later(2_999);
  expect(authenticator.known(token)).toBe(identity);
  expect(asked()).toBe(1);
  later(1);
  for (let request = 0; request < 3; request++) expect(authenticator.known(token)).toBe(identity);
  await expect.poll(() => authenticator.known(token) !== identity).toBe(true);
  expect(asked()).toBe(2);
  // Believed from when it was looked up again, and no longer.
  later(3_000);
  fail(true);
  expect(authenticator.known(token)).not.toBeNull();
  await expect.poll(asked).toBe(3);
  later(1_999);
  expect(authenticator.known(token)).not.toBeNull();
  later(1);
  expect(authenticator.known(token)).toBeNull();
  fail(false);
  await authenticator.identify(token);
  await database.pool.query("UPDATE api_tokens SET revoked_at = now() WHERE name = 'client 11'");
  later(3_000);
  expect(authenticator.known(token)).not.toBeNull();
  await expect.poll(() => authenticator.known(token)).toBeNull();
});

it('believes nothing that it read before a change of its own', async () => {
  const authenticator = over(database.pool);
  const underWay = authenticator.identify(tokens[12]!);
  authenticator.forget();
  expect((await underWay)?.name).toBe('token client 12');
  expect(authenticator.known(tokens[12]!)).toBeNull();
});
