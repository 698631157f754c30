import { randomBytes } from 'node:crypto';
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { findFreePort } from '../../infra/postgres/embedded/free-port.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { IdentityProviderUnderTest } from '../api/testing/identity-provider-under-test.ts';
import { ConsoleUnderTest, PASSWORD, type Visit, welcome } from './testing/console-under-test.ts';
import { faultsInEveryLook, seriousFaults } from './testing/serious-faults.ts';

describeWith('chromium', 'a profile in the console', () => {
  let database: TestDatabase;
  let provider: IdentityProviderUnderTest;
  let under: ConsoleUnderTest;
  let admin: Visit;
  let vera: Visit;
  let setupKey = '';
  let recovery = '';

  beforeAll(async () => {
    database = await createTestDatabase();
    const publicUrl = `http://127.0.0.1:${await findFreePort()}`;
    provider = await IdentityProviderUnderTest.start(`${publicUrl}/api/v1/auth/provider/callback`);
    under = await ConsoleUnderTest.begin(database, 'walking', {
      env: {
        SIGNALBOX_SEAL_KEYS: randomBytes(32).toString('base64'),
        SIGNALBOX_PUBLIC_URL: publicUrl,
        SIGNALBOX_OIDC_ISSUER: provider.issuer,
        SIGNALBOX_OIDC_CLIENT_ID: 'signalbox',
        SIGNALBOX_OIDC_CLIENT_SECRET: 'a secret of the test',
        SIGNALBOX_OIDC_LABEL: 'House login',
      },
    });
    admin = await under.open();
    await under.welcomeAdministrator(admin.page);
    vera = await addedUser('vera');
  });
  afterAll(async () => {
    await under?.end();
    await provider.stop();
    await database.drop();
  });

  /** A user whom the administrator adds, signed in in a browser of their own. */
  async function addedUser(name: string, role = 'trader'): Promise<Visit> {
    const { page } = admin;
    await page.goto('/users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Name/ }).fill(name);
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: role }).click();
    await dialog.getByRole('button', { name: 'Add the user' }).click();
    const link = await dialog.locator('pre').innerText();
    const visit = await under.open();
    await welcome(visit.page, link);
    return visit;
  }

  const profileOf = async ({ page }: Visit): Promise<Page> => {
    await page.goto('/profile');
    await page.getByRole('heading', { level: 1, name: /^Profile of/ }).waitFor();
    return page;
  };

  /** A code of this step, or of the next one once that was used: it is taken for half a minute at the least. */
  const code = (steps = 0): Promise<string> =>
    generate({ secret: setupKey, epoch: Math.floor(systemClock() / 1_000) + 30 * steps });

  /** Fills in name and password on the page of signing in. */
  async function signIn(page: Page, name: string): Promise<void> {
    await page.goto('/');
    await page.getByRole('textbox', { name: /Name/ }).fill(name);
    await page.locator('input[type=password]').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  it('sets a second factor up by a code that a camera reads, and keeps recovery codes', async () => {
    const page = await profileOf(vera);
    await page.getByRole('button', { name: 'Set it up' }).click();
    const dialog = page.getByRole('dialog', { name: 'Second factor' });
    await dialog.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    setupKey = (await dialog.locator('pre').innerText()).replaceAll(/\s/g, '');
    expect(setupKey).toMatch(/^[A-Z2-7]{32}$/);
    await dialog.getByRole('textbox', { name: /First code/ }).fill(await code());
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    const codes = dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    expect(await codes.count()).toBe(10);
    recovery = await codes.first().innerText();
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText(/Recovery codes left: 10/).waitFor();
  });

  it('signs in by password and code, or a recovery code, and ends a sign-in elsewhere', async () => {
    const other = await under.open();
    await signIn(other.page, 'vera');
    await other.page.getByRole('heading', { name: 'One more step' }).waitFor();
    expect(await seriousFaults(other.page)).toEqual([]);
    await other.page.getByRole('textbox', { name: /Code/ }).fill('not-a-code');
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.getByRole('alert').waitFor();
    await other.page.getByRole('textbox', { name: /Code/ }).fill(await code(1));
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const page = await profileOf(vera);
    const table = page.getByRole('table', { name: 'Sign-ins' });
    await table.getByText('this one').waitFor();
    await table.getByRole('button', { name: /^End sign-in/ }).click();
    await expect.poll(() => table.getByRole('button', { name: /^End sign-in/ }).count()).toBe(0);
    await other.page.goto('/profile');
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(other.page, 'vera');
    await other.page.getByRole('textbox', { name: /Code/ }).fill(recovery);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await other.context.close();
  });

  it('makes a token of one’s own and revokes it', async () => {
    const page = await profileOf(vera);
    await page.getByRole('tab', { name: 'My tokens' }).click();
    await page.getByRole('button', { name: 'Make a token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Name/ }).fill('vera-reads');
    await dialog.getByRole('button', { name: 'Make the token' }).click();
    expect(await dialog.locator('pre').innerText()).toMatch(/^sbx_/);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Revoke vera-reads' }).click();
    await page.getByRole('table', { name: 'Tokens' }).getByText('revoked').waitFor();
  });

  it('shows the bounds that an administrator sets, and is refused beyond them', async () => {
    const { page } = admin;
    await page.goto('/users');
    await page.getByRole('button', { name: 'Change vera' }).click();
    await page.getByRole('menuitem', { name: 'Risk profile' }).click();
    const dialog = page.getByRole('dialog', { name: 'Risk profile of vera' });
    await dialog.getByRole('textbox', { name: 'Largest order' }).fill('1000');
    await dialog.getByRole('textbox', { name: /Why/ }).fill('a new trader');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await expect.poll(() => dialog.count()).toBe(0);
    const [entry] = await newestEntries(database.pool, { action: 'risk-profile-change', limit: 1 });
    expect(entry).toMatchObject({ actor: 'admin', reason: 'a new trader' });
    const own = await profileOf(vera);
    await own.getByText('1,000.00').first().waitFor();
    const csrf = (await vera.context.cookies()).find(({ name }) => name === 'signalbox_csrf')!.value;
    const order = {
      session: 'walking',
      symbol: 'AAA',
      side: 'buy',
      quantity: 1_000,
      orderType: 'limit',
      limitPrice: 50,
    };
    const refused = await vera.context.request.post('/api/v1/orders', {
      data: order,
      headers: { 'x-csrf-token': csrf },
    });
    expect(await refused.json()).toMatchObject({ status: 422, code: 'risk-profile' });
  });

  it('is set up first where a role needs it, and reset by an administrator', async () => {
    const { page } = admin;
    await page.goto('/users');
    await page.getByRole('tab', { name: 'Roles' }).click();
    await page.getByRole('textbox', { name: 'Only these routes and channels' }).fill('orders:place');
    await page.getByRole('table', { name: 'Roles' }).getByText('POST /api/v1/orders').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    const needs = page.getByRole('checkbox', { name: 'A second factor for every viewer' });
    await needs.click();
    await expect.poll(() => needs.isChecked()).toBe(true);
    await page.getByRole('tab', { name: 'Users' }).click();
    const rows = page.getByRole('table', { name: 'Users' }).getByRole('row');
    await expect.poll(() => rows.filter({ hasText: 'vera' }).innerText()).toContain('yes');
    await page.getByRole('button', { name: 'Change vera' }).click();
    await page.getByRole('menuitem', { name: 'Reset second factor' }).click();
    await expect.poll(() => rows.filter({ hasText: 'vera' }).innerText()).toContain('no');
    // Her sign-ins have ended, and a password is enough again.
    await vera.page.goto('/profile');
    await signIn(vera.page, 'vera');
    await vera.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Change vera' }).click();
    await page.getByRole('menuitem', { name: 'viewer' }).click();
    await expect.poll(() => rows.filter({ hasText: 'vera' }).innerText()).toContain('viewer');
    await vera.page.goto('/');
    await vera.page.getByRole('heading', { name: 'Second factor' }).waitFor();
    await vera.page.getByText(/every viewer gives a code/).waitFor();
    expect(await seriousFaults(vera.page)).toEqual([]);
    await vera.page.getByRole('button', { name: 'Set it up' }).click();
    await vera.page.getByRole('img', { name: /QR code/ }).waitFor();
    setupKey = (await vera.page.locator('pre').innerText()).replaceAll(/\s/g, '');
    await vera.page.getByRole('textbox', { name: /First code/ }).fill(await code());
    await vera.page.getByRole('button', { name: 'Confirm' }).click();
    await vera.page.getByRole('button', { name: 'I have kept them' }).click();
    await vera.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  it('is led to the identity provider and back, or told why not', async () => {
    const { page, context } = await under.open();
    await page.goto('/');
    provider.people.set('unknown', { preferred_username: 'nobody-here' });
    provider.now = 'unknown';
    await page.getByRole('link', { name: 'Sign in with House login' }).click();
    await page.getByText('You have no user here: ask an administrator.').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await context.close();
    const other = await under.open();
    const asked = await admin.context.request.get('/api/v1/users');
    const { users } = (await asked.json()) as { users: { name: string }[] };
    expect(users.map(({ name }) => name)).toEqual(['admin', 'vera']);
    const csrf = (await admin.context.cookies()).find(({ name }) => name === 'signalbox_csrf')!.value;
    const body = { name: 'olga', role: 'operator' };
    await admin.context.request.post('/api/v1/users', { data: body, headers: { 'x-csrf-token': csrf } });
    provider.people.set('olga', { preferred_username: 'olga' });
    provider.now = 'olga';
    await other.page.goto('/');
    await other.page.getByRole('link', { name: 'Sign in with House login' }).click();
    await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await other.page.getByRole('button', { name: 'Signed in as olga' }).waitFor();
    expect(other.said).toEqual([]);
    await other.context.close();
  });

  it('can be used by everybody, in every look', async () => {
    const { page } = admin;
    await profileOf(admin);
    await expect.poll(() => page.getByText('Loading').count()).toBe(0);
    expect(await faultsInEveryLook(page)).toEqual([]);
    await page.goto('/users');
    await page.getByRole('tab', { name: 'Roles' }).click();
    await page.getByRole('table', { name: 'Roles' }).getByText('GET /api/v1/me').first().waitFor();
    expect(await faultsInEveryLook(page)).toEqual([]);
    expect(admin.said).toEqual([]);
  });
});
