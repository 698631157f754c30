import type { Day } from './day.ts';

export type CalendarName = 'us-equities' | 'us-equities-extended' | 'us-equities-overnight' | 'crypto' | 'none';

/** Calendars of shares in New York, whose days have hours. */
export const hasHours = ({ name }: Pick<Calendar, 'name'>): boolean => name !== 'crypto' && name !== 'none';

/** When a market is open on one trading day: `[openTimeMs, closeTimeMs)`, UTC milliseconds. */
export interface TradingHours {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
}

/** The days and hours a market trades. All times are UTC; a `Day` is the market's local date. */
export interface Calendar {
  readonly name: CalendarName;
  /** True where every day not listed by `hoursOf` is a holiday, so that a missing bar is a gap. */
  readonly knowsHolidays: boolean;
  /** Trading days in a year, for annualising: 252 or 365. */
  readonly tradingDaysPerYear: number;
  /** The hours of a trading day, or undefined on a holiday or weekend. */
  hoursOf(day: Day): TradingHours | undefined;
  /**
   * The hours that were published beforehand: as `hoursOf`, but with hours on days of closures that nobody could
   * foresee.
   */
  publishedHoursOf(day: Day): TradingHours | undefined;
  /** The hours that `day` would have if it were a trading day: where to put a bar that should not exist. */
  nominalHoursOf(day: Day): TradingHours;
  /** Where its hours go beyond the regular ones: the calendar of those, whose open and close have auctions. */
  readonly regular?: Calendar | undefined;
  /** The local date at `timeMs`; of an evening whose trading is of the next day, that day. */
  dayAt(timeMs: number): Day;
  /** When `day` begins: local midnight, or the evening before. */
  dayStartMs(day: Day): number;
}

/** Opens in `[fromMs, toMs)`: the bars of the trading days `from` to `to` (both inclusive, both optional). */
export function daysRangeMs(calendar: Calendar, from?: Day, to?: Day): { fromMs: number; toMs: number } {
  return {
    fromMs: from === undefined ? -Infinity : calendar.dayStartMs(from),
    toMs: to === undefined ? Infinity : calendar.dayStartMs(to + 1),
  };
}

/** The first trading day at or after `day`. */
export function tradingDayFrom(calendar: Calendar, day: Day): Day {
  let at = day;
  while (calendar.hoursOf(at) === undefined) at++;
  return at;
}

/** Trading days strictly between `from` and `to`: what is missing between two neighbouring daily bars. */
export function tradingDaysBetween(calendar: Calendar, from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let day = from + 1; day < to; day++) if (calendar.hoursOf(day) !== undefined) days.push(day);
  return days;
}
