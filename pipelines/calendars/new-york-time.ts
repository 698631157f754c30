import { DAY_MS } from '../timeframe.ts';
import type { Day } from './day.ts';
import { dateOf, lastWeekday, nthWeekday, weekday } from './day.ts';

const HOUR_MS = 3_600_000;
const SUNDAY = 0;

interface SummerTime {
  readonly from: Day;
  readonly to: Day;
}

const byYear = new Map<number, SummerTime>();

/**
 * Days on which summer time begins and ends, both at 2:00 local time on a Sunday.
 * Source: US Code 15 section 260a; from 2007 the second Sunday of March to the first of November (Energy Policy Act of 2005),
 * 1987 to 2006 the first Sunday of April to the last of October, before that from the last of April.
 */
function summerTime(year: number): SummerTime {
  const known = byYear.get(year);
  if (known !== undefined) return known;
  const made: SummerTime =
    year >= 2007
      ? { from: nthWeekday(year, 3, SUNDAY, 2), to: nthWeekday(year, 11, SUNDAY, 1) }
      : {
          from: year >= 1987 ? nthWeekday(year, 4, SUNDAY, 1) : lastWeekday(year, 4, SUNDAY),
          to: lastWeekday(year, 10, SUNDAY),
        };
  byYear.set(year, made);
  return made;
}

/**
 * Hours that New York is behind UTC at noon of `day`: 4 in summer, 5 in winter. Good for any local time from 3:00 on,
 * which every trading hour is. Own rule rather than a time zone library: it is called once per day of every bar file.
 */
export function newYorkOffsetHours(day: Day): number {
  const { from, to } = summerTime(dateOf(day).year);
  return day >= from && day < to ? 4 : 5;
}

/** UTC milliseconds of a local time of day (in minutes, 3:00 or later) in New York. */
export function newYorkTimeMs(day: Day, minuteOfDay: number): number {
  return day * DAY_MS + newYorkOffsetHours(day) * HOUR_MS + minuteOfDay * 60_000;
}

/** The New York date at `timeMs`. Between midnight and 2:00 on the two days of a clock change the offset of the day before holds. */
export function newYorkDayAt(timeMs: number): Day {
  const winter = Math.floor((timeMs - 5 * HOUR_MS) / DAY_MS);
  const summer = Math.floor((timeMs - 4 * HOUR_MS) / DAY_MS);
  if (winter === summer) return winter;
  // 04:00 to 05:00 UTC: already `summer` where summer time holds at that midnight, still `winter` otherwise.
  const { from, to } = summerTime(dateOf(summer).year);
  return summer > from && summer <= to ? summer : winter;
}

/** True on Saturday and Sunday. */
export function isWeekend(day: Day): boolean {
  const at = weekday(day);
  return at === 0 || at === 6;
}
