import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const AXE = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
/** Of all rules this one alone is about colours: the others find the same in both schemes. */
const COLOURS = { type: 'rule', values: ['color-contrast'] } as const;
const HEIGHT = 900;
const WIDE = 1360;
const LOOKS = [
  { width: WIDE, colorScheme: 'light', runOnly: undefined },
  { width: WIDE, colorScheme: 'dark', runOnly: COLOURS },
  { width: 390, colorScheme: 'dark', runOnly: COLOURS },
  { width: 390, colorScheme: 'light', runOnly: undefined },
] as const;

/**
 * Resolves once a page has taken up a new width and new colours: charts follow the width some frames later, and colours
 * in between are nobody's choice.
 */
const SETTLED = `(async () => {
  const width = () => document.documentElement.scrollWidth;
  const moves = () => document.getAnimations().some(({ effect, playState }) =>
    playState === 'running' && effect.getComputedTiming().endTime !== Infinity);
  let [last, still] = [width(), 0];
  while (still < 5) {
    await new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 50));
    still = width() === last && !moves() ? still + 1 : 0;
    last = width();
  }
})()`;

/** What the rules of accessibility find that keeps somebody from using a page, and what is wider than it. */
export async function seriousFaults(page: Page, runOnly?: typeof COLOURS): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
  const options = JSON.stringify({ resultTypes: ['violations'], ...(runOnly === undefined ? {} : { runOnly }) });
  const found = await page.evaluate<string[]>(`axe.run(${options}).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | ')))`);
  const over = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  return over > 0 ? [...found, `the page is ${over} px too wide`] : found;
}

/** The same on a desk and on a phone, in light and in dark colours, without loading the page again. */
export async function faultsInEveryLook(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const { width, colorScheme, runOnly } of LOOKS) {
    await page.setViewportSize({ width, height: HEIGHT });
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    await page.evaluate(SETTLED);
    if (width < WIDE) await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
    faults.push(...(await seriousFaults(page, runOnly)).map((fault) => `${width} px, ${colorScheme}: ${fault}`));
  }
  await page.setViewportSize({ width: WIDE, height: HEIGHT });
  return faults;
}
