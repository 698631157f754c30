import { expect, it } from 'vitest';
import { HOUR_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { disagreement } from '../testing/matching-comparison.ts';
import { matchingStream } from '../testing/matching-stream.ts';
import type { Scenario } from '../testing/reference-desk.ts';

const STREAMS = 300;

/** What the streams are to contain, each at least a few times. */
const DIMENSIONS: Readonly<Record<string, (given: Scenario) => boolean>> = {
  'next close': ({ costs }) => costs.fill === 'next-close',
  'exact stops': ({ costs }) => costs.stopFill === 'exact',
  'open, high, low, close': ({ costs }) => costs.intrabar === 'open-high-low-close',
  'minimum and most of an order': ({ costs }) => costs.minimumCents > 0 && costs.mostPermille !== null,
  'charge of an order': ({ costs }) => costs.perOrderCents > 0,
  tiers: ({ costs }) => costs.tier !== null,
  'base asset': ({ costs }) => costs.inBase,
  'participation with latency': ({ costs }) => costs.volumePercent !== null && costs.latencyMs > HOUR_MS,
  'commands of an operator': ({ commands }) => commands.some(({ command }) => command === 'flatten'),
  splits: ({ split }) => split?.ratio === 1.5 || split?.ratio === 0.1,
  dividends: ({ dividends }) => dividends.length > 0,
  'bars that are missing': ({ rows }) => rows.flat().filter((row) => row === null).length > 3,
  'three symbols': ({ rows }) => rows.length === 3,
  'restarts, and everything told twice': ({ disturbed }) => disturbed,
  'saved and restored': ({ restoredAfter }) => restoredAfter !== null,
  'shares of the equity': ({ actions }) => JSON.stringify(actions).includes('"equityShare"'),
  'sizes in money': ({ actions }) => JSON.stringify(actions).includes('"notional"'),
  'trails in per cent': ({ actions }) => JSON.stringify(actions).includes('"percent"'),
  brackets: ({ actions }) => JSON.stringify(actions).includes('/target"'),
  // JSON has no word for NaN and Infinity.
  'numbers that are none': ({ actions }) => /"(units|limit|stop)":null/.test(JSON.stringify(actions)),
};

it('the engine and a slow reference in whole numbers agree on random streams of orders, whatever is in them', () => {
  const wrong: string[] = [];
  const seen = new Map<string, number>(Object.keys(DIMENSIONS).map((name) => [name, 0]));
  let [fills, orders] = [0, 0];
  for (let stream = 0; stream < STREAMS; stream++) {
    const given = matchingStream(createRandom(11).fork(`${stream}`));
    const said = disagreement(given);
    fills += said.fills;
    orders += said.orders;
    if (said.why !== null) wrong.push(`stream ${stream}: ${said.why}`);
    for (const [name, has] of Object.entries(DIMENSIONS)) if (has(given)) seen.set(name, seen.get(name)! + 1);
  }
  expect(wrong).toEqual([]);
  expect(fills).toBeGreaterThan(STREAMS);
  expect(orders).toBeGreaterThan(2 * STREAMS);
  expect([...seen].filter(([, times]) => times < 5)).toEqual([]);
});

it('an order takes what a limit leaves exactly, where sums of floats leave a little less', () => {
  const given = matchingStream(createRandom(1).fork('matching/58').fork('198'));
  expect(disagreement(given)).toMatchObject({ why: null, fills: expect.any(Number) as number });
});
