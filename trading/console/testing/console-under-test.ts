import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { loadConfig } from '../../../infra/config.ts';
import { findChromium } from '../../../infra/installed.ts';
import { PATIENCE_MS } from '../../../infra/testing/patience.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { findFreePort } from '../../../infra/postgres/embedded/free-port.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { serviceRoutes, serviceWorkers } from '../../../service.ts';
import { serveCommand } from '../../api/serve-command.ts';
import { runPaper } from '../../sessions/paper-command.ts';
import { randomWalkBars } from '../../testing/random-walk-bars.ts';
import { childSession } from '../../testing/streaming-session-child.ts';

const ARGUMENTS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const BUILT = new URL('../dist/index.html', import.meta.url);
export const PASSWORD = 'a sentence of ours';
const SYMBOLS = ['AAA', 'BBB'];

/** A browser before a real service, which shows real paper sessions. */
export class ConsoleUnderTest {
  readonly address: string;
  /** Where the administrator chooses a password. */
  readonly welcome: string;
  readonly browser: Browser;
  readonly #ending: AbortController;
  readonly #running: readonly Promise<unknown>[];

  private constructor(
    { address, welcome }: { address: string; welcome: string },
    { browser, ending, running }: { browser: Browser; ending: AbortController; running: readonly Promise<unknown>[] },
  ) {
    this.address = address;
    this.welcome = welcome;
    this.browser = browser;
    this.#ending = ending;
    this.#running = running;
  }

  /** @param env what the service finds in its environment beside the database; `own`: what the session differs in */
  static async begin(
    database: Database,
    session: string,
    { env = {}, own = {} }: { readonly env?: NodeJS.ProcessEnv; readonly own?: Partial<typeof childSession> } = {},
  ): Promise<ConsoleUnderTest> {
    if (!existsSync(BUILT)) throw new Error(`The console is not built: node setup.mjs makes ${fileURLToPath(BUILT)}.`);
    const ending = new AbortController();
    const trading = goOnTrading(database, { id: session, own }, ending.signal);
    const port = portOf(env) ?? String(await findFreePort());
    let serving: Promise<unknown> = Promise.resolve();
    const announced = new Promise<{ address: string; welcome: string }>((resolve, reject) => {
      const context = databaseContext(database, {
        signal: ending.signal,
        env: { SIGNALBOX_LOG: 'silent', ...env },
        announce: (_words, value) => resolve(value as { address: string; welcome: string }),
      });
      serving = serveCommand(context, { host: '127.0.0.1', port }, { serviceRoutes, serviceWorkers });
      serving.catch(reject);
    });
    const browser = await launchChromium();
    return new ConsoleUnderTest(await announced, { browser, ending, running: [trading, serving] });
  }

  /** A browser of its own, which notes what its console says. */
  async open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
    return visit(this.browser, this.address, options);
  }

  /** Signs the administrator in, as the first start of a service has it. */
  async welcomeAdministrator(page: Page): Promise<void> {
    await welcome(page, this.welcome);
  }

  /** Adds a viewer; returns the link by which they choose a password. `page` is the administrator's. */
  async invite(page: Page, name: string): Promise<string> {
    await page.goto('/users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    await page.getByRole('textbox', { name: /Name/ }).fill(name);
    await page.getByRole('dialog').getByRole('button', { name: 'Add the user' }).click();
    return page.getByRole('dialog').locator('pre').innerText();
  }

  async end(): Promise<void> {
    await this.browser.close();
    this.#ending.abort(new Error('the test is over'));
    await Promise.allSettled(this.#running);
  }
}

/** The system's browser, without a window. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium(loadConfig().programPath)!, args: ARGUMENTS });

/** A browser of its own before a service, which notes what its console says. */
export async function visit(
  browser: Browser,
  address: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // A toast that fades in is not yet what a reader sees of it.
    reducedMotion: 'reduce',
    ...options,
    baseURL: address,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) =>
    message.type() === 'error' || message.type() === 'warning' ? said.push(message.text()) : 0,
  );
  page.on('pageerror', (error) => said.push(error.message));
  return { page, context, said };
}

/** Follows a one-time link, chooses a password there, and waits for the first screen. */
export async function welcome(page: Page, link: string): Promise<void> {
  await page.goto(link);
  const passwords = page.locator('input[type=password]');
  await passwords.first().fill(PASSWORD);
  await passwords.last().fill(PASSWORD);
  await page.getByRole('button', { name: 'Set it and sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the page. */
  readonly said: string[];
}

/** The port of the address by which the service is to be reached, where it is to be one. */
function portOf({ SIGNALBOX_PUBLIC_URL: address }: NodeJS.ProcessEnv): string | undefined {
  return address === undefined ? undefined : new URL(address).port;
}

/**
 * A paper session that trades four bars a second for as long as a suite may take. Orders from outside find room: it has
 * no protection, beside which they are market orders alone, and stays below its limits.
 */
export async function goOnTrading(
  database: Database,
  { id, own = {} }: { readonly id: string; readonly own?: Partial<typeof childSession> },
  signal: AbortSignal,
): Promise<unknown> {
  const context = databaseContext(database, { signal });
  const { protection: _none, ...rest } = childSession;
  const options = { ...rest, ...own, sizing: { kind: 'fraction-of-equity', fraction: 0.2 } as const };
  const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, 20_000, { seed: 5, sigma: 0.01 }));
  const session = { id, kind: 'paper' as const, symbols: SYMBOLS, capital: childSession.capital, definition: {} };
  return runPaper(context, { speed: '240', feed: 'replay', session: id }, () =>
    Promise.resolve({ options, bars, session }),
  );
}
