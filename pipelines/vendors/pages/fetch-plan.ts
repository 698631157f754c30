import { hasHours, type CalendarName } from '../../calendars/calendar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { timeframeMs } from '../../../features/timeframe.ts';

/** Which bars to ask a vendor for. */
export interface FetchPlan {
  readonly fetched: Timeframe;
  /** Whether `fetched` bars are joined into the bars wanted. */
  readonly joined: boolean;
}

export interface FetchPlanOptions {
  readonly timeframe: Timeframe;
  readonly calendar: CalendarName;
  readonly assetClass: 'equity' | 'crypto';
  /**
   * Whether the vendor's own 4h and daily bars of crypto begin at midnight UTC (Binance's do, Alpaca's follow Chicago's
   * clock).
   */
  readonly utcDays: boolean;
}

/**
 * Vendors cut long bars by clocks of their own: hourly stock bars begin at the full hour, before the market opens, and
 * a daily crypto bar may end hours after the UTC day it is stamped with, which would let a bar know its future. Such
 * bars are joined here from shorter ones by the calendar's hours.
 */
export function planFetch(options: FetchPlanOptions): FetchPlan {
  const { timeframe, calendar, assetClass, utcDays } = options;
  const session = hasHours({ name: calendar });
  const native = (): FetchPlan => ({ fetched: timeframe, joined: false });
  if (timeframe === '1d' && assetClass === 'equity') return native();
  if (session) return timeframeMs(timeframe) <= timeframeMs('30m') ? native() : { fetched: '30m', joined: true };
  if (timeframeMs(timeframe) <= timeframeMs('1h')) return native();
  return assetClass === 'crypto' && utcDays ? native() : { fetched: '1h', joined: true };
}
