import { DAY_MS, HOUR_MS, MINUTE_MS, type Timeframe } from '../../../features/timeframe.ts';
import { barHours } from '../../calendars/bar-hours.ts';
import { hasHours, type Calendar } from '../../calendars/calendar.ts';

export interface BarTimesOptions {
  readonly calendar: Calendar;
  readonly timeframe: Timeframe;
  /** Whether the times name no zone: a day is then the one that is written. */
  readonly isAssumedUtc: boolean;
}

/**
 * What a daily bar of a market with hours is stamped with: the midnight UTC that names its date, where its own clock
 * showed midnight or names no zone; else the moment, whose date in the market counts.
 */
function dailyStamp(timeMs: number, offsetMinutes: number, isAssumedUtc: boolean): number {
  const localMs = timeMs + offsetMinutes * MINUTE_MS;
  if (localMs % DAY_MS === 0) return localMs;
  return isAssumedUtc ? Math.floor(timeMs / DAY_MS) * DAY_MS : timeMs;
}

/**
 * Opens and closes of ascending time stamps. Without a calendar a daily bar ends 24 hours after its open, or at the
 * next open where that is 23 to 25 hours later: the day on which a clock was changed.
 */
export function barTimes(
  stamps: Float64Array,
  offsets: Int16Array | null,
  { calendar, timeframe, isAssumedUtc }: BarTimesOptions,
): { openTimeMs: Float64Array; closeTimeMs: Float64Array } {
  const { length } = stamps;
  const openTimeMs = new Float64Array(length);
  const closeTimeMs = new Float64Array(length);
  const isDated = timeframe === '1d' && hasHours(calendar);
  for (let i = 0; i < length; i++) {
    const stamp = isDated ? dailyStamp(stamps[i]!, offsets?.[i] ?? 0, isAssumedUtc) : stamps[i]!;
    const hours = barHours(calendar, timeframe, stamp);
    openTimeMs[i] = hours.openTimeMs;
    closeTimeMs[i] = hours.closeTimeMs;
  }
  if (timeframe !== '1d' || calendar.name !== 'none') return { openTimeMs, closeTimeMs };
  for (let i = 1; i < length; i++) {
    const day = openTimeMs[i]! - openTimeMs[i - 1]!;
    if (Math.abs(day - DAY_MS) <= HOUR_MS) closeTimeMs[i - 1] = openTimeMs[i]!;
  }
  return { openTimeMs, closeTimeMs };
}
