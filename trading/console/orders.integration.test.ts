import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readFills, readOrders } from '../journal/journal-store.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { seriousFaults } from './testing/serious-faults.ts';
import { ConsoleUnderTest, type Visit, welcome } from './testing/console-under-test.ts';

const SESSION = 'by-hand';

describeWith('chromium', 'trading by hand', () => {
  let database: TestDatabase;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    // It decides nothing by itself: what trades is what is asked for here.
    const strategy = createRuleStrategy('sma-cross', { fast: 2, slow: 9_000 });
    under = await ConsoleUnderTest.begin(database, SESSION, { own: { strategy } });
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await under?.end();
    await database.drop();
  });

  const open = async (): Promise<Page> => {
    const { page } = visit;
    await page.goto(`/orders?session=${SESSION}`);
    await page.getByRole('button', { name: 'New order' }).waitFor();
    return page;
  };
  const asked = async (page: Page, quantity: string, more: (page: Page) => Promise<void> = async () => undefined) => {
    await page.getByRole('button', { name: 'New order' }).click();
    const dialog = page.getByRole('dialog', { name: `New order in ${SESSION}` });
    await dialog.getByRole('combobox', { name: 'Symbol' }).click();
    await page.getByRole('option', { name: 'AAA' }).click();
    await dialog.getByRole('textbox', { name: /Quantity/ }).fill(quantity);
    await more(page);
    await dialog.getByRole('button', { name: 'What would risk say' }).click();
    return dialog;
  };
  const commands = async (): Promise<number> =>
    (await database.pool.query('SELECT id FROM session_commands WHERE session_id = $1', [SESSION])).rows.length;

  it('shows what risk says before an order is sent, and sends it once, however often it is clicked', async () => {
    const page = await open();
    const dialog = await asked(page, '5');
    await dialog.getByText('Share of equity').waitFor();
    expect(await dialog.innerText()).toMatch(/Buy 5 AAA at the market[\s\S]*Value[\s\S]*Fee[\s\S]*opens or adds/);
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('textbox', { name: /Why/ }).fill('a test buys');
    const before = await commands();
    await dialog.getByRole('button', { name: 'Send the order' }).dblclick();
    await page.getByText('Order 1 of 5 works.').waitFor();
    // The next bar fills it, and the page says so by itself.
    await page.getByText(`Fill of ${SESSION}`).waitFor();
    await page.getByText(/^Bought 5 AAA at /).waitFor();
    expect(await commands()).toBe(before + 1);
    const [entry] = await newestEntries(database.pool, { sessionId: SESSION, action: 'order-asked', limit: 1 });
    expect(entry).toMatchObject({ actor: 'admin', reason: 'a test buys' });
    expect(await readFills(database.pool, SESSION, { limit: 9 })).toMatchObject([{ symbol: 'AAA', quantity: 5 }]);
  });

  it('says why risk would refuse an order, and what to do about it', async () => {
    const page = await open();
    const dialog = await asked(page, '3', async () => {
      await page.getByText('Sell', { exact: true }).last().click();
      await page.getByRole('combobox', { name: 'Type' }).click();
      await page.getByRole('option', { name: 'Stop limit' }).click();
      await page.getByRole('textbox', { name: 'Stop price' }).fill('1e');
    });
    await dialog.getByText('A number above 0, such as 12.5').waitFor();
    await dialog.getByRole('textbox', { name: 'Stop price' }).fill('0.5');
    await dialog.getByRole('textbox', { name: 'Limit price' }).fill('0.4');
    await dialog.getByRole('button', { name: 'What would risk say' }).click();
    await dialog.getByText('Sell 3 AAA stop 0.50, limit 0.40').waitFor();
    await dialog.getByText('reduces it').waitFor();
    await dialog.getByRole('button', { name: 'Back' }).click();
    await dialog.getByRole('textbox', { name: /Quantity/ }).fill('50');
    await dialog.getByText('Buy', { exact: true }).click();
    await dialog.getByRole('checkbox', { name: /Only reduce/ }).check();
    await dialog.getByRole('button', { name: 'What would risk say' }).click();
    await dialog.getByText('Risk would refuse it').waitFor();
    await dialog.getByText('leave reduce-only out').waitFor();
    expect(await dialog.getByRole('button', { name: 'Send the order' }).isDisabled()).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('cancels all orders that work, with a reason', async () => {
    const page = await open();
    const dialog = await asked(page, '2', async () => {
      await page.getByRole('combobox', { name: 'Type' }).click();
      await page.getByRole('option', { name: 'Limit', exact: true }).click();
      await page.getByRole('textbox', { name: 'Limit price' }).fill('0.5');
    });
    await dialog.getByRole('button', { name: 'Send the order' }).click();
    await page.getByText('Order 2 of 2 works.').waitFor();
    await page.getByRole('button', { name: 'Cancel all' }).click();
    const cancel = page.getByRole('dialog', { name: 'Cancel all orders' });
    await cancel.getByRole('textbox', { name: /Why/ }).fill('the test is done with it');
    await cancel.getByRole('button', { name: 'Cancel them' }).click();
    await page.getByText('1 are being cancelled.').waitFor();
    const table = page.getByRole('table', { name: 'Orders' });
    await table.getByRole('row').filter({ hasText: 'canceled' }).waitFor();
    expect(await readOrders(database.pool, SESSION, { limit: 1 })).toMatchObject([{ sequence: 2, state: 'CANCELED' }]);
    const [entry] = await newestEntries(database.pool, { sessionId: SESSION, action: 'order-cancel-asked', limit: 1 });
    expect(entry).toMatchObject({ reason: 'the test is done with it' });
  });

  it('closes one position', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Close AAA' }).click();
    const dialog = page.getByRole('dialog', { name: 'Close AAA' });
    await dialog.getByText('reduces it').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Close it' }).click();
    await page.getByText('Nothing is held.').waitFor();
    expect(await readFills(database.pool, SESSION, { limit: 1 })).toMatchObject([{ symbol: 'AAA', quantity: -5 }]);
  });

  it('lets a session go on that was held back', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Halt' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Halt' }).click();
    await page.getByText('is held back: halt').waitFor();
    const refused = await asked(page, '1');
    await refused.getByText('Risk would refuse it').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Resume' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resume trading' });
    const resume = dialog.getByRole('button', { name: 'Resume' });
    expect(await resume.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: /Why/ }).fill('it was a test');
    await resume.click();
    await page.getByText('trades again').waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor({ state: 'detached' });
  });

  it('offers nothing to those who may not trade', async () => {
    const viewer = await under.open();
    const link = await under.invite(visit.page, 'looker');
    await welcome(viewer.page, link);
    await viewer.page.goto(`/orders?session=${SESSION}`);
    await viewer.page.getByRole('heading', { name: 'Positions', exact: true }).waitFor();
    for (const name of ['New order', 'Cancel all', 'Halt', 'Resume']) {
      expect(await viewer.page.getByRole('button', { name }).count(), name).toBe(0);
    }
    await viewer.context.close();
  });

  it.each([1360, 390])('can be used at %i px, and the header says in which zone its times are', async (width) => {
    const { page } = visit;
    await page.setViewportSize({ width, height: 844 });
    await open();
    const dialog = await asked(page, '1');
    await dialog.getByText('Share of equity').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect
      .poll(() =>
        page
          .getByText(/\d\d:\d\d:\d\d Europe\/Berlin/)
          .filter({ visible: true })
          .count(),
      )
      .toBe(1);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
    expect(visit.said).toEqual([]);
  });
});
