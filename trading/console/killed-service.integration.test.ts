import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ServedProcess } from '../api/testing/served-process.ts';
import { goOnTrading, launchChromium, visit, welcome, type Visit } from './testing/console-under-test.ts';

const SESSION = 'goes-on';

// What programs on the socket have of such a service: `../api/killed-service.integration.test.ts`.
describeWith('chromium', 'a page whose service is killed while its session trades', () => {
  const ending = new AbortController();
  let database: TestDatabase;
  let trading: Promise<unknown>;
  let service: ServedProcess;
  let browser: Browser;
  let visiting: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    trading = goOnTrading(database, { id: SESSION }, ending.signal).catch(() => undefined);
    service = await ServedProcess.start(database.url);
    browser = await launchChromium();
    // So high that every row is drawn.
    visiting = await visit(browser, service.address, { viewport: { width: 1360, height: 9_000 } });
    await welcome(visiting.page, service.welcome!);
  });
  afterAll(async () => {
    ending.abort(new Error('the test is over'));
    await browser?.close();
    await service?.stop();
    await trading;
    await database.drop();
  });

  const fills = async (): Promise<string[]> => {
    const { rows } = await database.pool.query<{ order: string }>(
      'SELECT sequence::text AS "order" FROM fills WHERE session_id = $1 ORDER BY record DESC',
      [SESSION],
    );
    return rows.map(({ order }) => order);
  };
  const hasMoreThan = async (count: number): Promise<void> => {
    await expect.poll(async () => (await fills()).length).toBeGreaterThan(count);
  };
  const isLive = (): Promise<void> => visiting.page.getByRole('status').getByText('Live', { exact: true }).waitFor();

  it('goes on by itself, with every fill of the session once', async () => {
    const { page } = visiting;
    await hasMoreThan(0);
    await page.goto(`/orders?session=${SESSION}`);
    await page.getByRole('tab', { name: 'Fills' }).click();
    await isLive();
    const { port } = service;
    await service.kill();
    await page
      .getByRole('status')
      .getByText(/No connection for/)
      .waitFor();
    // It trades on while nobody can be asked.
    await hasMoreThan((await fills()).length + 1);
    service = await ServedProcess.start(database.url, port);
    await isLive();
    // And after it: what is told from here on stands beside what was missed.
    await hasMoreThan((await fills()).length + 1);
    ending.abort(new Error('it has traded enough'));
    await trading;
    const shown = page.getByRole('table', { name: 'Fills' }).getByRole('button', { name: /^Life of order/ });
    await expect.poll(() => shown.allInnerTexts()).toEqual(await fills());
  });
});
