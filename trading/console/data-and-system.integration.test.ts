import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createQueueFactory } from '../../infra/redis/queue.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ingestCommand } from '../../pipelines/commands/command-actions.ts';
import { ConsoleUnderTest, type Visit } from './testing/console-under-test.ts';
import { faultsInEveryLook, seriousFaults } from './testing/serious-faults.ts';

const QUEUE = 'signalbox-folds';
const folder = mkdtempSync(join(tmpdir(), 'signalbox-console-data-'));

/** Daily bars of January 2024 but for those of the 10th and 11th. */
function barsText(): string {
  const days = [2, 3, 4, 5, 8, 9, 12, 16, 17, 18, 19, 22, 23, 24, 25, 26, 29, 30, 31];
  const rows = days.map((day) => `2024-01-${String(day).padStart(2, '0')},${day},${day + 1},${day - 1},${day},100`);
  return ['time,open,high,low,close,volume', ...rows].join('\n');
}

describeWith('chromium', 'the screens of data and of the system', () => {
  let database: TestDatabase;
  let under: ConsoleUnderTest;
  let visit: Visit;

  beforeAll(async () => {
    database = await createTestDatabase();
    const path = join(folder, 'AAA.csv');
    writeFileSync(path, barsText());
    await ingestCommand(databaseContext(database), { vendor: 'csv', path, calendar: 'us-equities' });
    under = await ConsoleUnderTest.begin(database, 'walking');
    visit = await under.open();
    await under.welcomeAdministrator(visit.page);
  });
  afterAll(async () => {
    await under?.end();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const open = async (path: string): Promise<Page> => {
    const { page } = visit;
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.getByText('Loading').count()).toBe(0);
    return page;
  };

  it('shows how much there is of a series, where its gaps are and what the checks find', async () => {
    const page = await open('/data');
    const row = page.getByRole('table', { name: 'Series' }).getByRole('row').filter({ hasText: 'AAA' });
    await row.getByText('90.5%').waitFor();
    await row.getByRole('button', { name: 'AAA 1d' }).click();
    const months = page.getByRole('table', { name: 'Bars by month' });
    await months.getByText('90', { exact: true }).waitFor();
    await page.getByRole('table', { name: 'Findings' }).getByText('2 bars are missing').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('takes a file, shows how far it is, and what came of it', async () => {
    const page = await open('/data');
    await page.getByRole('tab', { name: 'Ingest' }).click();
    await page.getByText('A CSV file', { exact: true }).click();
    const file = { name: 'BBB.csv', mimeType: 'text/csv', buffer: Buffer.from(barsText()) };
    await page.locator('input[type=file]').setInputFiles(file);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Ingest', exact: true }).click();
    const job = page.getByRole('dialog', { name: 'Ingest' });
    await job.getByText('done', { exact: true }).waitFor();
    await job.getByText('19 bars written').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('table', { name: 'Ingests' }).getByRole('row').filter({ hasText: 'BBB.csv' }).waitFor();
    await page.getByRole('tab', { name: 'Coverage' }).click();
    await page.getByRole('table', { name: 'Series' }).getByRole('button', { name: 'BBB 1d' }).waitFor();
  });

  it('lists every feature that may be written', async () => {
    const page = await open('/data');
    await page.getByRole('tab', { name: 'Features' }).click();
    await page.getByRole('textbox', { name: 'Only features with' }).fill('rsi(');
    await page.getByRole('table', { name: 'Features' }).getByText('rsi(series,n=14)').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('puts a job that failed back in line, and says how processes and database are', async () => {
    const queues = createQueueFactory({ redisUrl: null }, database, () => undefined);
    const failing = queues.worker(QUEUE, () => Promise.reject(new Error('no memory left')), { concurrency: 1 });
    await queues.queue(QUEUE).add('fold', {}, { jobId: 'one' });
    const page = await open('/system');
    const failed = page.getByRole('table', { name: 'Jobs that failed' });
    await failed.getByText('no memory left').waitFor();
    await failing.close();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Retry job one' }).click();
    await page.getByText('Back in line').waitFor();
    await expect.poll(() => failed.count()).toBe(0);
    const waiting = page.getByRole('table', { name: 'Queues' }).getByRole('row').filter({ hasText: 'folds' });
    expect(await waiting.getByRole('cell').nth(1).innerText()).toBe('1');
    await queues.close();
    const service = page.getByRole('table', { name: 'Processes' }).getByRole('row').filter({ hasText: 'service' });
    await service.getByText('ok', { exact: true }).waitFor();
    await page.getByText('all are applied').waitFor();
    await page.getByRole('table', { name: 'Latency by step' }).getByText('decided').waitFor();
  });

  it('can be used by everybody in every look, without a message of the browser', async () => {
    for (const path of ['/data', '/system', '/models']) {
      const page = await open(path);
      expect(await faultsInEveryLook(page), path).toEqual([]);
    }
    expect(visit.said).toEqual([]);
  });
});
