import { HOUR_MS } from '../../features/timeframe.ts';
import type { Calendar, TradingHours } from './calendar.ts';
import type { Day } from './day.ts';
import { newYorkDayAt, newYorkTimeMs } from './new-york-time.ts';
import { usEquities } from './us-equities.ts';
import { usEquitiesExtended } from './us-equities-extended.ts';

const OPEN_MINUTE = 20 * 60;
/** From its open on the evening before to midnight. */
const BEFORE_MS = 4 * HOUR_MS;

const byDay = new Map<Day, TradingHours | undefined>();

/** When the trading of `day` begins: on the evening before, whatever day that is. */
const opensMs = (day: Day): number => newYorkTimeMs(day - 1, OPEN_MINUTE);

const fromEvening = (day: Day, hours: TradingHours | undefined): TradingHours | undefined =>
  hours === undefined ? undefined : { openTimeMs: opensMs(day), closeTimeMs: hours.closeTimeMs };

function hoursOf(day: Day): TradingHours | undefined {
  if (byDay.has(day)) return byDay.get(day);
  const hours = fromEvening(day, usEquitiesExtended.hoursOf(day));
  byDay.set(day, hours);
  return hours;
}

/**
 * Five days of 24 hours: a trading day begins at 20:00 New York time on the evening before and ends at 20:00, half days
 * at 17:00, so that a week is from Sunday 20:00 to Friday 20:00. Before a holiday there is no evening. Source: Blue
 * Ocean ATS, "Trading hours", and alpaca.markets, "24/5 trading".
 */
export const usEquitiesOvernight: Calendar = {
  ...usEquities,
  name: 'us-equities-overnight',
  hoursOf,
  publishedHoursOf: (day) => fromEvening(day, usEquitiesExtended.publishedHoursOf(day)),
  nominalHoursOf: (day) => fromEvening(day, usEquitiesExtended.nominalHoursOf(day))!,
  regular: usEquities,
  dayAt: (timeMs) => newYorkDayAt(timeMs + BEFORE_MS),
  dayStartMs: opensMs,
};
