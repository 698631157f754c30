import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { barHours } from '../calendars/bar-hours.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { hasHours } from '../calendars/calendar.ts';
import { resampleBars } from '../calendars/resample-bars.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { timeframeMs } from '../../features/timeframe.ts';
import type { VendorBar } from './pages/bar-page.ts';
import type { FetchPlan } from './pages/fetch-plan.ts';
import type { VendorEndpoint } from './http/http-failure.ts';
import { VendorError } from './vendor-error.ts';
import type { HistoryRequest } from './vendor.ts';

export interface ColumnsOptions {
  readonly where: VendorEndpoint;
  readonly plan: FetchPlan;
  /** Opens wanted are those in its range. */
  readonly request: HistoryRequest;
  /** Bars that close after this are not closed. */
  readonly nowMs: number;
}

/**
 * What a vendor gave, as closed bars of the size and hours wanted. `rows` ascend without repeats. Throws VendorError
 * `malformed` for bars that do not begin where bars of their size do, or overlap.
 */
export function vendorColumns(rows: readonly VendorBar[], options: ColumnsOptions): BarColumns {
  const { plan, request, nowMs } = options;
  const calendar = calendarNamed(request.calendar);
  const fetched = nativeColumns(rows, options);
  const whole = { fromMs: request.fromMs, untilMs: nowMs };
  const bars = plan.joined ? resampleBars(fetched, request.timeframe, calendar, whole) : fetched;
  let from = 0;
  let to = bars.length;
  while (from < to && bars.openTimeMs[from]! < request.fromMs) from++;
  while (to > from && (bars.openTimeMs[to - 1]! >= request.toMs || bars.closeTimeMs[to - 1]! > nowMs)) to--;
  return sliceBarColumns(bars, from, to);
}

function nativeColumns(rows: readonly VendorBar[], { where, plan, request }: ColumnsOptions): BarColumns {
  const calendar = calendarNamed(request.calendar);
  const out = createBarColumns(request.symbol, rows.length);
  const inSession = sessionFilter(request.calendar, plan.fetched);
  let count = 0;
  for (const row of rows) {
    if (plan.fetched !== '1d' && row.timeMs % timeframeMs(plan.fetched) !== 0)
      throw misplaced(where, row, plan.fetched);
    if (!inSession(row.timeMs)) continue;
    const { openTimeMs, closeTimeMs } = barHours(calendar, plan.fetched, row.timeMs);
    if (count > 0 && openTimeMs < out.closeTimeMs[count - 1]!) throw misplaced(where, row, plan.fetched);
    out.openTimeMs[count] = openTimeMs;
    out.closeTimeMs[count] = closeTimeMs;
    out.open[count] = row.open;
    out.high[count] = row.high;
    out.low[count] = row.low;
    out.close[count] = row.close;
    out.volume[count] = row.volume;
    count++;
  }
  return sliceBarColumns(out, 0, count);
}

/**
 * Stocks trade before the open and after the close too, thinly; those bars are left out where the calendar has hours
 * that do not hold them: `us-equities` has the regular ones, `us-equities-extended` all from 4:00 to 20:00.
 */
function sessionFilter(name: HistoryRequest['calendar'], fetched: Timeframe): (timeMs: number) => boolean {
  const calendar = calendarNamed(name);
  if (!hasHours(calendar) || fetched === '1d') return () => true;
  return (timeMs) => {
    const hours = calendar.hoursOf(calendar.dayAt(timeMs));
    return hours !== undefined && timeMs >= hours.openTimeMs && timeMs < hours.closeTimeMs;
  };
}

function misplaced(where: VendorEndpoint, row: VendorBar, timeframe: Timeframe): VendorError {
  const at = new Date(row.timeMs).toISOString();
  return new VendorError({ ...where, kind: 'malformed', detail: `no bar of ${timeframe} begins at ${at}` });
}
