import type { Calendar, TradingHours } from './calendar.ts';
import type { Day } from './day.ts';
import { newYorkDayAt, newYorkTimeMs } from './new-york-time.ts';
import { isUsHalfDay, isUsPublishedDay, isUsTradingDay } from './us-equity-holidays.ts';

const OPEN_MINUTE = 9 * 60 + 30;
const CLOSE_MINUTE = 16 * 60;
const EARLY_CLOSE_MINUTE = 13 * 60;

const byDay = new Map<Day, TradingHours | undefined>();

function makeHours(day: Day, closeMinute: number): TradingHours {
  return { openTimeMs: newYorkTimeMs(day, OPEN_MINUTE), closeTimeMs: newYorkTimeMs(day, closeMinute) };
}

function hoursOf(day: Day): TradingHours | undefined {
  // Every bar of a million-bar file asks; about 250 days a year are kept.
  if (byDay.has(day)) return byDay.get(day);
  const hours = isUsTradingDay(day) ? makeHours(day, isUsHalfDay(day) ? EARLY_CLOSE_MINUTE : CLOSE_MINUTE) : undefined;
  byDay.set(day, hours);
  return hours;
}

/** New York Stock Exchange and Nasdaq, regular hours: 9:30 to 16:00, half days to 13:00, local time. */
export const usEquities: Calendar = {
  name: 'us-equities',
  knowsHolidays: true,
  tradingDaysPerYear: 252,
  hoursOf,
  publishedHoursOf: (day) => hoursOf(day) ?? (isUsPublishedDay(day) ? makeHours(day, CLOSE_MINUTE) : undefined),
  nominalHoursOf: (day) => hoursOf(day) ?? makeHours(day, CLOSE_MINUTE),
  dayAt: newYorkDayAt,
  dayStartMs: (day) => newYorkTimeMs(day, 0),
};
