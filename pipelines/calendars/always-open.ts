import { DAY_MS } from '../../features/timeframe.ts';
import type { Calendar, CalendarName, TradingHours } from './calendar.ts';
import type { Day } from './day.ts';
import { utcDayOf } from './day.ts';

function createAlwaysOpen(name: CalendarName, knowsHolidays: boolean): Calendar {
  const hoursOf = (day: Day): TradingHours => ({ openTimeMs: day * DAY_MS, closeTimeMs: (day + 1) * DAY_MS });
  return {
    name,
    knowsHolidays,
    tradingDaysPerYear: 365,
    hoursOf,
    publishedHoursOf: hoursOf,
    nominalHoursOf: hoursOf,
    dayAt: utcDayOf,
    dayStartMs: (day) => day * DAY_MS,
  };
}

/** Round the clock, every day, the trading day being the UTC date: a missing bar is a gap. */
export const crypto: Calendar = createAlwaysOpen('crypto', true);

/** No calendar: every day is allowed and none is required. */
export const none: Calendar = { ...createAlwaysOpen('none', false), tradingDaysPerYear: 252 };
