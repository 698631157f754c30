import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { storeColumns } from '../api/testing/stored-bars.ts';
import { openSession } from '../sessions/session-store.ts';
import { randomWalkBars } from '../testing/random-walk-bars.ts';
import { ConsoleUnderTest, type Visit } from './testing/console-under-test.ts';
import { seriousFaults } from './testing/serious-faults.ts';

const STORED = { timeframe: '1m', calendar: 'crypto' } as const;
const long = randomWalkBars('LONG', 100_000, { seed: 9 });

describeWith('chromium', 'charts of the console', () => {
  let database: TestDatabase;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    // The bars that the session trades.
    for (const symbol of ['AAA', 'BBB']) {
      await storeColumns(database, randomWalkBars(symbol, 20_000, { seed: 5, sigma: 0.01 }), STORED);
    }
    await storeColumns(database, long, STORED);
    under = await ConsoleUnderTest.begin(database, 'walking');
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await under?.end();
    await database.drop();
  });

  const open = async (path: string): Promise<Page> => {
    const { page } = visit;
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  const get = async <Answer>(path: string): Promise<Answer> =>
    (await (await visit.context.request.get(path)).json()) as Answer;
  /** Whether a canvas shows more than its ground. */
  const isPainted = (canvas: Locator): Promise<boolean> =>
    canvas.evaluate((one) => {
      const { width, height, getContext } = one as unknown as Canvas;
      if (width === 0 || height === 0) return false;
      const { data } = getContext.call(one, '2d').getImageData(0, 0, width, height);
      return new Set(new Uint32Array(data.buffer)).size > 3;
    });

  it('draws equity beside buy and hold, with the numbers of the service in a table', async () => {
    const page = await open('/?session=walking');
    const panel = page.getByRole('region', { name: 'Equity of walking' });
    const figure = panel.getByRole('figure', { name: 'Equity and buy and hold, USD' });
    await expect.poll(() => isPainted(figure.locator('canvas').first())).toBe(true);
    await figure.getByText('Buy and hold').waitFor();
    await figure.getByRole('button', { name: 'Table' }).click();
    const rows = figure.getByRole('table').getByRole('row');
    await expect.poll(() => rows.count()).toBeGreaterThan(2);
    const curve = await get<{ time: number[]; equity: number[]; benchmark: number[] }>(
      '/api/v1/sessions/walking/equity?points=800',
    );
    const first = curve.time.length - 1;
    const cells = await rows.last().getByRole('cell').allInnerTexts();
    const at = curve.time.findIndex((timeMs) => cells[0]!.includes(clockIn('Europe/Berlin', timeMs)));
    expect(at).toBeGreaterThanOrEqual(0);
    expect(at).toBeLessThanOrEqual(first);
    expect(cells.slice(1)).toEqual([money(curve.equity[at]!), money(curve.benchmark[at]!)]);
  });

  it('never adds up what is in two currencies', async () => {
    const euros = randomWalkBars('EEE', 100, { seed: 1 });
    await storeColumns(database, euros, { ...STORED, currency: 'EUR' });
    await openSession(database.pool, { id: 'abroad', kind: 'paper', symbols: ['EEE'], capital: 5_000, definition: {} });
    const page = await open('/');
    const row = page.getByRole('table', { name: 'Sessions' }).getByRole('row').filter({ hasText: 'abroad' });
    await row.getByText('EUR').waitFor();
    const other = page.getByRole('table', { name: 'Sessions' }).getByRole('row').filter({ hasText: 'walking' });
    await other.getByText('USD').waitFor();
  });

  it('draws the bars that a session has come to, its marks and features, and goes on with it', async () => {
    const page = await open('/market?session=walking&symbol=AAA');
    const chart = page.getByRole('region', { name: 'AAA, 1m' });
    await chart.getByRole('application', { name: /^Candles of AAA, 1m/ }).waitFor();
    await expect.poll(() => isPainted(chart.locator('canvas').first())).toBe(true);
    const loaded = chart.getByText(/bars loaded/);
    const count = async (): Promise<number> => Number((await loaded.innerText()).replaceAll(/\D/g, ''));
    const before = await count();
    await expect.poll(count).toBeGreaterThan(before);
    await page.getByRole('switch', { name: 'Table' }).click();
    const table = chart.getByRole('table', { name: 'Bars of AAA, 1m' });
    await table.getByText('SMA(2) crossed above SMA(5)').first().waitFor();
    // It bought among its first bars, which stand at the end.
    const scrolled = chart.getByRole('region', { name: 'Bars of AAA, 1m' });
    await expect
      .poll(async () => {
        await scrolled.evaluate('(one) => one.scrollTo(0, one.scrollHeight)');
        return table.getByText(/Entry: buy \d+ at/).count();
      })
      .toBeGreaterThan(0);
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('says in the table what the routes say, in the zone of the user', async () => {
    const page = await open('/market?symbol=LONG&timeframe=5m');
    await page.getByRole('switch', { name: 'Table' }).click();
    const table = page.getByRole('table', { name: 'Bars of LONG, 5m' });
    const row = table.getByRole('row').nth(1);
    await row.waitFor();
    const bars = await get<{ time: number[]; close: number[] }>(
      '/api/v1/historical/LONG?timeframe=5m&last=true&limit=1',
    );
    const indicators = await get<{ values: Record<string, number[]> }>(
      '/api/v1/indicators/LONG?timeframe=5m&last=true&limit=1&features=rsi(14)',
    );
    const cells = await row.getByRole('cell').allInnerTexts();
    expect(cells[0]).toContain(clockIn('Europe/Berlin', bars.time[0]!));
    expect(Number(cells[4])).toBeCloseTo(bars.close[0]!, 4);
    await expect
      .poll(async () => row.getByRole('cell').allInnerTexts())
      .toContain(exact(indicators.values['rsi(14)']![0]!));
  });

  it('loads older bars when it is scrolled to them, all hundred thousand', async () => {
    const page = await open('/market?symbol=LONG&timeframe=1m');
    const chart = page.getByRole('region', { name: 'LONG, 1m' });
    const candles = chart.getByRole('application');
    await chart.getByText('5,000 bars loaded').waitFor();
    await candles.focus();
    // Everything is shown: what lies before comes until there is nothing.
    await expect
      .poll(async () => {
        await page.keyboard.press('Home');
        return chart.getByText(/bars loaded/).innerText();
      })
      .toBe('100,000 bars loaded');
    await page.keyboard.press('End');
    await expect.poll(() => isPainted(chart.locator('canvas').first())).toBe(true);
    expect(visit.said).toEqual([]);
  });

  it('shows bars that came since without anybody asking', async () => {
    const page = await open('/market?symbol=EEE');
    const chart = page.getByRole('region', { name: 'EEE, 1m' });
    await chart.getByText('100 bars loaded').waitFor();
    await storeColumns(database, randomWalkBars('EEE', 103, { seed: 1 }), { ...STORED, currency: 'EUR' });
    await chart.getByText('103 bars loaded').waitFor();
  });

  it('draws two timeframes under each other, and refuses a feature by its name', async () => {
    const page = await open('/market?symbol=AAA&beside=15m&session=walking');
    await page.getByRole('region', { name: 'AAA, 15m' }).waitFor();
    await page.getByRole('combobox', { name: 'Features' }).fill('rsy(14)');
    await page.keyboard.press('Enter');
    // Beside it others may tell what the session does.
    const refused = page.getByRole('region', { name: 'AAA, 15m' }).getByRole('alert');
    await refused.waitFor();
    expect(await refused.innerText()).toContain('rsi');
    // The browser notes by itself that it was refused.
    expect(visit.said.splice(0).every((words) => words.includes('status of 422'))).toBe(true);
  });

  it('draws the boards that Grafana gets, with the numbers of the session', async () => {
    const page = await open('/boards?session=walking');
    const positions = page.getByRole('region', { name: 'Orders', exact: true });
    // Its market is of the past: nobody has to say so.
    await expect.poll(() => page.getByRole('combobox', { name: 'Ends' }).inputValue()).toBe('at the last bar');
    await page.getByText('A replay reads the store and keeps none').waitFor();
    await positions.getByRole('table').getByText('walking').first().waitFor();
    const line = page.getByRole('figure', { name: 'Equity over time' });
    await expect.poll(() => isPainted(line.locator('canvas').first())).toBe(true);
    await page
      .getByRole('region', { name: 'Maker ratio' })
      .getByText(/^\d+\.\d\d%$/)
      .waitFor();
    await page.getByText('No Prometheus is set up for the console').first().waitFor();
    await page.getByText('Research', { exact: true }).click();
    await page.getByRole('heading', { name: 'Trials', exact: true, level: 2 }).waitFor();
  });
});

/** What is asked of a canvas of the page. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly getContext: (kind: '2d') => {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}

const money = (value: number): string =>
  new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
const exact = (value: number): string => new Intl.NumberFormat('en-GB', { maximumFractionDigits: 4 }).format(value);

function clockIn(timeZone: string, timeMs: number): string {
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone } as const;
  return new Intl.DateTimeFormat('en-GB', time).format(timeMs);
}
