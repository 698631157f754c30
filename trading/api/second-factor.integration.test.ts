import { randomBytes } from 'node:crypto';
import { generate } from 'otplib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requireSecondFactor } from '../../infra/auth/accounts.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { commandContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';
import { signedInUser, TestBrowser } from './testing/test-browser.ts';

const MINUTE = 60_000;
const PATH = '/api/v1/me/second-factor';
const KEY = randomBytes(32).toString('base64');
let database: TestDatabase;
let service: ServiceUnderTest;
let nowMs = Date.UTC(2026, 0, 5);
const clock = (): number => nowMs;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes, { clock, env: { SIGNALBOX_SEAL_KEYS: KEY } });
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});
beforeEach(() => {
  nowMs += 60 * MINUTE;
});

const codeOf = (secret: string, steps = 0): Promise<string> =>
  generate({ secret, epoch: Math.floor(nowMs / 1_000) + 30 * steps });
const user = (name: string, role = 'trader'): Promise<TestBrowser> =>
  signedInUser(service, { database, clock, role }, name);

/** A user who is asked for codes. */
async function enrolled(name: string, role = 'trader') {
  const browser = await user(name, role);
  const begun = await browser.ask('POST', PATH);
  expect(begun.statusCode, begun.body).toBe(201);
  const { setupKey } = begun.json<{ setupKey: string }>();
  const confirmed = await browser.ask('POST', `${PATH}/confirm`, { code: await codeOf(setupKey) });
  expect(confirmed.statusCode, confirmed.body).toBe(200);
  // The code that confirmed is used.
  nowMs += MINUTE;
  return { browser, setupKey, recoveryCodes: confirmed.json<{ recoveryCodes: string[] }>().recoveryCodes };
}

async function ticketOf(browser: TestBrowser, name: string): Promise<string> {
  const answer = await browser.signIn(name);
  expect(answer.statusCode, answer.body).toBe(202);
  expect(answer.cookies).toEqual([]);
  return answer.json<{ ticket: string }>().ticket;
}
const second = (browser: TestBrowser, ticket: string, code: string) =>
  browser.ask('POST', '/api/v1/auth/second-step', { ticket, code });

describe('a second factor', () => {
  it('is asked for once its first code was given, and takes each code once', async () => {
    const { setupKey, recoveryCodes } = await enrolled('ann');
    expect(new Set(recoveryCodes).size).toBe(10);
    const browser = new TestBrowser(service);
    const ticket = await ticketOf(browser, 'ann');
    expect((await service.ask('GET', '/api/v1/me', { token: ticket })).statusCode).toBe(401);
    const code = await codeOf(setupKey);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect((await second(browser, ticket, wrong)).statusCode).toBe(401);
    expect((await second(browser, ticket, code)).json()).toMatchObject({ name: 'ann', kind: 'user' });
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(200);
    const thief = new TestBrowser(service);
    expect((await second(thief, await ticketOf(thief, 'ann'), code)).statusCode).toBe(401);
    // One of the step before it is void with it, the next is good.
    expect((await second(thief, await ticketOf(thief, 'ann'), await codeOf(setupKey, -1))).statusCode).toBe(401);
    expect((await second(thief, await ticketOf(thief, 'ann'), await codeOf(setupKey, 1))).statusCode).toBe(200);
  });

  it('gives one of two who show the same code at once nothing', async () => {
    const { setupKey } = await enrolled('bea');
    const browsers = [new TestBrowser(service), new TestBrowser(service)];
    const tickets = [await ticketOf(browsers[0]!, 'bea'), await ticketOf(browsers[1]!, 'bea')];
    const code = await codeOf(setupKey);
    const answers = await Promise.all(browsers.map((one, n) => second(one, tickets[n]!, code)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 401]);
  });

  it('counts wrong codes as it counts wrong passwords, whatever password comes between', async () => {
    const { setupKey, browser: inside } = await enrolled('cia');
    const browser = new TestBrowser(service);
    for (let n = 0; n < 5; n++) {
      expect((await second(browser, await ticketOf(browser, 'cia'), '000000')).statusCode).toBe(401);
    }
    const locked = await browser.signIn('cia');
    expect(locked.json()).toMatchObject({ status: 429, code: 'too-many-tries' });
    // Nor may whoever sits at an open browser go on trying.
    expect((await inside.ask('POST', `${PATH}/remove`, { code: '000000' })).statusCode).toBe(429);
    nowMs += 16 * MINUTE;
    const ticket = await ticketOf(browser, 'cia');
    nowMs += 6 * MINUTE;
    expect((await second(browser, ticket, await codeOf(setupKey))).statusCode).toBe(401);
    expect((await second(browser, await ticketOf(browser, 'cia'), await codeOf(setupKey))).statusCode).toBe(200);
  });

  it('is made up for by a recovery code, each once, until others are made', async () => {
    const { recoveryCodes, setupKey, browser: inside } = await enrolled('dot');
    const [one, two] = recoveryCodes as [string, string];
    const browser = new TestBrowser(service);
    const typed = one.replaceAll('-', ' ').toLowerCase();
    expect((await second(browser, await ticketOf(browser, 'dot'), typed)).statusCode).toBe(200);
    expect((await second(browser, await ticketOf(browser, 'dot'), one)).statusCode).toBe(401);
    expect((await browser.ask('GET', PATH)).json()).toMatchObject({
      enrolled: true,
      recoveryCodesLeft: 9,
      sealed: true,
    });
    const renewed = await inside.ask('POST', `${PATH}/recovery-codes`, { code: await codeOf(setupKey) });
    expect(renewed.json<{ recoveryCodes: string[] }>().recoveryCodes).toHaveLength(10);
    expect((await second(browser, await ticketOf(browser, 'dot'), two)).statusCode).toBe(401);
  });

  it('stays when a password is chosen anew by a link, and goes for a code alone', async () => {
    const { setupKey, browser } = await enrolled('eva');
    const admin = await user('link-admin', 'admin');
    const made = await admin.ask('POST', '/api/v1/users/eva/link');
    const { link } = made.json<{ link: string }>();
    const fresh = new TestBrowser(service);
    const answer = await fresh.ask('POST', '/api/v1/auth/link', { link, password: 'another four words' });
    expect(answer.json()).toMatchObject({ needs: 'code' });
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(401);
    const { ticket } = answer.json<{ ticket: string }>();
    expect((await second(fresh, ticket, await codeOf(setupKey))).statusCode).toBe(200);
    expect((await fresh.ask('POST', `${PATH}/remove`, { code: '123123' })).json()).toMatchObject({
      code: 'wrong-code',
    });
    expect((await fresh.ask('POST', PATH)).statusCode).toBe(422);
    nowMs += MINUTE;
    expect((await fresh.ask('POST', `${PATH}/remove`, { code: await codeOf(setupKey) })).statusCode).toBe(200);
    expect((await new TestBrowser(service).signIn('eva', 'another four words')).statusCode).toBe(200);
  });

  it('is reset by an administrator who is somebody else, and then everything of it has ended', async () => {
    const { browser } = await enrolled('fay');
    const { browser: admin } = await enrolled('boss', 'admin');
    expect((await browser.ask('DELETE', '/api/v1/users/fay/second-factor')).statusCode).toBe(403);
    expect((await admin.ask('DELETE', '/api/v1/users/BOSS/second-factor')).statusCode).toBe(422);
    expect((await admin.ask('DELETE', '/api/v1/users/fay/second-factor')).statusCode).toBe(200);
    expect((await browser.ask('GET', '/api/v1/me')).statusCode).toBe(401);
    expect((await new TestBrowser(service).signIn('fay')).statusCode).toBe(200);
    const [entry] = await newestEntries(database.pool, { action: 'second-factor-reset', limit: 1 });
    expect(entry).toMatchObject({ actor: 'boss', details: '{"name":"fay"}' });
  });

  it('is stored sealed, and no answer is kept that shows it', async () => {
    const browser = await user('gem');
    const headers = { 'idempotency-key': 'begin-once' };
    const { setupKey } = (await browser.ask('POST', PATH, undefined, headers)).json<{ setupKey: string }>();
    expect((await browser.ask('POST', PATH, undefined, headers)).statusCode).toBe(409);
    const confirmed = await browser.ask('POST', `${PATH}/confirm`, { code: await codeOf(setupKey) });
    const { recoveryCodes } = confirmed.json<{ recoveryCodes: string[] }>();
    for (const table of ['second_factors', 'recovery_codes', 'idempotency_keys', 'audit_entries']) {
      const { rows } = await database.pool.query<{ text: string }>(`SELECT t::text AS text FROM signalbox.${table} t`);
      expect(rows.length, table).toBeGreaterThan(0);
      for (const word of [setupKey, ...recoveryCodes, ...recoveryCodes.map((one) => one.replaceAll('-', ''))]) {
        expect(
          rows.some(({ text }) => text.includes(word)),
          table,
        ).toBe(false);
      }
    }
  });

  it('without a key is stored in clear, which is said, and sealed once there is a key', async () => {
    const clear = await ServiceUnderTest.over(database, serviceRoutes, { clock });
    const browser = await signedInUser(clear, { database, clock }, 'hal');
    const begun = (await browser.ask('POST', PATH)).json<{ setupKey: string; sealed: boolean }>();
    expect(begun.sealed).toBe(false);
    await browser.ask('POST', `${PATH}/confirm`, { code: await codeOf(begun.setupKey) });
    expect((await browser.ask('GET', PATH)).json()).toMatchObject({ sealed: false });
    await clear.service.close();
    nowMs += MINUTE;
    const again = new TestBrowser(service);
    expect((await second(again, await ticketOf(again, 'hal'), await codeOf(begun.setupKey))).statusCode).toBe(200);
    expect((await again.ask('GET', PATH)).json()).toMatchObject({ sealed: true });
  });

  it('that no key opens is said to be so, and recovery codes still let in', async () => {
    const { setupKey, recoveryCodes } = await enrolled('ivy');
    const env = { SIGNALBOX_SEAL_KEYS: randomBytes(32).toString('base64') };
    const other = await ServiceUnderTest.over(database, serviceRoutes, { clock, env });
    const browser = new TestBrowser(other);
    const refused = await second(browser, await ticketOf(browser, 'ivy'), await codeOf(setupKey));
    expect(refused.json()).toMatchObject({
      status: 503,
      detail: expect.stringContaining('SIGNALBOX_SEAL_KEYS') as string,
    });
    expect((await second(browser, await ticketOf(browser, 'ivy'), recoveryCodes[0]!)).statusCode).toBe(200);
    await other.service.close();
  });
});

describe('a role that needs a second factor', () => {
  it('lets its users do nothing but set one up', async () => {
    const doing = { database, clock, actor: SYSTEM };
    const browser = await user('kit', 'operator');
    const own = await browser.ask('POST', '/api/v1/me/tokens', { name: 'kit-program', role: 'viewer' });
    const token = own.json<{ value: string }>().value;
    const admin = await user('rule-admin', 'admin');
    const rule = await admin.ask('PUT', '/api/v1/roles/operator/second-factor', { needed: true });
    expect(rule.json()).toEqual({ role: 'operator', needed: true });
    expect((await browser.ask('GET', '/api/v1/sessions')).json()).toMatchObject({ status: 403, code: 'second-factor' });
    expect((await service.ask('GET', '/api/v1/sessions', { token })).statusCode).toBe(403);
    expect((await browser.ask('GET', '/api/v1/me')).json()).toMatchObject({ mustEnrol: true, permissions: ['self'] });
    expect((await new TestBrowser(service).signIn('kit')).json()).toMatchObject({ mustEnrol: true });
    const { setupKey } = (await browser.ask('POST', PATH)).json<{ setupKey: string }>();
    await browser.ask('POST', `${PATH}/confirm`, { code: await codeOf(setupKey) });
    expect((await browser.ask('GET', '/api/v1/sessions')).statusCode).toBe(200);
    expect((await service.ask('GET', '/api/v1/sessions', { token })).statusCode).toBe(200);
    await requireSecondFactor(doing, 'operator', false);
    await expect(requireSecondFactor(doing, 'king', true)).rejects.toThrow(/no role/);
  });
});

describe('what is one’s own', () => {
  it('is seen and ended by oneself: sign-ins', async () => {
    const browser = await user('lea');
    const other = new TestBrowser(service);
    await other.signIn('lea');
    const foreign = await user('max');
    const list = async () =>
      (await browser.ask('GET', '/api/v1/me/sign-ins')).json<{ signIns: { id: number; current: boolean }[] }>().signIns;
    const [newest, oldest] = await list();
    expect([newest!.current, oldest!.current]).toEqual([false, true]);
    expect((await foreign.ask('DELETE', `/api/v1/me/sign-ins/${newest!.id}`)).statusCode).toBe(404);
    expect((await other.ask('GET', '/api/v1/me')).statusCode).toBe(200);
    expect((await browser.ask('DELETE', `/api/v1/me/sign-ins/${newest!.id}`)).statusCode).toBe(204);
    expect((await other.ask('GET', '/api/v1/me')).statusCode).toBe(401);
    expect(await list()).toHaveLength(1);
  });

  it('never does more than its owner may by now: tokens', async () => {
    const browser = await user('ned', 'trader');
    const admin = await user('token-admin', 'admin');
    const make = (name: string, role: string, more: object = {}) =>
      browser.ask('POST', '/api/v1/me/tokens', { name, role, ...more });
    expect((await make('ned-high', 'operator')).statusCode).toBe(422);
    const made = await make('ned-own', 'trader');
    const { value: token } = made.json<{ value: string }>();
    const status = async () => (await service.ask('GET', '/api/v1/sessions', { token })).statusCode;
    expect(await status()).toBe(200);
    expect(
      (await service.ask('POST', '/api/v1/me/tokens', { token, body: { name: 'x', role: 'viewer' } })).statusCode,
    ).toBe(422);
    await admin.ask('PUT', '/api/v1/users/ned', { role: 'viewer' });
    expect(await status()).toBe(401);
    await admin.ask('PUT', '/api/v1/users/ned', { role: 'trader', sessions: ['mine'] });
    expect(await status()).toBe(401);
    expect((await make('ned-foreign', 'viewer', { sessions: ['theirs'] })).statusCode).toBe(404);
    const bound = await make('ned-bound', 'viewer');
    expect(bound.json()).toMatchObject({ token: { sessions: ['mine'] } });
    const other = await user('ole');
    expect((await other.ask('DELETE', '/api/v1/me/tokens/ned-bound')).statusCode).toBe(404);
    expect((await browser.ask('DELETE', '/api/v1/me/tokens/ned-bound')).statusCode).toBe(200);
    await admin.ask('PUT', '/api/v1/users/ned', { sessions: null });
    expect(await status()).toBe(200);
    await admin.ask('PUT', '/api/v1/users/ned', { disabled: true });
    expect(await status()).toBe(401);
  });
});

it('keys of settings are checked, and shown nowhere', () => {
  expect(() => commandContext({ env: { SIGNALBOX_SEAL_KEYS: 'c2hvcnQ=' } })).toThrow(/SIGNALBOX_SEAL_KEYS/);
  const some = { SIGNALBOX_OIDC_ISSUER: 'https://id.example' };
  expect(() => commandContext({ env: some })).toThrow(/SIGNALBOX_OIDC_CLIENT_ID/);
  expect(() => commandContext({ env: { ...some, SIGNALBOX_OIDC_ROLES: 'desk=king' } })).toThrow(/SIGNALBOX_OIDC_ROLES/);
  expect(() => commandContext({ env: { SIGNALBOX_OIDC_ISSUER: 'http://id.example' } })).toThrow(/https/);
});
