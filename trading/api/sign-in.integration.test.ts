import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { request } from 'node:http';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createUser, endToken, firstLink } from '../../infra/auth/accounts.ts';
import { findUser, signingKey } from '../../infra/auth/user-store.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';
import { PASSWORD, signedInUser, TestBrowser } from './testing/test-browser.ts';

const START_MS = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;
let database: TestDatabase;
let service: ServiceUnderTest;
let nowMs = START_MS;
const doing = () => ({ database, clock: () => nowMs, actor: SYSTEM });

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes, { clock: () => nowMs });
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});
beforeEach(() => {
  // What was tried in vain by the test before counts no more.
  nowMs += 60 * MINUTE;
});

/** A browser of this service. */
class Browser extends TestBrowser {
  constructor() {
    super(service);
  }
}

const user = (name: string, role = 'trader'): Promise<TestBrowser> =>
  signedInUser(service, { database, clock: () => nowMs, role }, name);

const actionsOf = async (name: string): Promise<string[]> =>
  (await newestEntries(database.pool, { limit: 200 }))
    .filter(({ actor }) => actor === name)
    .map(({ action }) => action);

describe('the first start', () => {
  it('makes an administrator who chooses a password by a link, once', async () => {
    const lost = await firstLink(doing());
    const link = (await firstLink(doing()))!;
    expect(link).not.toBe(lost);
    const choose = (by: string, password: string) =>
      new Browser().ask('POST', '/api/v1/auth/link', { link: by, password });
    expect((await choose(lost!, PASSWORD)).statusCode).toBe(401);
    expect((await choose(link, 'short')).json()).toMatchObject({ status: 422 });
    const first = await choose(link, PASSWORD);
    expect(first.json()).toMatchObject({ name: 'admin', role: 'admin' });
    expect((await choose(link, PASSWORD)).statusCode).toBe(401);
    expect(await firstLink(doing())).toBeNull();
    expect((await newestEntries(database.pool, { limit: 50 })).map(({ action }) => action)).toContain(
      'sign-in-by-link',
    );
  });

  it('gives a link that is good for a day', async () => {
    const { link } = await createUser(doing(), { name: 'late', role: 'viewer' });
    nowMs += 25 * 60 * MINUTE;
    const answer = await new Browser().ask('POST', '/api/v1/auth/link', { link, password: PASSWORD });
    expect(answer.statusCode).toBe(401);
  });
});

describe('a browser', () => {
  it('is let in by cookies that scripts and other sites do not get', async () => {
    await user('ann');
    const browser = new Browser();
    const answer = await browser.signIn('ANN');
    expect(answer.statusCode).toBe(200);
    const cookies = Object.fromEntries(answer.cookies.map((one) => [one.name, one]));
    for (const name of ['signalbox_token', 'signalbox_refresh']) {
      expect(cookies[name], name).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    }
    expect(cookies['signalbox_refresh']).toMatchObject({ path: '/api/v1/auth' });
    expect(cookies['signalbox_csrf']).not.toHaveProperty('httpOnly');
    expect((await browser.ask('GET', '/api/v1/me')).json()).toMatchObject({
      name: 'ann',
      kind: 'user',
      role: 'trader',
    });
    expect(answer.body).not.toContain(cookies['signalbox_token']!.value);
  });

  it('needs the word of its page for what changes something, whatever origin it says', async () => {
    const browser = await user('bob');
    const put = (headers: Record<string, string>) =>
      browser.ask('PUT', '/api/v1/me/preferences', { zone: 'Europe/Vienna' }, headers);
    expect((await put({ 'x-csrf-token': '' })).json()).toMatchObject({ status: 403, code: 'csrf' });
    expect((await put({ 'x-csrf-token': 'x'.repeat(43) })).json()).toMatchObject({ code: 'csrf' });
    const other = await user('other');
    const foreign = other.cookies.get('signalbox_csrf')!;
    expect((await put({ 'x-csrf-token': foreign })).json()).toMatchObject({ code: 'csrf' });
    for (const origin of ['http://evil.example', 'null', 'http://localhost:81', 'http://localhost.evil.example']) {
      expect((await put({ origin })).json(), origin).toMatchObject({ status: 403, code: 'foreign-origin' });
    }
    expect((await put({})).json()).toMatchObject({ name: 'bob', preferences: { zone: 'Europe/Vienna' } });
    expect(await findUser(database.pool, { name: 'bob' })).toMatchObject({ preferences: { zone: 'Europe/Vienna' } });
  });

  it('is out after a quarter of an hour, and goes on by its refresh token', async () => {
    const browser = await user('cat');
    nowMs += 14 * MINUTE;
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(200);
    nowMs += 2 * MINUTE;
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(401);
    expect((await browser.ask('POST', '/api/v1/auth/refresh')).statusCode).toBe(200);
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(200);
    nowMs += 15 * 24 * 60 * MINUTE;
    expect((await browser.ask('POST', '/api/v1/auth/refresh')).statusCode).toBe(401);
  });

  it('is out with all that followed once its refresh token comes twice', async () => {
    const browser = await user('dan');
    const stolen = new Browser();
    for (const [name, value] of browser.cookies) stolen.cookies.set(name, value);
    expect((await browser.ask('POST', '/api/v1/auth/refresh')).statusCode).toBe(200);
    expect((await stolen.ask('POST', '/api/v1/auth/refresh')).statusCode).toBe(401);
    nowMs += MINUTE;
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(401);
    expect((await browser.ask('POST', '/api/v1/auth/refresh')).statusCode).toBe(401);
    expect(await actionsOf('dan')).toContain('refresh-replayed');
  });

  it('is out once it signs out, and once its user is disabled', async () => {
    const browser = await user('eve');
    const before = new Map(browser.cookies);
    expect((await browser.ask('POST', '/api/v1/auth/sign-out')).statusCode).toBe(204);
    expect(browser.cookies.size).toBe(0);
    for (const [name, value] of before) browser.cookies.set(name, value);
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(401);
    const next = new Browser();
    await next.signIn('eve');
    const admin = new Browser();
    await admin.signIn('admin');
    expect((await admin.ask('PUT', '/api/v1/users/eve', { disabled: true })).statusCode).toBe(200);
    expect((await next.ask('GET', '/api/v1/me')).statusCode).toBe(401);
    expect((await new Browser().signIn('eve')).statusCode).toBe(401);
    expect(await actionsOf('eve')).toEqual(expect.arrayContaining(['sign-in', 'sign-out', 'sign-in-refused']));
  });

  it('is not let try more passwords by trying them at once', async () => {
    await user('zoe');
    const tries = await Promise.all(Array.from({ length: 30 }, (_, n) => new Browser().signIn('zoe', `wrong ${n}`)));
    const statuses = tries.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(25);
    // What was not looked at does not keep its user out for longer.
    nowMs += 16 * MINUTE;
    expect((await new Browser().signIn('zoe')).statusCode).toBe(200);
  });

  it('is not let try passwords without end', async () => {
    await user('fay');
    for (let n = 0; n < 5; n++) expect((await new Browser().signIn('fay', `wrong ${n}`)).statusCode).toBe(401);
    const locked = await new Browser().signIn('fay');
    expect(locked.json()).toMatchObject({ status: 429, code: 'too-many-tries' });
    expect(locked.headers['retry-after']).toBe('900');
    expect((await new Browser().signIn('nobody', 'wrong')).statusCode).toBe(401);
    nowMs += 16 * MINUTE;
    expect((await new Browser().signIn('fay')).statusCode).toBe(200);
    const many = Array.from({ length: 50 }, (_, n) => new Browser().signIn(`nobody ${n}`, 'wrong'));
    await Promise.all(many);
    expect((await new Browser().signIn('fay')).statusCode).toBe(429);
  });
});

describe('a token', () => {
  it('that was made up, signed by another, without a signature, or of another day is none', async () => {
    const browser = await user('gil');
    const good = browser.cookies.get('signalbox_token')!;
    const [head, claims, signature] = good.split('.') as [string, string, string];
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = (secret: Uint8Array, more: object): Promise<string> =>
      new SignJWT({ ...said, ...more }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    const secret = await signingKey(database.pool);
    const forged = [
      'nonsense',
      'sbx_nonsense',
      `${head}.${encode({ ...said, sub: '1' })}.${signature}`,
      `${encode({ alg: 'none' })}.${claims}.`,
      `${head}.${claims}.`,
      await signed(new Uint8Array(32), {}),
      await signed(secret, { exp: Math.floor(nowMs / 1_000) - 1 }),
      await signed(secret, { sid: 999_999 }),
      await signed(secret, { aud: 'another' }),
      await signed(secret, { sub: '1' }),
    ];
    for (const token of forged) {
      expect((await service.ask('GET', '/api/v1/me', { token })).statusCode, token).toBe(401);
    }
    expect((await service.ask('GET', '/api/v1/me', { token: await signed(secret, {}) })).statusCode).toBe(200);
  });

  it('of a program is good until it expires or is revoked', async () => {
    const token = await service.token('program', 'viewer');
    const status = async (): Promise<number> => (await service.ask('GET', '/api/v1/sessions', { token })).statusCode;
    expect(await status()).toBe(200);
    await endToken(doing(), 'program');
    nowMs += 6_000;
    expect(await status()).toBe(401);
    const other = await service.token('other program', 'viewer');
    nowMs += 25 * 60 * MINUTE;
    expect((await service.ask('GET', '/api/v1/sessions', { token: other })).statusCode).toBe(401);
    const { rows } = await database.pool.query<{ hash: string }>('SELECT hash FROM api_tokens');
    expect(rows.some(({ hash }) => hash.includes(token) || token.includes(hash))).toBe(false);
  });

  it('that may not is refused on record, once a minute', async () => {
    const token = await service.token('curious', 'viewer');
    for (let n = 0; n < 3; n++) {
      expect((await service.ask('GET', '/api/v1/users', { token })).json()).toMatchObject({ code: 'not-allowed' });
    }
    expect(await actionsOf('token curious')).toEqual(['api-refused']);
  });
});

describe('whoever asks too much', () => {
  it('is told to wait, each client by itself', async () => {
    const slow = await ServiceUnderTest.over(database, serviceRoutes, { clock: () => nowMs, perSecond: 3 });
    const [one, two] = [await slow.token('one', 'viewer'), await slow.token('two', 'viewer')];
    const statuses = async (token: string, count: number): Promise<number[]> => {
      const found: number[] = [];
      for (let n = 0; n < count; n++) found.push((await slow.ask('GET', '/api/v1/me', { token })).statusCode);
      return found;
    };
    expect(await statuses(one, 5)).toEqual([200, 200, 200, 429, 429]);
    expect(await statuses(two, 2)).toEqual([200, 200]);
    nowMs += 1_000;
    expect(await statuses(one, 1)).toEqual([200]);
    await slow.service.close();
  });

  it('in one body, or too slowly, is cut short', async () => {
    const listening = await ServiceUnderTest.over(database, serviceRoutes, { clock: () => nowMs, requestMsMax: 500 });
    const { app } = listening.service;
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const token = await listening.token('large', 'operator');
    const large = await listening.ask('PUT', '/api/v1/risk/thresholds', {
      token,
      body: { session: 'x', reason: 'y', limits: { note: 'z'.repeat(1_100_000) } },
    });
    expect(large.json()).toMatchObject({ status: 413, code: 'too-large' });
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.write('POST /api/v1/auth/sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n');
      socket.write('content-length: 100\r\n\r\n{"name":');
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    const misnamed = await new Promise<number>((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', path: '/%zz', headers: { host: 'evil.example' } }, (got) => {
        got.resume();
        resolve(got.statusCode!);
      });
      asked.once('error', reject).end();
    });
    expect(misnamed).toBeGreaterThanOrEqual(400);
    await listening.service.close();
  });
});
