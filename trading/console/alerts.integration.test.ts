import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { raiseAlert } from '../../infra/alerts/alert-store.ts';
import { systemClock } from '../../infra/clock.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { WebhookServer } from '../../infra/testing/webhook-server.ts';
import { ConsoleUnderTest, type Visit } from './testing/console-under-test.ts';
import { faultsInEveryLook, seriousFaults } from './testing/serious-faults.ts';

const TABS = ['Firing and history', 'Rules', 'Silences', 'Channels', 'My notifications'];

describeWith('chromium', 'alerts in the console', () => {
  let database: TestDatabase;
  let webhook: WebhookServer;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    webhook = await WebhookServer.start();
    under = await ConsoleUnderTest.begin(database, 'watched', { env: { SIGNALBOX_ALERT_WEBHOOK: webhook.url } });
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await under?.end();
    await webhook?.stop();
    await database.drop();
  });

  const openTab = async (name: string): Promise<Page> => {
    const { page } = visit;
    await page.goto('/alerts');
    await page.getByRole('tab', { name }).click();
    return page;
  };
  const raise = (key: string, words: string) =>
    raiseAlert(
      database.pool,
      { key, type: key.split('/')[0]!, severity: 'critical', sessionId: 'watched', words },
      { atMs: systemClock(), channels: ['webhook'] },
    );
  const choose = async (page: Page, label: string, option: string): Promise<void> => {
    const within = page.getByRole('dialog').or(page.getByRole('tabpanel')).last();
    await within.getByRole('combobox', { name: label, exact: true }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };

  it('make a rule, which the service applies to the session that trades, and says so on the page', async () => {
    const page = await openTab('Rules');
    await page.getByRole('table', { name: 'Rules' }).getByText('session-not-running').waitFor();
    await page.getByRole('button', { name: 'Make a rule' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a rule' });
    await dialog.getByRole('textbox', { name: /^Name/ }).fill('some-equity');
    await choose(page, 'What it watches', 'equity');
    await dialog.getByRole('textbox', { name: /Threshold/ }).fill('1');
    await dialog.getByRole('textbox', { name: /^For/ }).fill('0s');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep the rule' }).click();
    await page.getByRole('table', { name: 'Rules' }).getByText('equity at or above 1').waitFor();
    await page.getByRole('alert').getByText('watched: cash and positions').waitFor();
    await page.getByRole('button', { name: /^Alerts: [1-9]\d* unread$/ }).click();
    const latest = page.getByRole('dialog', { name: 'Latest alerts' });
    await latest.getByText('watched: cash and positions').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await latest.getByRole('button', { name: 'Mark all as read' }).click();
    await page.getByRole('button', { name: 'Alerts: 0 unread' }).waitFor();
    await expect.poll(() => webhook.taken.map(({ type }) => type)).toContain('some-equity');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Change some-equity' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await expect.poll(() => webhook.taken.map(({ state }) => state)).toContain('resolved');
  });

  it('watch a latency over as long as is typed, which other metrics do not ask for', async () => {
    const page = await openTab('Rules');
    const table = page.getByRole('table', { name: 'Rules' });
    await page.getByRole('button', { name: 'Make a rule' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a rule' });
    const over = dialog.getByRole('textbox', { name: /^Over/ });
    await dialog.getByRole('textbox', { name: /^Name/ }).fill('slow-fills');
    await choose(page, 'What it watches', 'equity');
    expect(await over.count()).toBe(0);
    await choose(page, 'What it watches', 'decision-to-fill-p99-ms');
    await dialog.getByRole('textbox', { name: 'Threshold, ms' }).fill('250');
    await over.fill('3s');
    await dialog.getByRole('button', { name: 'Keep the rule' }).click();
    await dialog.getByText('--over 3s is no span from 10s to 1d.').waitFor();
    // Browsers say each refusal.
    expect(visit.said.splice(0)).toEqual([expect.stringContaining('status of 422')]);
    await over.fill('5m');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep the rule' }).click();
    await table.getByText('decision-to-fill-p99-ms over 5m at or above 250 ms').waitFor();
    await page.getByRole('button', { name: 'Change slow-fills' }).click();
    await page.getByRole('menuitem', { name: 'Threshold, severity, channels' }).click();
    const change = page.getByRole('dialog', { name: 'Change a rule' });
    const again = change.getByRole('textbox', { name: /^Over/ });
    expect(await again.inputValue()).toBe('5m');
    await again.fill('');
    await change.getByRole('button', { name: 'Keep the rule' }).click();
    await table.getByText('decision-to-fill-p99-ms at or above 250 ms').waitFor();
  });

  it('silence an event of a session with a reason, and end that', async () => {
    const page = await openTab('Silences');
    await choose(page, 'Event', 'halt');
    await choose(page, 'Session', 'watched');
    await page.getByRole('textbox', { name: 'Why' }).fill('maintenance');
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    const table = page.getByRole('table', { name: 'Silences' });
    await table.getByText('maintenance').waitFor();
    await raise('halt/1', 'this is not told');
    await raise('latency/1', 'this is told');
    await expect.poll(() => webhook.taken.map(({ words }) => words)).toContain('this is told');
    await table.getByRole('button', { name: /^End silence/ }).click();
    await page.getByText('Nothing is silenced.').waitFor();
    await raise('halt/2', 'this is told again');
    await expect.poll(() => webhook.taken.map(({ words }) => words)).toContain('this is told again');
    expect(webhook.taken.map(({ words }) => words)).not.toContain('this is not told');
  });

  it('send a test to a channel, and choose what it is told of', async () => {
    const page = await openTab('Channels');
    await page.getByRole('button', { name: 'Send a test to webhook' }).click();
    await page.getByText('webhook: the test arrived').waitFor();
    expect(webhook.taken.at(-1)).toMatchObject({ type: 'test' });
    expect(await page.getByRole('button', { name: 'Send a test to slack' }).isDisabled()).toBe(true);
    await choose(page, 'breaker-open to webhook', 'nothing');
    const chosen = async () => (await database.pool.query('SELECT channel, type, least FROM alert_choices')).rows;
    await expect.poll(chosen).toEqual([{ channel: 'webhook', type: 'breaker-open', least: 'none' }]);
  });

  it('leave out on the page what somebody chose not to be told of', async () => {
    const page = await openTab('My notifications');
    await choose(page, 'mismatch to This page', 'nothing');
    const own = async () =>
      (await database.pool.query('SELECT type FROM alert_choices WHERE user_id IS NOT NULL')).rows.length;
    await expect.poll(own).toBe(1);
    await raise('mismatch/1', 'this is not for me');
    await raise('halt/3', 'this is for me');
    await page.getByRole('alert').getByText('this is for me').waitFor();
    expect(await page.getByText('this is not for me').count()).toBe(0);
    await page.getByText('The service has no keys of web push.').waitFor();
  });

  it('show a push in the browser though no page asks for it', async () => {
    const { page, context } = visit;
    await context.grantPermissions(['notifications']);
    await page.goto('/alerts');
    const devTools = await context.newCDPSession(page);
    const registered = new Promise<string>((resolve) =>
      devTools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [own] = registrations.filter(({ scopeURL }) => scopeURL.startsWith(under.address));
        if (own !== undefined) resolve(own.registrationId);
      }),
    );
    await devTools.send('ServiceWorker.enable');
    await page.evaluate(`navigator.serviceWorker.register('/push-worker.js').then(() => navigator.serviceWorker.ready)
      .then(() => true)`);
    const told = { key: 'watched/halt', title: '[critical] halt', body: 'drawdown', severity: 'critical' };
    const registrationId = await registered;
    // One that comes before the worker is quite awake is lost, so it comes again: the same takes its own place.
    const shownOf = async (data: object) => {
      const push = { origin: under.address, registrationId, data: JSON.stringify(data) };
      await devTools.send('ServiceWorker.deliverPushMessage', push);
      return page.evaluate<{ title: string }[]>(`navigator.serviceWorker.ready
        .then((registration) => registration.getNotifications())
        .then((all) => all.map(({ title, body, tag, requireInteraction }) => ({ title, body, tag, requireInteraction })))`);
    };
    await expect
      .poll(() => shownOf({ ...told, state: 'raised' }))
      .toEqual([{ title: '[critical] halt', body: 'drawdown', tag: 'watched/halt', requireInteraction: true }]);
    const over = { ...told, title: '[resolved] halt', state: 'resolved' };
    // The end takes the place of the beginning.
    await expect.poll(async () => (await shownOf(over)).map(({ title }) => title)).toEqual(['[resolved] halt']);
  });

  it('can be used by everybody, in every look', async () => {
    for (const tab of TABS) {
      const page = await openTab(tab);
      await page.getByRole('tabpanel').getByRole('table').first().or(page.getByText('Nothing is silenced.')).waitFor();
      expect(await faultsInEveryLook(page), tab).toEqual([]);
    }
    expect(visit.said).toEqual([]);
  });
});
