import type { Database } from '../../infra/postgres/database.ts';
import { barsByMonth } from '../bars/bar-row-store.ts';
import { listSeries, type StoredSeries } from '../bars/bar-series-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { opensWithin } from '../calendars/opens-within.ts';
import { lastReports } from '../quality/quality-store.ts';

/** How much of what its calendar expects a series has, and what its last check found. */
interface SeriesCoverage {
  readonly series: StoredSeries;
  /** Bars from the first to the last; null where the calendar does not tell. */
  readonly expected: number | null;
  readonly checked: { readonly errors: number; readonly warnings: number; readonly infos: number } | null;
  readonly checkedAt: Date | null;
}

/** Every series of the store with its coverage, by source and symbol. */
export async function storeCoverage({ pool }: Pick<Database, 'pool'>): Promise<SeriesCoverage[]> {
  const [series, reports] = await Promise.all([listSeries(pool), lastReports(pool)]);
  const known = new Map<string, number | null>();
  return series.map((one) => {
    const { calendar, timeframe, firstOpenMs, lastOpenMs } = one;
    // Symbols of a universe often begin and end together: their days are counted once.
    const key = `${calendar} ${timeframe} ${firstOpenMs} ${lastOpenMs}`;
    if (!known.has(key)) known.set(key, expectedOf(one, -Infinity, Infinity));
    const expected = known.get(key)!;
    const report = reports.get(one.id);
    if (report === undefined) return { series: one, expected, checked: null, checkedAt: null };
    const { errors, warnings, infos, checkedAt } = report;
    return { series: one, expected, checked: { errors, warnings, infos }, checkedAt };
  });
}

/** What a series has of a month (UTC), `YYYY-MM`. */
interface MonthCoverage {
  readonly month: string;
  readonly bars: number;
  /** Null where the calendar does not tell. */
  readonly expected: number | null;
}

/** The months from the first to the last bar of a series, also those without a bar. */
export async function monthlyCoverage(
  { pool }: Pick<Database, 'pool'>,
  series: StoredSeries,
): Promise<MonthCoverage[]> {
  if (series.bars === 0) return [];
  const bars = new Map((await barsByMonth(pool, series.id)).map((one) => [one.month, one.bars]));
  const first = new Date(series.firstOpenMs);
  const startOf = (month: number): number => Date.UTC(first.getUTCFullYear(), month, 1);
  const months: MonthCoverage[] = [];
  for (let at = first.getUTCMonth(); startOf(at) <= series.lastOpenMs; at++) {
    const month = new Date(startOf(at)).toISOString().slice(0, 7);
    months.push({ month, bars: bars.get(month) ?? 0, expected: expectedOf(series, startOf(at), startOf(at + 1)) });
  }
  return months;
}

/** Bars that are expected from the first to the last of a series, as far as they open in `[fromMs, toMs)`. */
function expectedOf(series: StoredSeries, fromMs: number, toMs: number): number | null {
  const range = { fromMs: Math.max(fromMs, series.firstOpenMs), toMs: Math.min(toMs, series.lastOpenMs + 1) };
  return opensWithin(calendarNamed(series.calendar), series.timeframe, range);
}
