import { HOUR_MS } from '../../features/timeframe.ts';
import type { Calendar, TradingHours } from './calendar.ts';
import type { Day } from './day.ts';
import { newYorkTimeMs } from './new-york-time.ts';
import { usEquities } from './us-equities.ts';

const OPEN_MINUTE = 4 * 60;
/** After the regular close: until 20:00, on half days until 17:00. */
const AFTER_MS = 4 * HOUR_MS;

const byDay = new Map<Day, TradingHours | undefined>();

function extended(day: Day, { closeTimeMs }: TradingHours): TradingHours {
  return { openTimeMs: newYorkTimeMs(day, OPEN_MINUTE), closeTimeMs: closeTimeMs + AFTER_MS };
}

function hoursOf(day: Day): TradingHours | undefined {
  if (byDay.has(day)) return byDay.get(day);
  const regular = usEquities.hoursOf(day);
  const hours = regular === undefined ? undefined : extended(day, regular);
  byDay.set(day, hours);
  return hours;
}

/**
 * The same days with trading before the open and after the close: 4:00 to 20:00 New York time, half days to 17:00.
 * Source: alpaca.markets, "How to Enable Stock Market Trading from 4 am to 8 pm ET".
 */
export const usEquitiesExtended: Calendar = {
  ...usEquities,
  name: 'us-equities-extended',
  hoursOf,
  publishedHoursOf: (day) => {
    const regular = usEquities.publishedHoursOf(day);
    return regular === undefined ? undefined : extended(day, regular);
  },
  nominalHoursOf: (day) => extended(day, usEquities.nominalHoursOf(day)),
  regular: usEquities,
};
