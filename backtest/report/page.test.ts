import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../infra/testing/requirements.ts';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import { crossOfMinutes } from '../testing/cross-of-minutes.ts';
import { reportBrowser } from '../testing/report-browser.ts';
import { renderReport } from './render-report.ts';

/** Where the labels of each axis on the page stand. */
const LABEL_BOXES = `[...document.querySelectorAll('.role-axis-label')]
  .map((axis) => [...axis.querySelectorAll('text')].filter((label) => label.getAttribute('opacity') !== '0').map((label) => {
    const { left, right, top, bottom } = label.getBoundingClientRect();
    return { left, right, top, bottom };
  }).filter(({ left, right }) => right > left))
  .filter((boxes) => boxes.length > 0)`;

describeWith('chromium', 'report page', () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-report-'));
    const file = join(folder, 'report.html');
    writeFileSync(file, await renderReport(exampleReport(runExample({ bars: 1_000, randomRuns: 5 }))));
    url = pathToFileURL(file).href;
    browser = await reportBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)(
    'opens at %i px (%s) without a message, a request or a horizontal scroll bar',
    async (width, colorScheme) => {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const messages: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => messages.push(message.text()));
      page.on('pageerror', (error) => messages.push(error.message));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(url);
      expect(messages).toEqual([]);
      expect(requests.filter((request) => request !== url && !request.startsWith('data:'))).toEqual([]);
      expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
      await page.close();
    },
  );

  it('holds minutes on a phone: no label of an axis lies on another', async () => {
    const file = join(folder, 'minutes.html');
    const minutes = crossOfMinutes(1255);
    writeFileSync(file, await renderReport({ ...exampleReport(runExample({ bars: 3 })), ...minutes }));
    const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
    await page.goto(pathToFileURL(file).href);
    const axes = (await page.evaluate(LABEL_BOXES)) as { left: number; right: number; top: number; bottom: number }[][];
    expect(axes).toHaveLength(6);
    for (const boxes of axes) {
      expect(boxes.length).toBeGreaterThan(1);
      for (const [at, one] of boxes.entries()) {
        const on = boxes
          .slice(at + 1)
          .filter(
            (two) => one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom,
          );
        expect(on).toEqual([]);
      }
    }
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
    await page.close();
  });

  it('shows one size of each chart, and switches to the logarithmic scale without a script', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: true });
    await page.goto(url);
    expect(await page.locator('svg:visible').count()).toBe(12);
    expect(await page.locator('.linear svg:visible').count()).toBe(1);
    await page.locator('label[for=scale-log]').click();
    expect(await page.locator('.linear svg:visible').count()).toBe(0);
    expect(await page.locator('.log svg:visible').count()).toBe(1);
    await page.close();
  });
});
