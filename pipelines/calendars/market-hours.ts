import type { MarketHours } from '../../features/timeframe.ts';
import { hasHours, type Calendar, type TradingHours } from './calendar.ts';

/**
 * The hours by which features cut and close longer bars, or null where days are 24 hours: there buckets are those of
 * UTC and end with their last trading. Asked once per session and per week, so it walks the days rather than keeping a
 * table.
 */
export function marketHours(calendar: Calendar): MarketHours | null {
  if (!hasHours(calendar)) return null;
  return {
    name: calendar.name,
    sessionOf: (openTimeMs, closeTimeMs) => sessionAt(calendar, openTimeMs) ?? sessionAt(calendar, closeTimeMs - 1),
    lastTradingMs: (fromMs, toMs) => {
      for (let day = calendar.dayAt(toMs - 1); day >= calendar.dayAt(fromMs); day--) {
        const hours = calendar.publishedHoursOf(day);
        if (hours !== undefined && hours.openTimeMs < toMs && hours.closeTimeMs > fromMs) {
          return Math.min(hours.closeTimeMs, toMs);
        }
      }
      return NaN;
    },
  };
}

function sessionAt(calendar: Calendar, timeMs: number): TradingHours | null {
  const hours = calendar.publishedHoursOf(calendar.dayAt(timeMs));
  return hours !== undefined && timeMs >= hours.openTimeMs && timeMs < hours.closeTimeMs ? hours : null;
}
