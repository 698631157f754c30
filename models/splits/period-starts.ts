import { DAY_MS } from '../../features/timeframe.ts';
import type { Period } from './splits-schema.ts';

const MONTHS: Readonly<Record<Exclude<Period, 'week'>, number>> = { month: 1, quarter: 3, year: 12 };

/**
 * Starts of the periods that begin in `[fromMs, toMs]`, ascending: midnight UTC, weeks on Monday. All in UTC
 * milliseconds.
 */
export function periodStarts(period: Period, fromMs: number, toMs: number): number[] {
  const starts: number[] = [];
  const from = new Date(fromMs);
  if (period === 'week') {
    const midnight = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
    const sinceMonday = (from.getUTCDay() + 6) % 7;
    for (let start = midnight - sinceMonday * DAY_MS; start <= toMs; start += 7 * DAY_MS) {
      if (start >= fromMs) starts.push(start);
    }
    return starts;
  }
  const months = MONTHS[period];
  const year = from.getUTCFullYear();
  let month = Math.floor(from.getUTCMonth() / months) * months;
  for (; Date.UTC(year, month) <= toMs; month += months) {
    if (Date.UTC(year, month) >= fromMs) starts.push(Date.UTC(year, month));
  }
  return starts;
}
