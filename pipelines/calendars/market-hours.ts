import type { MarketHours } from '../../features/timeframe.ts';
import type { Calendar } from './calendar.ts';

/**
 * The hours by which features close longer bars, or null where days are 24 hours: there a bucket's end is its last trading. Asked once
 * per bucket, so it walks the days rather than keeping a table.
 */
export function marketHours(calendar: Calendar): MarketHours | null {
  if (calendar.name !== 'us-equities') return null;
  return {
    name: calendar.name,
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
