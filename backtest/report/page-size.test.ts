import { expect, it } from 'vitest';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import { renderReport } from './render-report.ts';
import { livePrices } from './trades/live-prices.ts';

const MEGABYTE = 1e6;

it('a report of twenty years of days stays small', async () => {
  const page = await renderReport(exampleReport(runExample({ bars: 5_000, randomRuns: 5 })));
  expect(Buffer.byteLength(page)).toBeLessThan(1.5 * MEGABYTE);
});

it('prices hold each of a hundred thousand minutes in less than a megabyte, and of more several to a candle', () => {
  const calendar = calendarNamed('us-equities');
  const made = (bars: number) =>
    plantedBars({ symbol: 'MIN', bars, seed: 3, timeframe: '1m', calendar, volatility: 0.0002 });
  const drawn = (bars: number): string =>
    livePrices([{ bars: made(bars), trades: [], resting: [], atClose: false }]).markup;
  const all = drawn(100_000);
  expect(all).toContain('&quot;length&quot;:100000,');
  expect(all).not.toContain('each candle is made');
  expect(Buffer.byteLength(all)).toBeLessThan(MEGABYTE);
  const merged = drawn(130_000);
  expect(merged).toContain('&quot;length&quot;:65000,');
  expect(merged).toContain('Of 2 bars each candle is made');
});
