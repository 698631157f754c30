import { timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import type { Calendar } from './calendar.ts';

/**
 * How many bars of `timeframe` the calendar expects with opens in `[fromMs, toMs)`; null where it does not know which
 * days are holidays, or does not expect a bar in all of its hours.
 */
export function opensWithin(
  calendar: Calendar,
  timeframe: Timeframe,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number | null {
  if (!calendar.knowsHolidays || calendar.regular !== undefined) return null;
  if (!(toMs > fromMs)) return 0;
  const span = timeframeMs(timeframe);
  const lastDay = calendar.dayAt(toMs);
  let count = 0;
  for (let day = calendar.dayAt(fromMs); day <= lastDay; day++) {
    const hours = calendar.hoursOf(day);
    if (hours === undefined) continue;
    const { openTimeMs, closeTimeMs } = hours;
    // The last bar of a day may be shorter: it ends with the day.
    const bars = timeframe === '1d' ? 1 : Math.ceil((closeTimeMs - openTimeMs) / span);
    const openedBefore = (timeMs: number): number => {
      if (timeMs <= openTimeMs) return 0;
      return timeframe === '1d' ? 1 : Math.min(bars, Math.ceil((timeMs - openTimeMs) / span));
    };
    count += openedBefore(toMs) - openedBefore(fromMs);
  }
  return count;
}
