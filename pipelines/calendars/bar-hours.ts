import type { Timeframe } from '../../features/timeframe.ts';
import { DAY_MS, timeframeMs } from '../../features/timeframe.ts';
import { hasHours, type Calendar, type TradingHours } from './calendar.ts';
import { utcDayOf } from './day.ts';

/**
 * Open and close of the bar that a source stamps with `timeMs`. Intraday: from that time for the timeframe's length,
 * cut at the market's close if it opened before it. Daily: the hours of its trading day. A stamp at midnight UTC names
 * that date (files and most vendors write days so), any other stamp the market's local date at that moment. Calendar
 * `none` has no hours of its own: 24 hours from the stamp.
 */
export function barHours(calendar: Calendar, timeframe: Timeframe, timeMs: number): TradingHours {
  if (timeframe === '1d') {
    if (calendar.name === 'none') return { openTimeMs: timeMs, closeTimeMs: timeMs + DAY_MS };
    const day = timeMs % DAY_MS === 0 ? utcDayOf(timeMs) : calendar.dayAt(timeMs);
    return calendar.nominalHoursOf(day);
  }
  const closeTimeMs = timeMs + timeframeMs(timeframe);
  if (!hasHours(calendar)) return { openTimeMs: timeMs, closeTimeMs };
  const hours = calendar.hoursOf(calendar.dayAt(timeMs));
  const cut = hours !== undefined && timeMs < hours.closeTimeMs && closeTimeMs > hours.closeTimeMs;
  return { openTimeMs: timeMs, closeTimeMs: cut ? hours.closeTimeMs : closeTimeMs };
}
