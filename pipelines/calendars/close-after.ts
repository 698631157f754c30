import { timeframeMs, type Timeframe } from '../../features/timeframe.ts';
import type { Calendar } from './calendar.ts';

/** No market rests longer. */
const DAYS_MAX = 40;

/**
 * The close of the bar of `timeframe` that comes `bars` after `fromMs` by the hours of the market: the counterpart of
 * `closesBetween`. Null where the market has none within 40 days.
 */
export function closeAfter(
  calendar: Pick<Calendar, 'dayAt' | 'hoursOf'>,
  timeframe: Timeframe,
  fromMs: number,
  bars: number,
): number | null {
  const span = timeframeMs(timeframe);
  let left = bars;
  let day = calendar.dayAt(fromMs);
  for (let rest = 0; rest < DAYS_MAX; day++) {
    const hours = calendar.hoursOf(day);
    rest += 1;
    if (hours === undefined || hours.closeTimeMs <= fromMs) continue;
    rest = 0;
    const { openTimeMs, closeTimeMs } = hours;
    const size = timeframe === '1d' ? closeTimeMs - openTimeMs : span;
    // The last bar of a day may be shorter: it ends with the day.
    const begun = Math.max(0, Math.floor((fromMs - openTimeMs) / size));
    const ofDay = Math.ceil((closeTimeMs - openTimeMs) / size) - begun;
    if (left <= ofDay) return Math.min(closeTimeMs, openTimeMs + (begun + left) * size);
    left -= ofDay;
  }
  return null;
}
