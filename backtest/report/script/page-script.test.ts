import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../../../infra/testing/requirements.ts';
import type { LedgerEntry } from '../../../trading/session-result.ts';
import { seriousFaults } from '../../../trading/console/testing/serious-faults.ts';
import { amount } from '../../number-format.ts';
import { guardedReport } from '../../testing/guarded-report.ts';
import { reportBrowser } from '../../testing/report-browser.ts';
import { renderReport } from '../render-report.ts';

describeWith('chromium', 'the script of a report', () => {
  const input = guardedReport(600);
  const { ledger } = input.evaluation.session;
  let browser: Browser;
  let folder: string;
  let url: string;
  let page: Page;
  const said: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-script-'));
    const file = join(folder, 'report.html');
    writeFileSync(file, await renderReport(input));
    url = pathToFileURL(file).href;
    browser = await reportBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = async (options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> => {
    const opened = await browser.newPage({ viewport: { width: 1280, height: 900 }, offline: true, ...options });
    opened.on('console', (message) => said.push(message.text()));
    opened.on('pageerror', (error) => said.push(error.message));
    opened.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) said.push(request.url());
    });
    await opened.goto(url);
    return opened;
  };

  beforeEach(async () => {
    said.length = 0;
    page = await open();
  });

  afterEach(async () => {
    await page.close();
    expect(said).toEqual([]);
  });

  const table = (of = page): Locator => of.locator('.ledger table');
  const column = async (at: number): Promise<string[]> =>
    table().locator(`tbody tr > :nth-child(${at})`).allInnerTexts();
  const rows = async (of: Page): Promise<string[]> => table(of).locator('tbody tr').allInnerTexts();
  const filter = (name: string): Locator => page.locator('.ledger').getByLabel(name, { exact: true });
  const told = (): Locator => page.locator('.pages output');
  const range = (): Promise<number[]> =>
    page.evaluate<number[]>(
      `(({ dataset: { from, to } }) => [Number(from), Number(to)])(document.querySelector('.live-prices'))`,
    );
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();

  it('shows the very rows that stand there without it', async () => {
    const still = await open({ javaScriptEnabled: false });
    expect(await rows(page)).toEqual(await rows(still));
    expect(await still.locator('.tools:visible, .live-prices:visible').count()).toBe(0);
    expect(await still.locator('.still-prices svg:visible').count()).toBe(4);
    await still.close();
  });

  it('sorts by a column, both ways, over all pages', async () => {
    await press('Net profit');
    const profits = ledger.map(({ pnl }) => pnl).sort((a, b) => b - a);
    expect(await column(10)).toEqual(profits.slice(0, 25).map(amount));
    expect(await table().locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    await press('Net profit');
    expect(await column(10)).toEqual(profits.reverse().slice(0, 25).map(amount));
  });

  it('filters, and adds up what is left', async () => {
    const sumOf = (some: readonly LedgerEntry[]): string =>
      amount(some.reduce((sum, { pnl }) => sum + Number(pnl.toFixed(2)), 0));
    await filter('Symbol').selectOption('A<1>');
    await filter('Side').selectOption('short');
    const short = ledger.filter(({ symbol, side }) => symbol === 'A<1>' && side === 'short');
    expect(await told().innerText()).toContain(`of ${short.length} trades, together ${sumOf(short)}`);
    expect(new Set(await column(2))).toEqual(new Set(['A<1>']));
    await filter('Outcome').selectOption('won');
    const won = short.filter(({ pnl }) => pnl > 0);
    expect(await told().innerText()).toContain(`of ${won.length} trades, together ${sumOf(won)}`);
  });

  it('turns pages to the first trade and not beyond', async () => {
    const next = page.getByRole('button', { name: 'Next', exact: true });
    expect(await page.getByRole('button', { name: 'Previous', exact: true }).isDisabled()).toBe(true);
    for (let at = 25; at < ledger.length; at += 25) await next.click();
    expect(await next.isDisabled()).toBe(true);
    expect((await column(1)).at(-1)).toBe('1');
  });

  it('reads the candle that is pointed at, with the trade that begins there', async () => {
    const frame = page.locator('.frame');
    await frame.focus();
    await page.keyboard.press('0');
    await page.keyboard.press('Home');
    await page.keyboard.press('n');
    const { bars } = input.analysis;
    const symbol = await page.locator('.live-prices select').inputValue();
    const columns = bars.find((one) => one.symbol === symbol)!;
    const first = ledger.find((trade) => trade.symbol === symbol)!;
    const at = columns.openTimeMs.indexOf(first.entryTimeMs);
    expect(at).toBeGreaterThan(0);
    const prices = `open ${amount(columns.open[at]!)}, high ${amount(columns.high[at]!)}, low ${amount(columns.low[at]!)}, close ${amount(columns.close[at]!)}`;
    const read = page.locator('.readout');
    await expect.poll(() => read.innerText()).toContain(prices);
    expect(await read.innerText()).toMatch(new RegExp(`; ${first.side} |trades begin or end here`));
    // The pointer reads likewise.
    const box = (await frame.boundingBox())!;
    await page.mouse.move(box.x + box.width / 3, box.y + 100);
    await expect.poll(() => read.innerText()).not.toContain(prices);
    expect(await read.innerText()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d.*: open /);
  });

  it('zooms and moves by buttons, keys and pointer, and stays within the record', async () => {
    const frame = page.locator('.frame');
    await press('All');
    await expect.poll(range).toEqual([0, 600]);
    await press('Zoom in');
    await expect.poll(range).toEqual([150, 450]);
    await press('Earlier');
    await expect.poll(range).toEqual([0, 300]);
    await press('Earlier');
    await expect.poll(range).toEqual([0, 300]);
    await frame.focus();
    await page.keyboard.press('PageDown');
    await expect.poll(range).toEqual([150, 450]);
    await page.keyboard.press('-');
    await expect.poll(range).toEqual([0, 600]);
    await page.keyboard.press('+');
    const box = (await frame.boundingBox())!;
    await page.mouse.move(box.x + 500, box.y + 150);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 150, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await range())[0]).toBeGreaterThan(150);
    const [from, to] = await range();
    expect(to! - from!).toBe(300);
    await page.keyboard.press('0');
    await expect.poll(range).toEqual([0, 600]);
  });

  it('draws stops and targets, and each symbol when it is chosen', async () => {
    const drawing = page.locator('.frame > svg');
    expect(await drawing.locator('line.stop').count()).toBeGreaterThan(0);
    expect(await drawing.locator('line.target').count()).toBeGreaterThan(0);
    const before = await drawing.getAttribute('aria-label');
    await page.locator('.live-prices select').selectOption({ index: 1 });
    await expect.poll(() => drawing.getAttribute('aria-label')).not.toBe(before);
    expect(await drawing.getAttribute('aria-label')).toMatch(/^\S+: \d+ bars, \d{4}-/);
  });

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('keeps nobody from the page at %i px in %s', async (width, colorScheme) => {
    const looked = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    await looked.goto(url);
    expect(await seriousFaults(looked)).toEqual([]);
    await looked.close();
  });
});
