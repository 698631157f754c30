import { DAY_MS, HOUR_MS } from './timeframe.ts';

/** Days from the 1st of March of year 0 to the epoch, in the Gregorian calendar. */
const MARCH_TO_EPOCH = 719_468;

/** Day number, from the epoch, of the 1st of March of a year. */
const firstOfMarch = (year: number): number =>
  365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) - MARCH_TO_EPOCH;

/** The first Sunday at or after a day; the epoch was a Thursday. */
const sundayFrom = (day: number): number => day + ((((3 - day) % 7) + 7) % 7);

/** Days on which summer time begins and ends, from the epoch; both at 2:00 local time. */
interface SummerTime {
  readonly from: number;
  readonly to: number;
}

/**
 * Summer time of New York in a year, as US law has it since 1967 (US Code 15 section 260a): from 2007 the second Sunday
 * of March to the first of November (Energy Policy Act of 2005), 1987 to 2006 the first Sunday of April to the last of
 * October, before that from the last of April. Own rule rather than a time zone library: no table that differs by
 * machine, and cheap enough for every bar.
 */
function newYorkSummerTime(year: number): SummerTime {
  const march = firstOfMarch(year);
  // Days from the 1st of March: to the 1st of April 31, to the 25th of October 238, to the 1st of November 245.
  if (year >= 2007) return { from: sundayFrom(march + 7), to: sundayFrom(march + 245) };
  return { from: sundayFrom(march + (year >= 1987 ? 31 : 54)), to: sundayFrom(march + 238) };
}

/** Milliseconds that New York is behind UTC at a moment: 4 hours in summer, 5 in winter. */
export function newYorkOffsetMs(timeMs: number): number {
  // Near New Year, where this may be a year off, it is winter in either.
  const year = 1970 + Math.floor(timeMs / DAY_MS / 365.2425);
  const { from, to } = newYorkSummerTime(year);
  const summer = timeMs >= from * DAY_MS + 7 * HOUR_MS && timeMs < to * DAY_MS + 6 * HOUR_MS;
  return (summer ? 4 : 5) * HOUR_MS;
}

/** What New York's clock shows at a moment, as the milliseconds at which a clock of UTC shows the same. */
export function newYorkLocalMs(timeMs: number): number {
  return timeMs - newYorkOffsetMs(timeMs);
}
