import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { raiseAlert } from '../../infra/alerts/alert-store.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { paperSession } from '../api/testing/service-under-test.ts';
import { readLimits } from '../sessions/session-store.ts';
import { faultsInEveryLook, seriousFaults } from './testing/serious-faults.ts';
import { ConsoleUnderTest, PASSWORD, type Visit, welcome } from './testing/console-under-test.ts';

const SCREENS = ['/', '/orders', '/signals', '/risk', '/alerts', '/audit', '/users', '/preferences'];

describeWith('chromium', 'the console', () => {
  let database: TestDatabase;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    await paperSession(database, 'over');
    under = await ConsoleUnderTest.begin(database, 'walking');
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await under?.end();
    await database.drop();
  });

  /** Opens a screen and waits until it shows the session's own rows. */
  const open = async (path: string): Promise<Page> => {
    const { page } = visit;
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };

  it('shows what trades as it stands, and the header says how fresh that is', async () => {
    const page = await open('/');
    const row = page.getByRole('table', { name: 'Sessions' }).getByRole('row').filter({ hasText: 'walking' });
    await row.getByText('running').waitFor();
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page
      .getByRole('status')
      .getByText(/data \d s old, last bar/)
      .waitFor();
    await page.getByText('Europe/Berlin').first().waitFor();
    const equity = row.getByRole('cell').nth(3);
    const before = await equity.innerText();
    // It trades on: another figure stands there without anybody asking.
    await expect.poll(() => equity.innerText()).not.toBe(before);
  });

  it('says what it is before its scripts have come', async () => {
    const { page } = visit;
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/assets/*.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/', { waitUntil: 'commit' });
    const said = page.getByRole('main').filter({ hasText: 'Signalbox' });
    await said.getByRole('status').getByText('is loading').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    letGo();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await said.getByText('is loading').count()).toBe(0);
    await page.unroute('**/assets/*.js');
  });

  it('leads from an order to all it rests on', async () => {
    const page = await open('/orders?session=walking');
    await page.getByText('Filled', { exact: true }).last().click();
    await page
      .getByRole('button', { name: /^Life of order/ })
      .first()
      .click();
    const life = page.getByRole('dialog');
    await life.getByText('Signal', { exact: true }).waitFor();
    await life.getByText(/SMA\(2\) crossed/).waitFor();
    await life.getByText('Fills', { exact: true }).waitFor();
    await life.getByText('session-start').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('cancels an order that works, after a confirmation, and shows its end by itself', async () => {
    const { context } = visit;
    const csrf = (await context.cookies()).find(({ name }) => name === 'signalbox_csrf')!.value;
    const order = { session: 'walking', symbol: 'AAA', side: 'buy', quantity: 1, orderType: 'limit', limitPrice: 1 };
    let sequence = 0;
    // While an order of its own signal works, which is for a bar, the session takes none beside it.
    await expect
      .poll(async () => {
        const placed = await context.request.post('/api/v1/orders', { data: order, headers: { 'x-csrf-token': csrf } });
        if (placed.ok()) sequence = ((await placed.json()) as { order: number }).order;
        return placed.ok() ? 'taken' : placed.text();
      })
      .toBe('taken');
    const page = await open('/orders?session=walking');
    await page.getByText('Working', { exact: true }).click();
    await page.getByRole('button', { name: `Life of order ${sequence}` }).click();
    const life = page.getByRole('dialog');
    await life.getByRole('button', { name: 'Cancel this order' }).click();
    await life.getByRole('button', { name: 'Keep it' }).click();
    await life.getByRole('button', { name: 'Cancel this order' }).click();
    await life.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByText(`Cancel of order ${sequence} asked`).waitFor();
    await life.getByText('canceled').first().waitFor();
    expect(await life.getByRole('button', { name: 'Cancel this order' }).count()).toBe(0);
  });

  it('says why signals fired', async () => {
    const page = await open('/signals?session=walking');
    await page.getByText('SMA(2) crossed above SMA(5)').first().waitFor();
    await page.getByRole('tab', { name: 'Refused' }).click();
    await page.getByText('What risk, a check of signals').waitFor();
    await page.getByRole('tab', { name: 'Anomalies' }).click();
    await page.getByText(/Looked at: \d+ bars, \d+ fills, \d+ predictions/).waitFor();
  });

  it('changes a limit, a wider one by consent, and says who did', async () => {
    const page = await open('/risk?session=walking');
    const change = async (value: string, reason: string): Promise<void> => {
      await page.getByRole('button', { name: 'Change Position fraction' }).click();
      await page.getByRole('textbox', { name: /New value/ }).fill(value);
      await page.getByRole('textbox', { name: /Why/ }).fill(reason);
      await page.getByRole('button', { name: 'Change it' }).click();
    };
    const holds = async (): Promise<unknown> => (await readLimits(database.pool, 'walking')).limits?.positionFraction;
    await change('0.05', 'a rough day');
    await expect.poll(holds).toBe(0.05);
    await change('0.2', 'a good day');
    await page.getByText('This allows more than before').waitFor();
    expect(await holds()).toBe(0.05);
    await page.getByRole('checkbox', { name: 'Loosen walking all the same' }).check();
    await page.getByRole('button', { name: 'Change it' }).click();
    await expect.poll(holds).toBe(0.2);
    const history = page.getByRole('table', { name: 'Changes of limits' });
    await history.getByText('Position fraction: 0.05 to 0.2').waitFor();
    expect(await history.getByRole('row').filter({ hasText: 'a rough day' }).innerText()).toContain('admin');
    // The browser notes by itself that the wider limit was refused at first.
    expect(visit.said.splice(0)).toEqual([expect.stringContaining('status of 422')]);
  });

  it('acknowledges an alert in the name of whoever has seen it', async () => {
    const words = 'It has lost more than it may.';
    const alert = {
      key: 'walking/drawdown',
      type: 'drawdown',
      severity: 'critical',
      sessionId: 'walking',
      words,
    } as const;
    await raiseAlert(database.pool, alert, { atMs: systemClock(), channels: [] });
    const page = await open('/alerts');
    const row = page.getByRole('table', { name: 'Alerts' }).getByRole('row').filter({ hasText: words });
    await row.getByRole('button', { name: 'I have seen it' }).click();
    await row.getByText('admin').waitFor();
    const [entry] = await newestEntries(database.pool, { action: 'alert-acknowledged', limit: 1 });
    expect(entry).toMatchObject({ actor: 'admin', sessionId: 'walking' });
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('stops from the keyboard, wherever one is, after a confirmation', async () => {
    const page = await open('/alerts');
    await page.keyboard.press('Control+Period');
    const dialog = page.getByRole('dialog', { name: 'Stop trading' });
    await dialog.getByRole('textbox', { name: /Why/ }).fill('the test says so');
    expect(await seriousFaults(page)).toEqual([]);
    const [before] = await newestEntries(database.pool, { sessionId: 'walking', limit: 1 });
    expect(before!.action).not.toBe('emergency-stop');
    await dialog.getByRole('button', { name: 'Emergency stop' }).click();
    await page.getByText('Told: emergency-stop').waitFor();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    const row = page.getByRole('table', { name: 'Sessions' }).getByRole('row').filter({ hasText: 'walking' });
    await row.getByText('emergency stop').waitFor();
  });

  it('shows in the audit what was done here, by whom and why', async () => {
    const page = await open('/audit');
    const table = page.getByRole('table', { name: 'Audit' });
    const row = table.getByRole('row').filter({ hasText: 'the test says so' });
    expect(await row.innerText()).toMatch(/admin[\s\S]*emergency-stop[\s\S]*walking/);
    await page.getByText(/^intact, \d+ entries$/).waitFor();
    await row.click();
    await page.getByRole('dialog').getByText('the test says so').waitFor();
  });

  it('finds screens and sessions by their letters', async () => {
    const page = await open('/preferences');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Command' }).fill('posit');
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Positions and orders' }).waitFor();
  });

  it('adds a user, who chooses a password by the link and sees what a viewer may', async () => {
    const page = await open('/users');
    const link = await under.invite(page, 'vera');
    const other = await under.open();
    await welcome(other.page, link);
    expect(await other.page.getByRole('link', { name: 'Users and tokens' }).count()).toBe(0);
    expect(await other.page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await other.page.getByRole('button', { name: 'Signed in as vera' }).click();
    await other.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.page.getByRole('textbox', { name: /Name/ }).fill('vera');
    await other.page.locator('input[type=password]').fill(PASSWORD);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(other.said).toEqual([]);
    await other.context.close();
  });

  it('keeps the time zone of a user', async () => {
    const page = await open('/preferences');
    await page.getByRole('combobox', { name: 'Time zone' }).fill('UTC');
    await page.getByRole('option', { name: 'UTC', exact: true }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page
      .getByText(/\d\d:\d\d:\d\d UTC/)
      .first()
      .waitFor();
    await page.reload();
    await page
      .getByText(/\d\d:\d\d:\d\d UTC/)
      .first()
      .waitFor();
  });

  it('can be used by everybody in every look, without a message of the browser', async () => {
    for (const path of SCREENS) {
      const page = await open(path);
      await expect.poll(() => page.getByText('Loading').count()).toBe(0);
      expect(await faultsInEveryLook(page), path).toEqual([]);
    }
    expect(visit.said).toEqual([]);
  });
});
