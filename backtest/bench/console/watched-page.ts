import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createUser } from '../../../infra/auth/accounts.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { systemClock } from '../../../infra/clock.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { ServedProcess } from '../../../trading/api/testing/served-process.ts';

const LOOK_MS = 500;
const PASSWORD = 'measured all the same';

/** Signs a new user in; returns the cookies, without anything that a browser keeps of the page. */
export async function signIn(
  browser: Browser,
  { service, database }: { readonly service: ServedProcess; readonly database: Database },
): Promise<Awaited<ReturnType<BrowserContext['storageState']>>> {
  const doing = { database, clock: systemClock, actor: SYSTEM };
  const name = `bench-${systemClock()}`;
  const { link } = await createUser(doing, { name, role: 'trader', sessions: null });
  const context = await browser.newContext({ baseURL: service.address });
  const page = await context.newPage();
  await page.goto(`/welcome#${link}`);
  const passwords = page.locator('input[type=password]');
  await passwords.first().fill(PASSWORD);
  await passwords.last().fill(PASSWORD);
  await page.getByRole('button', { name: 'Set it and sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Waits for the fills of `count` more orders; milliseconds since 1970 at which the row of each was in the page. */
export async function watchFills(page: Page, count: number): Promise<ReadonlyMap<number, number>> {
  await page.evaluate(`(() => {
    const rows = () => document.querySelectorAll('[role=table][aria-label=Fills] [aria-label^="Life of order"]');
    const numberOf = (row) => Number(row.getAttribute('aria-label').split(' ').at(-1));
    const known = new Set([...rows()].map(numberOf));
    window.fillsSeen = [];
    new MutationObserver(() => {
      const now = performance.timeOrigin + performance.now();
      for (const row of rows()) {
        const order = numberOf(row);
        if (known.has(order)) continue;
        known.add(order);
        window.fillsSeen.push([order, now]);
      }
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  })()`);
  // The page lets nobody make a function of a text: it is asked from outside.
  while ((await page.evaluate<number>('window.fillsSeen.length')) < count) await sleep(LOOK_MS);
  return new Map(await page.evaluate<[number, number][]>('window.fillsSeen'));
}
