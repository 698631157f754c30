import type { Browser, BrowserContext, Page } from 'playwright-core';
import { SignalboxError } from '../../../infra/errors.ts';
import { loadConfig } from '../../../infra/config.ts';
import { findChromium } from '../../../infra/installed.ts';
import { preciseClock } from '../../../infra/clock.ts';
import { ChangeFeed } from '../../../infra/postgres/change-feed.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { readFills } from '../../../trading/journal/journal-store.ts';
import type { ServedProcess } from '../../../trading/api/testing/served-process.ts';
import type { BenchContext } from '../benchmark.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';
import { manySessions, tradeOn } from './many-sessions.ts';
import { quantilesOf } from './quantiles.ts';
import { signIn, watchFills } from './watched-page.ts';

const LIVE = 'bench-live';
/** Minutes of the market in a second: a fill four times. */
const SPEED = '240';
const FILLS = 120;
const LOADS = 7;

export interface ConsoleBenchOptions extends Pick<BenchContext, 'database' | 'note'> {
  readonly sessions?: number;
  readonly orders?: number;
}

/**
 * The console in Chromium over a service in a process of its own, with 200 sessions and 100,000 orders in the database:
 * first paint with nothing in the browser's cache, each screen, search and palette, and the time from the commit of a
 * fill until its row stands in the page. @throws SignalboxError without Chromium, or where the page has errors
 */
export async function benchConsole({
  database,
  note,
  sessions = 200,
  orders = 100_000,
}: ConsoleBenchOptions): Promise<BenchmarkResult[]> {
  const executablePath = findChromium(loadConfig().programPath);
  if (executablePath === null) {
    throw new SignalboxError('There is no Chromium here.', { remedy: 'Install one: apt-get install chromium.' });
  }
  const opened = await database();
  await manySessions(opened, { sessions, orders, note });
  const ending = new AbortController();
  const trading = tradeOn(opened, LIVE, { speed: SPEED, signal: ending.signal });
  // What ends it is thrown at the end, where it is waited for.
  trading.catch(() => undefined);
  // Parts for tests: no part of what is installed for use.
  const { ServedProcess: Served } = await import('../../../trading/api/testing/served-process.ts');
  const { chromium } = await import('playwright-core');
  const service = await Served.start(opened.url);
  const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
  try {
    const said: string[] = [];
    const signedIn = await signIn(browser, { service, database: opened });
    const work = `${sessions} sessions, ${orders} orders`;
    const results = [
      ...(await loads(browser, { service, signedIn, said, work })),
      ...(await steps(browser, { service, signedIn, said, work })),
      await updates(browser, { service, signedIn, said, work }, opened),
    ];
    if (said.length > 0) throw new SignalboxError(`The page says: ${said.slice(0, 5).join('; ')}`);
    return results;
  } finally {
    await browser.close();
    await service.stop();
    ending.abort(new Error('the benchmark is over'));
    await trading;
  }
}

type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>;
interface Measuring {
  readonly service: ServedProcess;
  readonly signedIn: SignedIn;
  /** Errors and warnings of the page. */
  readonly said: string[];
  readonly work: string;
}

/** A browser that has seen nothing of the console but a sign-in. */
async function openPage(browser: Browser, { service, signedIn, said }: Measuring): Promise<Page> {
  const context = await browser.newContext({
    baseURL: service.address,
    storageState: signedIn,
    viewport: { width: 1360, height: 900 },
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(error.message));
  return page;
}

function resultOf(name: string, work: string, ms: readonly number[]): BenchmarkResult {
  const checks = quantilesOf(ms);
  return { name, work, seconds: checks.p50Ms / 1_000, runs: ms.length, rate: checks.p99Ms, unit: 'ms p99', checks };
}

async function loads(browser: Browser, measuring: Measuring): Promise<BenchmarkResult[]> {
  const paints: number[] = [];
  const whole: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    const page = await openPage(browser, measuring);
    await page.goto('/');
    await page.getByRole('table', { name: 'Sessions' }).getByRole('row').nth(5).waitFor();
    whole.push(await page.evaluate<number>('performance.now()'));
    paints.push(await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
    await page.context().close();
  }
  const { work } = measuring;
  return [
    resultOf('console, first paint', `${work}: overview, nothing in the cache`, paints),
    resultOf('console, overview', `${work}: until its sessions stand there, nothing in the cache`, whole),
  ];
}

/** Milliseconds until `act` has led to what `seen` waits for. */
async function timed(act: () => Promise<unknown>, seen: () => Promise<unknown>): Promise<number> {
  const beganMs = preciseClock();
  await act();
  await seen();
  return preciseClock() - beganMs;
}

async function steps(browser: Browser, measuring: Measuring): Promise<BenchmarkResult[]> {
  const page = await openPage(browser, measuring);
  const took = { orders: [] as number[], older: [] as number[], search: [] as number[], palette: [] as number[] };
  const table = page.getByRole('table', { name: 'Orders' });
  for (let at = 0; at < LOADS; at++) {
    const session = `bench-${String(at).padStart(3, '0')}`;
    await page.goto('/');
    await page.getByRole('table', { name: 'Sessions' }).getByRole('row').nth(5).waitFor();
    await page.keyboard.press('Control+k');
    const find = page.getByRole('combobox', { name: 'Command' });
    await find.waitFor();
    const option = page.getByRole('option', { name: session });
    took.palette.push(
      await timed(
        () => find.fill(session),
        () => option.first().waitFor(),
      ),
    );
    await page.keyboard.press('Enter');
    const link = page.getByRole('link', { name: 'Positions and orders' });
    const newest = table.getByRole('row').nth(3);
    took.orders.push(
      await timed(
        () => link.click(),
        () => newest.waitFor(),
      ),
    );
    const region = page.getByRole('region', { name: 'Orders' });
    const older = table.getByRole('button', { name: 'Life of order 290', exact: true });
    const scroll = () => region.evaluate((list: { scrollTop: number }) => void (list.scrollTop = 36 * 205));
    took.older.push(await timed(scroll, () => older.waitFor()));
    await region.evaluate((list: { scrollTop: number }) => void (list.scrollTop = 0));
    const filled = page.getByText('Filled', { exact: true }).last();
    const none = page.getByText('Loading', { exact: true });
    took.search.push(
      await timed(
        () => filled.click(),
        async () => {
          await none.waitFor({ state: 'detached' });
          await newest.waitFor();
        },
      ),
    );
  }
  await page.context().close();
  const { work } = measuring;
  return [
    resultOf('console, palette', `${work}: letters typed, session found`, took.palette),
    resultOf('console, orders', `${work}: positions and orders of another session`, took.orders),
    resultOf('console, older orders', `${work}: the page after the first 200`, took.older),
    resultOf('console, search', `${work}: orders of one state`, took.search),
  ];
}

/** From the commit of each fill, as the database tells of it, until its row stands in the page. */
async function updates(browser: Browser, measuring: Measuring, database: Database): Promise<BenchmarkResult> {
  const page = await openPage(browser, measuring);
  await page.goto(`/orders?session=${LIVE}`);
  await page.getByRole('tab', { name: 'Fills' }).click();
  await page.getByRole('table', { name: 'Fills' }).getByRole('row').nth(1).waitFor();
  await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
  const committedMs = new Map<number, number>();
  const feed = new ChangeFeed(database.url, (change) => {
    if (change === 'all' || change.channel !== 'fills' || change.session !== LIVE) return;
    const atMs = preciseClock();
    void readFills(database.pool, LIVE, { limit: 1 }).then(([fill]) => {
      if (fill !== undefined && !committedMs.has(fill.sequence)) committedMs.set(fill.sequence, atMs);
    });
  });
  const seenMs = await watchFills(page, FILLS);
  await feed.close();
  const took = [...seenMs].flatMap(([order, atMs]) => {
    const sinceMs = committedMs.get(order);
    return sinceMs === undefined ? [] : [atMs - sinceMs];
  });
  if (took.length < FILLS / 2) throw new Error(`Of ${FILLS} fills the commits of ${took.length} are known.`);
  await page.context().close();
  return resultOf(
    'console, fill to page',
    `${measuring.work}: commit of a fill until its row stands in the page`,
    took,
  );
}
