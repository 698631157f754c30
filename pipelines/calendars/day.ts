import { DAY_MS } from '../../features/timeframe.ts';

/** A date without a zone: whole days since 1970-01-01. */
export type Day = number;

/** The day named by a year, a month (1 to 12) and a day of the month. */
export function dayOf(year: number, month: number, date: number): Day {
  return Date.UTC(year, month - 1, date) / DAY_MS;
}

/** The UTC date that holds `timeMs`. */
export function utcDayOf(timeMs: number): Day {
  return Math.floor(timeMs / DAY_MS);
}

/** The UTC date that a close ends: midnight still belongs to the day before. */
export function utcDayOfClose(closeTimeMs: number): Day {
  return utcDayOf(closeTimeMs - 1);
}

/** The day of an ISO date such as `2020-02-29`; undefined where there is no such date. */
export function parseDay(iso: string): Day | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  if (match === null) return undefined;
  const [year, month, date] = match.slice(1).map(Number) as [number, number, number];
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const at = new Date(Date.UTC(year, month - 1, date));
  const exists = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === date;
  return exists ? at.getTime() / DAY_MS : undefined;
}

/** ISO date of a day. */
export function isoDay(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Day of the week, 0 = Sunday ... 6 = Saturday; 1970-01-01 was a Thursday. */
export function weekday(day: Day): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** Year, month (1 to 12) and day of the month of a day. */
export function dateOf(day: Day): { year: number; month: number; date: number } {
  const at = new Date(day * DAY_MS);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, date: at.getUTCDate() };
}

/** The `nth` (1 = first) weekday `dayOfWeek` of a month. */
export function nthWeekday(year: number, month: number, dayOfWeek: number, nth: number): Day {
  const first = dayOf(year, month, 1);
  return first + ((dayOfWeek - weekday(first) + 7) % 7) + (nth - 1) * 7;
}

/** The last weekday `dayOfWeek` of a month. */
export function lastWeekday(year: number, month: number, dayOfWeek: number): Day {
  const last = dayOf(year, month + 1, 1) - 1;
  return last - ((weekday(last) - dayOfWeek + 7) % 7);
}
