import { DAY_MS } from '../../features/timeframe.ts';
import type { Performance } from '../statistics/performance.ts';
import { plural } from '../number-format.ts';

const YEAR_DAYS = 365;

type Spanned = Pick<Performance, 'from' | 'to' | 'cagr'>;

/**
 * `3 days` where growth a year is carried over from less than a year, which no record of returns may do without saying
 * so (GIPS 2020, 2.A.13); null where it is not, or where there is no growth.
 */
export function shortRecordText({ from, to, cagr }: Spanned): string | null {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (cagr === null || days >= YEAR_DAYS) return null;
  return days < 1 ? 'less than a day' : plural(Math.floor(days), 'day');
}

/** The same as a sentence for `reasons`. */
export function shortRecordReasons(performance: Spanned): string[] {
  const text = shortRecordText(performance);
  return text === null ? [] : [`cagr: carried over to a year from ${text} only; the total return is what was earned.`];
}
