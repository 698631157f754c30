import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ConsoleUnderTest, type Visit } from './testing/console-under-test.ts';
import { faultsInEveryLook, seriousFaults } from './testing/serious-faults.ts';

const home = mkdtempSync(join(tmpdir(), 'signalbox-console-runs-'));
const reports = join(home, 'reports');

describeWith('chromium', 'backtests in the console', () => {
  let database: TestDatabase;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    under = await ConsoleUnderTest.begin(database, 'walking', { env: { SIGNALBOX_HOME: home } });
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await under?.end();
    await database.drop();
    rmSync(home, { recursive: true, force: true });
  });

  const open = async (path: string): Promise<Page> => {
    const { page } = visit;
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };

  const start = async (page: Page, fields: { readonly command?: string; readonly first?: string }): Promise<void> => {
    await page.getByRole('button', { name: 'Start a backtest' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Experiment' }).fill('spx-trend');
    await page.getByRole('option', { name: /^spx-trend/ }).click();
    if (fields.command !== undefined) await dialog.getByText(fields.command, { exact: true }).click();
    if (fields.first !== undefined) await dialog.getByLabel('First day').fill(fields.first);
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Start it' }).click();
    await dialog.waitFor({ state: 'detached' });
  };

  const kept = (): string[] => readdirSync(reports).sort();

  it('starts a backtest, tells how far it is, and leads to its run', async () => {
    const page = await open('/backtests');
    await page.getByText('No run is kept yet').waitFor();
    await start(page, {});
    await page.getByText('Backtest of spx-trend').waitFor();
    await page.getByRole('link', { name: 'Open the run' }).click();
    const [run] = kept();
    await page.getByRole('heading', { level: 1, name: run! }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/backtests/${run}`);
    await page.getByText('Total return').first().waitFor();
    // What it is worth stands above what it made.
    const words = await page.getByRole('main').innerText();
    expect(words.indexOf('Deflated Sharpe, in excess')).toBeLessThan(words.indexOf('Total return'));
    expect(words).toMatch(/evidence|weak/);
  });

  it('draws equity and drawdown beside the benchmark, months, trades and the report', async () => {
    const [run] = kept();
    const page = await open(`/backtests/${run}`);
    await page.locator('.curves canvas').nth(1).waitFor();
    expect(await page.locator('.curves').first().getByText('Buy and hold').count()).toBe(1);
    await page.getByRole('region', { name: 'Returns by month' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Trades' }).click();
    const trades = page.getByRole('table', { name: 'Trades' });
    const { ledger } = JSON.parse(readFileSync(join(reports, run!, 'result.json'), 'utf8')) as { ledger: unknown[] };
    expect(await trades.getAttribute('aria-rowcount')).toBe(String(ledger.length + 1));
    await trades.getByRole('row').nth(1).click();
    await page.getByRole('button', { name: 'All of it' }).click();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Parameters' }).waitFor();
    await page.getByRole('tab', { name: 'Report' }).click();
    const report = page.frameLocator('iframe[title^="Report of"]');
    await report.getByRole('heading', { level: 1 }).waitFor();
    // Its script runs there, and it alone.
    await report.getByRole('button', { name: 'Net profit' }).waitFor();
    const frame = await page.request.get(`/api/v1/reports/${run}`);
    expect(frame.headers()).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-frame-options': 'SAMEORIGIN',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; script-src 'sha256-[\w+/]{43}=';.*; sandbox allow-scripts$/,
      ) as string,
    });
    expect(visit.said).toEqual([]);
  });

  it('compares runs by what differs, over one chart', async () => {
    const page = await open('/backtests');
    await start(page, { first: '2010-01-04' });
    const before = kept().length;
    await expect.poll(() => kept().length).toBeGreaterThan(before);
    const ids = kept();
    await page.getByRole('checkbox', { name: `Compare ${ids[0]}` }).check();
    await page.getByRole('checkbox', { name: `Compare ${ids[1]}` }).check();
    await page.getByRole('button', { name: 'Compare 2', exact: true }).click();
    const table = page.getByRole('table', { name: 'Differences' });
    await table.getByText('From', { exact: true }).waitFor();
    // Both have the same parameters and costs.
    expect(await table.getByText('Parameters', { exact: true }).count()).toBe(0);
    await page.getByText('test of superior predictive ability').waitFor();
    await page.locator('.curves canvas').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('cancels one that waits or runs', async () => {
    const page = await open('/backtests');
    await start(page, { command: 'Walk forward' });
    await page.getByRole('button', { name: 'Cancel: Walk-forward of spx-trend' }).click();
    await page.getByText(/^canceled/).waitFor();
  });

  it('lists a thousand runs, filters them, and draws those alone that are seen', async () => {
    const [first] = kept();
    for (let number = 0; number < 1_000; number++) {
      const folder = join(reports, `copy-${number}`);
      cpSync(join(reports, first!), folder, { recursive: true });
      utimesSync(join(folder, 'result.json'), 1_600_000_000 + number, 1_600_000_000 + number);
    }
    const page = await open('/backtests');
    await page.getByRole('status').getByText(`${kept().length} runs`).waitFor();
    expect(await page.getByRole('table', { name: 'Runs' }).getByRole('row').count()).toBeLessThan(80);
    await page.getByRole('textbox', { name: 'Experiment or run' }).fill('copy-777');
    await page.getByRole('status').getByText('1 run', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Experiment or run' }).fill('');
    await page.getByLabel('to', { exact: true }).fill('2020-12-31');
    await page.getByRole('status').getByText('1000 runs').waitFor();
  });

  it('draws a hundred thousand marks', async () => {
    const [, second] = kept();
    const folder = join(reports, 'long');
    cpSync(join(reports, second!), folder, { recursive: true });
    const path = join(folder, 'result.json');
    const document = JSON.parse(readFileSync(path, 'utf8')) as { equity: unknown[] };
    document.equity = Array.from({ length: 100_000 }, (_, at) => [
      new Date(946_684_800_000 + at * 60_000).toISOString(),
      100_000 * (1 + 0.1 * Math.sin(at / 5_000)),
    ]);
    writeFileSync(path, JSON.stringify(document));
    const page = await open('/backtests/long');
    await page.locator('.curves canvas').nth(1).waitFor();
    const chart = (await (await page.request.get('/api/v1/runs/long/chart')).json()) as Record<string, unknown>;
    expect(chart).toMatchObject({ marks: 100_000, buyAndHold: null });
    expect((chart['timeMs'] as number[]).length).toBe(100_000);
    await page.getByText('Its benchmark was not kept').waitFor();
  });

  it('can be used by everybody, in every look', async () => {
    const { page } = visit;
    const [one, two] = kept().filter((id) => !/^(copy|long)/.test(id));
    for (const path of ['/backtests', `/backtests/${one}`, `/backtests/compare?ids=${one},${two}`]) {
      await open(path);
      await expect.poll(() => page.getByText('Loading').count()).toBe(0);
      if (path !== '/backtests') await page.locator('.curves canvas').first().waitFor();
      expect(await faultsInEveryLook(page), path).toEqual([]);
    }
    expect(visit.said).toEqual([]);
  });
});
