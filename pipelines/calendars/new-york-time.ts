import { newYorkLocalMs, newYorkOffsetMs } from '../../features/new-york-clock.ts';
import { HOUR_MS, DAY_MS } from '../../features/timeframe.ts';
import type { Day } from './day.ts';
import { weekday } from './day.ts';

/**
 * UTC milliseconds of a local time of day (in minutes, 3:00 or later, which every trading hour is) in New York: the
 * offset at its noon holds.
 */
export function newYorkTimeMs(day: Day, minuteOfDay: number): number {
  return day * DAY_MS + newYorkOffsetMs(day * DAY_MS + 17 * HOUR_MS) + minuteOfDay * 60_000;
}

/** The New York date at `timeMs`. */
export function newYorkDayAt(timeMs: number): Day {
  return Math.floor(newYorkLocalMs(timeMs) / DAY_MS);
}

/** True on Saturday and Sunday. */
export function isWeekend(day: Day): boolean {
  const at = weekday(day);
  return at === 0 || at === 6;
}
