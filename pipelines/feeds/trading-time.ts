import type { Calendar, TradingHours } from '../calendars/calendar.ts';
import { tradingDayFrom } from '../calendars/calendar.ts';

/** The trading hours that hold `timeMs`, undefined while the market is closed. */
export function hoursAt(calendar: Calendar, timeMs: number): TradingHours | undefined {
  const hours = calendar.hoursOf(calendar.dayAt(timeMs));
  return hours !== undefined && timeMs >= hours.openTimeMs && timeMs < hours.closeTimeMs ? hours : undefined;
}

/** `timeMs` itself while the market is open, else the next time it opens. */
export function nextTradingTime(calendar: Calendar, timeMs: number): number {
  const day = calendar.dayAt(timeMs);
  const hours = calendar.hoursOf(day);
  if (hours !== undefined && timeMs < hours.closeTimeMs) return Math.max(timeMs, hours.openTimeMs);
  return calendar.hoursOf(tradingDayFrom(calendar, day + 1))!.openTimeMs;
}
