import { join } from 'node:path';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import type { DataOptions } from '../data-options.ts';
import { readBarsFile } from '../sources/files/bars-file.ts';
import { createSampleSource } from '../sources/sample-source.ts';
import { calendarNamed } from './calendar-named.ts';
import { dateOf, dayOf, isoDay, parseDay, weekday } from './day.ts';
import { describeWith, REFERENCE_DIR } from '../../infra/testing/requirements.ts';

const us = calendarNamed('us-equities');
const day = (iso: string): number => parseDay(iso)!;
const NEW_YORK = 'America/New_York';

/** Trading days of the calendar from the first to the last of `days`, against `days`. */
function differences(days: readonly number[]): { missing: string[]; extra: string[] } {
  const held = new Set(days);
  const missing: string[] = [];
  for (let at = days[0]!; at <= days.at(-1)!; at++)
    if (us.hoursOf(at) !== undefined && !held.has(at)) missing.push(isoDay(at));
  return { missing, extra: days.filter((at) => us.hoursOf(at) === undefined).map(isoDay) };
}

describe('us-equities', () => {
  it('has exactly the days of the real S&P 500 sample, 2000 to 2020', async () => {
    const data = { timeframe: '1d', calendar: 'us-equities' } as DataOptions;
    const days: number[] = [];
    for await (const bars of createSampleSource(undefined, data).bars('SPX', -Infinity)) {
      for (let i = 0; i < bars.length; i++) days.push(us.dayAt(bars.openTimeMs[i]!));
    }
    expect(days).toHaveLength(5105);
    expect(differences(days)).toEqual({ missing: [], extra: [] });
  });

  const spx = join(REFERENCE_DIR, 'skender/quotes/spx.csv');
  describeWith('reference', 'the calendar beside the reference index', () => {
    it('has exactly the days of 1990 to 2022', async () => {
      const [bars] = await readBarsFile(spx);
      const days = Array.from(bars!.openTimeMs, (timeMs) => timeMs / DAY_MS);
      expect(differences(days)).toEqual({ missing: [], extra: [] });
    });
  });

  it('opens at 9:30 and closes at 16:00 or 13:00 New York time on every day of 1990 to 2035', () => {
    const wrong: string[] = [];
    for (let at = dayOf(1990, 1, 1); at < dayOf(2036, 1, 1); at++) {
      const { openTimeMs, closeTimeMs } = us.nominalHoursOf(at);
      const { year, month, date } = dateOf(at);
      const open = DateTime.fromObject({ year, month, day: date, hour: 9, minute: 30 }, { zone: NEW_YORK }).toMillis();
      const length = (closeTimeMs - openTimeMs) / 3_600_000;
      if (openTimeMs !== open || (length !== 6.5 && length !== 3.5)) wrong.push(isoDay(at));
    }
    expect(wrong).toEqual([]);
  });

  it('knows the local date at any hour', () => {
    const wrong: string[] = [];
    for (let at = dayOf(2019, 12, 30); at < dayOf(2021, 1, 3); at++) {
      for (const hour of [0, 3.5, 4, 4.5, 5, 5.5, 6, 23.9]) {
        const timeMs = at * DAY_MS + hour * 3_600_000;
        const there = DateTime.fromMillis(timeMs, { zone: NEW_YORK }).toISODate();
        if (isoDay(us.dayAt(timeMs)) !== there) wrong.push(new Date(timeMs).toISOString());
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    '2001-09-11',
    '2001-09-14',
    '2004-06-11',
    '2007-01-02',
    '2012-10-29',
    '2012-10-30',
    '2018-12-05',
    '2025-01-09',
    '2021-04-02',
    '2022-06-20',
    '2021-12-24',
    '2023-01-02',
  ])('is closed on %s', (iso) => expect(us.hoursOf(day(iso))).toBeUndefined());

  it.each(['2021-12-31', '2021-06-18', '2011-12-30', '2001-09-17'])('is open on %s', (iso) =>
    expect(us.hoursOf(day(iso))).toBeDefined(),
  );

  // Early closes as the exchange announced them.
  const early = {
    2002: ['07-05', '11-29', '12-24'],
    2003: ['07-03', '11-28', '12-24', '12-26'],
    2012: ['07-03', '11-23', '12-24'],
    2013: ['07-03', '11-29', '12-24'],
    2020: ['11-27', '12-24'],
    2023: ['07-03', '11-24'],
    2024: ['07-03', '11-29', '12-24'],
  };
  it.each(Object.entries(early))('closes early in %s on exactly its half days', (year, expected) => {
    const found: string[] = [];
    for (let at = day(`${year}-01-01`); at <= day(`${year}-12-31`); at++) {
      const hours = us.hoursOf(at);
      if (hours !== undefined && hours.closeTimeMs - hours.openTimeMs < 6 * 3_600_000) found.push(isoDay(at).slice(5));
    }
    expect(found).toEqual(expected);
  });
});

describe('days', () => {
  it('come back from their text and know their weekday', () => {
    for (let at = -800; at < 40_000; at += 7) {
      expect(parseDay(isoDay(at))).toBe(at);
      expect(weekday(at)).toBe(new Date(at * DAY_MS).getUTCDay());
    }
    expect(parseDay('2021-02-29')).toBeUndefined();
    expect(parseDay('2020-13-01')).toBeUndefined();
  });
});
