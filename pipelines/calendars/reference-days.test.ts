import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { readBarsFile } from '../sources/files/bars-file.ts';
import { dateOf, dayOf, isoDay, parseDay, weekday, type Day } from './day.ts';
import { usEquities } from './us-equities.ts';

const folder = loadConfig().referenceDir;

/** The days of the first column of a reference table. */
function daysOf(path: string): Day[] {
  const bytes = readFileSync(join(folder, path));
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  const [, ...lines] = text.trim().split(/\r?\n/);
  return lines.map((line) => parseDay(line.slice(0, 10))!);
}

/** Trading days from the first to the last of `days`. */
function tradingDays(days: readonly Day[]): Day[] {
  const from = days[0]!;
  return Array.from({ length: days.at(-1)! - from + 1 }, (_, i) => from + i).filter(
    (day) => usEquities.hoursOf(day) !== undefined,
  );
}

/** The n-th Monday of a month. */
function monday(year: number, month: number, n: number): Day {
  const first = dayOf(year, month, 1);
  return first + ((8 - weekday(first)) % 7) + 7 * (n - 1);
}

/**
 * On which the bond market rests and the exchange trades: Columbus and Veterans' Day, and until 1998 that of Martin
 * Luther King.
 */
function isBondHoliday(day: Day): boolean {
  const { year } = dateOf(day);
  const veterans = dayOf(year, 11, 11);
  const observed = weekday(veterans) === 0 ? veterans + 1 : veterans;
  return day === monday(year, 10, 2) || day === observed || (year < 1998 && day === monday(year, 1, 3));
}

describeWith('reference', 'the calendar beside what others have of the market', () => {
  it.each([
    ['the index of 1990 to 2022', 'skfolio/sp500_index.csv.gz', 8313],
    ['five funds of 2014 to 2022', 'skfolio/factors_dataset.csv.gz', 2264],
    ['the fund on the index, 1993 to 2018', 'zipline/SPY_benchmark.csv', 6357],
    ['shares of 2012 to 2014', 'zipline/daily/IBM.csv', 754],
  ])('has exactly the days of %s', (_name, path, count) => {
    const days = daysOf(path);
    expect(days).toHaveLength(count);
    expect(tradingDays(days).map(isoDay)).toEqual(days.map(isoDay));
  });

  it('differs from the days of treasury curves by bond holidays, and by closures that were the exchange’s alone', () => {
    const days = daysOf('zipline/treasury_curves.csv');
    const curves = new Set(days);
    const trading = new Set(tradingDays(days));
    const withoutCurve = [...trading].filter((day) => !curves.has(day));
    expect(withoutCurve.filter((day) => !isBondHoliday(day)).map(isoDay)).toEqual([]);
    expect(withoutCurve).toHaveLength(59);
    // Good Fridays on which curves were published, the attack of 2001, the mourning of 2007, the storm of 2012.
    expect(days.filter((day) => !trading.has(day)).map(isoDay)).toEqual([
      '1996-04-05',
      '1999-04-02',
      '2001-09-13',
      '2001-09-14',
      '2007-01-02',
      '2007-04-06',
      '2010-04-02',
      '2012-04-06',
      '2012-10-29',
      '2015-04-03',
    ]);
  });

  it.each(['skfolio/sp500_index.csv.gz', 'skfolio/factors_dataset.csv.gz'])(
    'is not asked for bars of closes alone: %s is refused by name',
    async (path) => {
      await expect(readBarsFile(join(folder, path))).rejects.toThrow(
        /csv\.gz: missing columns open, high, low, close, volume; the file has/,
      );
    },
  );
});
