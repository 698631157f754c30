import { expect, it } from 'vitest';
import { HOUR_MS } from './timeframe.ts';
import { computeFeatures } from './feature-matrix.ts';
import { dailyBars } from './feature-contract.ts';
import { parseFeatureSet } from './feature-set.ts';
import { newYorkOffsetMs } from './new-york-clock.ts';

it('is the clock of the time zone database, every hour around each change of 1976 to 2037', () => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', timeZoneName: 'longOffset' });
  const known = (timeMs: number): string =>
    format.formatToParts(timeMs).find(({ type }) => type === 'timeZoneName')!.value;
  for (let year = 1976; year <= 2037; year++) {
    for (let day = 0; day < 365; day++) {
      const noon = Date.UTC(year, 0, 1 + day, 12);
      const hours = newYorkOffsetMs(noon) / HOUR_MS;
      expect(`GMT-0${hours}:00`, new Date(noon).toISOString()).toBe(known(noon));
      if (newYorkOffsetMs(noon - 24 * HOUR_MS) === hours * HOUR_MS) continue;
      for (let timeMs = noon - 24 * HOUR_MS; timeMs < noon; timeMs += HOUR_MS / 2) {
        expect(`GMT-0${newYorkOffsetMs(timeMs) / HOUR_MS}:00`, new Date(timeMs).toISOString()).toBe(known(timeMs));
      }
    }
  }
});

it('puts the open of New York at one angle in summer and winter, and a day of New York past midnight UTC', () => {
  const times = ['2024-03-08T14:30:00Z', '2024-03-11T13:30:00Z', '2024-03-12T00:30:00Z'];
  const bars = dailyBars('SPY', 3, (i) => [i + 1, i + 1, i + 1, i + 1, 10]);
  times.forEach((time, i) => {
    bars.openTimeMs[i] = Date.parse(time);
    bars.closeTimeMs[i] = Date.parse(time) + 60_000;
  });
  const features = [
    ...['timeofday(clock=newyork).sin', 'timeofday().sin', 'weekday(clock=newyork).cos'],
    ...['vwap(anchor=newyork-day)', 'vwap(anchor=day)'],
  ];
  const set = parseFeatureSet(features, { timeframe: '1m', symbols: ['SPY'] });
  const rows = Array.from({ length: 3 }, (_, i) => [
    ...computeFeatures(set, [bars])[0]!.values.subarray(5 * i, 5 * i + 5),
  ]);
  expect(rows[0]![0]).toBeCloseTo(Math.sin((2 * Math.PI * 9.5) / 24), 9);
  expect(rows[1]![0]).toBeCloseTo(rows[0]![0]!, 9);
  expect(rows[1]![1]).not.toBeCloseTo(rows[0]![1]!, 3);
  // Half past midnight UTC on Tuesday is Monday evening there.
  expect(rows[2]![2]).toBe(rows[1]![2]);
  expect(rows.map((row) => row[3])).toEqual([1, 2, 2.5]);
  expect(rows.map((row) => row[4])).toEqual([1, 2, 3]);
});
