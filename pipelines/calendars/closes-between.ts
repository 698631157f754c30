import { timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import type { Calendar } from './calendar.ts';

/** Further back nobody asks how many bars it was exactly. */
const DAYS_MAX = 40;

/**
 * How many bars of `timeframe` close in `(fromMs, toMs]` by the hours of the market; those of the first 40 days where
 * it is longer.
 */
export function closesBetween(calendar: Calendar, timeframe: Timeframe, fromMs: number, toMs: number): number {
  const span = timeframeMs(timeframe);
  const firstDay = calendar.dayAt(fromMs);
  const lastDay = Math.min(calendar.dayAt(toMs), firstDay + DAYS_MAX);
  let count = 0;
  for (let day = firstDay; day <= lastDay; day++) {
    const hours = calendar.hoursOf(day);
    if (hours === undefined) continue;
    const { openTimeMs, closeTimeMs } = hours;
    // The last bar of a day may be shorter: it ends with the day.
    const bars = timeframe === '1d' ? 1 : Math.ceil((closeTimeMs - openTimeMs) / span);
    const closedBy = (timeMs: number): number => {
      if (timeMs >= closeTimeMs) return bars;
      return timeframe === '1d' ? 0 : Math.max(0, Math.floor((timeMs - openTimeMs) / span));
    };
    count += closedBy(toMs) - closedBy(fromMs);
  }
  return count;
}
