import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkProvider } from '../../infra/auth/auth-checks.ts';
import { createUser } from '../../infra/auth/accounts.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { findUser } from '../../infra/auth/user-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { findFreePort } from '../../infra/postgres/embedded/free-port.ts';
import { commandContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { IdentityProviderUnderTest } from './testing/identity-provider-under-test.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';
import { signedInUser } from './testing/test-browser.ts';

let database: TestDatabase;
let provider: IdentityProviderUnderTest;
let publicUrl: string;
const services: ServiceUnderTest[] = [];
const doing = () => ({ database, clock: systemClock, actor: SYSTEM });

beforeAll(async () => {
  database = await createTestDatabase();
  publicUrl = `http://127.0.0.1:${await findFreePort()}`;
  provider = await IdentityProviderUnderTest.start(`${publicUrl}/api/v1/auth/provider/callback`);
});
afterEach(async () => {
  for (const one of services.splice(0)) await one.service.close();
});
afterAll(async () => {
  await provider.stop();
  await database.drop();
});

const settings = () => ({
  SIGNALBOX_PUBLIC_URL: publicUrl,
  SIGNALBOX_OIDC_ISSUER: provider.issuer,
  SIGNALBOX_OIDC_CLIENT_ID: 'signalbox',
  SIGNALBOX_OIDC_CLIENT_SECRET: 'a secret of the test',
  SIGNALBOX_OIDC_LABEL: 'House login',
});

/** A service that sends people to the provider. */
async function serve(env: Record<string, string> = {}): Promise<ServiceUnderTest> {
  const one = await ServiceUnderTest.over(database, serviceRoutes, { env: { ...settings(), ...env } });
  services.push(one);
  await one.service.app.listen({ host: '127.0.0.1', port: Number(new URL(publicUrl).port) });
  return one;
}

/** A browser that follows where it is sent, between sites. */
class Wanderer {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** One step: where it leads, or null. */
  async step(url: string): Promise<{ status: number; location: string | null; body: string }> {
    const { origin } = new URL(url);
    const own = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, own);
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const text of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)!;
      if (value === '') own.delete(name!);
      else own.set(name!, value!);
    }
    const location = answer.headers.get('location');
    return {
      status: answer.status,
      location: location === null ? null : new URL(location, url).href,
      body: await answer.text(),
    };
  }

  /** Goes on until it would come to `stop`, or is led nowhere. */
  async follow(url: string, stop: (url: string) => boolean): Promise<string> {
    for (let at = url; ;) {
      const { location } = await this.step(at);
      if (location === null) return at;
      if (stop(location)) return location;
      at = location;
    }
  }

  /** Signs in at the provider as a subject; where the service leads then. */
  async signIn(subject: string): Promise<string> {
    provider.now = subject;
    const end = await this.follow(
      `${publicUrl}/api/v1/auth/provider`,
      (at) => at.startsWith(publicUrl) && !at.includes('/api/'),
    );
    return end.slice(publicUrl.length);
  }

  /** Who the service says it is. */
  async me(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.step(`${publicUrl}/api/v1/me`)).body) as Record<string, unknown>;
  }
}

const whys = async (): Promise<unknown[]> =>
  (await newestEntries(database.pool, { action: 'provider-refused', limit: 20 })).map(
    ({ details }) => (JSON.parse(details) as { why: string }).why,
  );

describe('a sign-in by the identity provider', () => {
  it('lets in users that exist, and stays with the subject', async () => {
    const service = await serve();
    expect((await service.ask('GET', '/api/v1/auth/ways')).json()).toEqual({ password: true, provider: 'House login' });
    await createUser(doing(), { name: 'ann', role: 'trader' });
    provider.people.set('1', { preferred_username: 'ann', groups: ['admins'] });
    const browser = new Wanderer();
    expect(await browser.signIn('1')).toBe('/');
    expect(await browser.me()).toMatchObject({ name: 'ann', kind: 'user', role: 'trader' });
    // Another subject that is given the name later is somebody else.
    provider.people.set('2', { preferred_username: 'ann' });
    expect(await new Wanderer().signIn('2')).toBe('/sign-in#unknown-user');
    provider.people.set('1', { preferred_username: 'ann-renamed' });
    const again = new Wanderer();
    await again.signIn('1');
    expect(await again.me()).toMatchObject({ name: 'ann' });
    provider.people.set('3', { preferred_username: 'stranger' });
    expect(await new Wanderer().signIn('3')).toBe('/sign-in#unknown-user');
    expect(await findUser(database.pool, { name: 'stranger' })).toBeUndefined();
    expect(await whys()).toEqual([expect.stringContaining('stranger'), expect.stringContaining('another subject')]);
    const [entry] = await newestEntries(database.pool, { action: 'sign-in-by-provider', limit: 1 });
    expect(entry).toMatchObject({ actor: 'ann' });
  });

  it('takes over nobody who has a password, until an administrator names the subject', async () => {
    const service = await serve();
    const boss = await signedInUser(service, { database, clock: systemClock, role: 'admin' }, 'boss');
    provider.people.set('10', { preferred_username: 'BOSS' });
    expect(await new Wanderer().signIn('10')).toBe('/sign-in#unknown-user');
    const subject = `${provider.issuer} 10`;
    const named = await boss.ask('PUT', '/api/v1/users/boss', { providerSubject: subject });
    expect(named.json()).toMatchObject({ providerSubject: subject });
    expect((await boss.ask('PUT', '/api/v1/users/ann', { providerSubject: subject })).statusCode).toBe(422);
    const browser = new Wanderer();
    expect(await browser.signIn('10')).toBe('/');
    expect(await browser.me()).toMatchObject({ name: 'boss', role: 'admin' });
    // Whoever is asked for codes is asked for them here, too.
    const PATH = '/api/v1/me/second-factor';
    const { setupKey } = (await boss.ask('POST', PATH)).json<{ setupKey: string }>();
    const { generate } = await import('otplib');
    await boss.ask('POST', `${PATH}/confirm`, { code: await generate({ secret: setupKey }) });
    const other = new Wanderer();
    expect(await other.signIn('10')).toMatch(/^\/sign-in#ticket=ey/);
    expect(await other.me()).toMatchObject({ status: 401 });
    await boss.ask('PUT', '/api/v1/users/ann', { disabled: true });
    expect(await new Wanderer().signIn('1')).toBe('/sign-in#unknown-user');
    await boss.ask('PUT', '/api/v1/users/ann', { disabled: false });
  });

  it('gives roles by groups, at every sign-in, and adds whoever is new', async () => {
    await serve({ SIGNALBOX_OIDC_ROLES: 'risk=operator,desk=trader' });
    provider.people.set('20', { preferred_username: 'nina', groups: ['staff', 'desk', 'risk'] });
    const browser = new Wanderer();
    expect(await browser.signIn('20')).toBe('/');
    expect(await browser.me()).toMatchObject({ name: 'nina', role: 'operator' });
    provider.people.set('20', { preferred_username: 'nina', groups: ['desk'] });
    await browser.signIn('20');
    expect(await new Wanderer().signIn('20')).toBe('/');
    expect(await findUser(database.pool, { name: 'nina' })).toMatchObject({ role: 'trader', hasPassword: false });
    provider.people.set('20', { preferred_username: 'nina', groups: ['staff'] });
    expect(await new Wanderer().signIn('20')).toBe('/sign-in#unknown-user');
    provider.people.set('21', { preferred_username: '<script>', groups: ['desk'] });
    expect(await new Wanderer().signIn('21')).toBe('/sign-in#unknown-user');
  });

  it('takes an address for a name only once the provider has verified it', async () => {
    await serve({
      SIGNALBOX_OIDC_NAME_CLAIM: 'email',
      SIGNALBOX_OIDC_ROLES: 'desk=trader',
      SIGNALBOX_OIDC_ROLE_CLAIM: 'groups',
    });
    provider.people.set('30', { email: 'otto@example.com', email_verified: false, groups: ['desk'] });
    expect(await new Wanderer().signIn('30')).toBe('/sign-in#unknown-user');
    provider.people.set('30', { email: 'otto@example.com', email_verified: true, groups: ['desk'] });
    const browser = new Wanderer();
    expect(await browser.signIn('30')).toBe('/');
    expect(await browser.me()).toMatchObject({ name: 'otto@example.com' });
  });

  it('is of the browser that began it, once, and of nothing that was made up', async () => {
    await serve();
    provider.now = '1';
    const isBack = (at: string) => at.startsWith(`${publicUrl}/api/v1/auth/provider/callback`);
    const browser = new Wanderer();
    const back = await browser.follow(`${publicUrl}/api/v1/auth/provider`, isBack);
    const query = new URL(back).searchParams;
    expect(query.get('code')).toBeTruthy();
    const thief = new Wanderer();
    expect((await thief.step(back)).location).toBe(`${publicUrl}/sign-in#stale`);
    // The thief has begun one of their own: the state is not theirs.
    await thief.follow(`${publicUrl}/api/v1/auth/provider`, isBack);
    expect((await thief.step(back)).location).toBe(`${publicUrl}/sign-in#refused`);
    const other = new Wanderer();
    const own = new URL(await other.follow(`${publicUrl}/api/v1/auth/provider`, isBack));
    own.searchParams.set('code', 'made-up');
    expect((await other.step(own.href)).location).toBe(`${publicUrl}/sign-in#refused`);
    const mixed = new URL(back);
    mixed.searchParams.set('iss', 'http://127.0.0.1:1');
    const misled = new Wanderer();
    await misled.follow(`${publicUrl}/api/v1/auth/provider`, isBack);
    expect((await misled.step(mixed.href)).location).toBe(`${publicUrl}/sign-in#refused`);
    const failed = new Wanderer();
    const no = new URL(await failed.follow(`${publicUrl}/api/v1/auth/provider`, isBack));
    const denied = new URL(no.origin + no.pathname);
    denied.searchParams.set('error', 'access_denied');
    denied.searchParams.set('state', no.searchParams.get('state')!);
    expect((await failed.step(denied.href)).location).toBe(`${publicUrl}/sign-in#refused`);
    // The browser that began it is let in, once.
    expect((await browser.step(back)).location).toBe(`${publicUrl}/`);
    expect((await browser.step(back)).location).toBe(`${publicUrl}/sign-in#stale`);
  });

  it('says so where the provider does not answer, and where there is none', async () => {
    await serve({ SIGNALBOX_OIDC_ISSUER: `http://127.0.0.1:${await findFreePort()}` });
    expect((await new Wanderer().step(`${publicUrl}/api/v1/auth/provider`)).location).toBe(`${publicUrl}/sign-in#away`);
    const found = (issuer: string) =>
      checkProvider(commandContext({ env: { ...settings(), SIGNALBOX_OIDC_ISSUER: issuer } }).config);
    expect(await found(provider.issuer)).toEqual({ state: 'ok', detail: `House login, ${provider.issuer}` });
    await expect(found(`http://127.0.0.1:${await findFreePort()}`)).rejects.toThrow(/ECONNREFUSED/);
    const bare = await ServiceUnderTest.over(database, serviceRoutes);
    expect((await bare.ask('GET', '/api/v1/auth/ways')).json()).toEqual({ password: true, provider: null });
    expect((await bare.ask('GET', '/api/v1/auth/provider')).json()).toMatchObject({ status: 404, code: 'no-provider' });
    await bare.service.close();
  });
});
