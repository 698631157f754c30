import type { BarColumns } from '../../../features/bar.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { DAY_MS, timeframeMs } from '../../../features/timeframe.ts';
import type { BarPage, StampRange } from './bar-page.ts';
import { collectPages } from './collect-pages.ts';
import type { FetchPlan } from './fetch-plan.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { splitRange, type Window } from './split-range.ts';
import { vendorColumns } from '../vendor-columns.ts';
import type { HistoryRequest, VendorName } from '../vendor.ts';

/** One page of bars to ask a vendor for. */
export interface PageRequest {
  /** As the user wrote it. */
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly range: StampRange;
  /** `next` of the page before; undefined for the first. */
  readonly cursor: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface HistoryOptions {
  readonly vendor: VendorName;
  readonly plan: FetchPlan;
  /** Daily stock bars are stamped with midnight in New York: their stamps are not their opens. */
  readonly dailyStamps: boolean;
  /** Bars that close after this are not closed. */
  readonly nowMs: number;
  /** Opens before this are not asked for. */
  readonly earliestMs: number;
  readonly signal: AbortSignal | undefined;
  readonly fetchPage: (request: PageRequest) => Promise<BarPage>;
  /** Whether a page looks as if bars were missing from it: it is asked for once more. */
  readonly doubtful?: ((page: BarPage, request: PageRequest) => boolean) | undefined;
}

/** The history behind `Vendor.history`, window by window: each is fetched and checked whole before it is handed on. */
export async function* fetchHistory(request: HistoryRequest, options: HistoryOptions): AsyncGenerator<BarColumns> {
  const { vendor, plan, nowMs, signal, fetchPage, doubtful } = options;
  const { symbol, timeframe } = request;
  const calendar = calendarNamed(request.calendar);
  const whole = { fromMs: Math.max(request.fromMs, options.earliestMs), toMs: Math.min(request.toMs, nowMs) };
  const where: VendorEndpoint = { vendor, endpoint: `${plan.fetched} bars of ${symbol}` };
  for (const window of splitRange(whole, plan.fetched, calendar)) {
    signal?.throwIfAborted();
    const range = stampRange(window, request, options);
    const ask = { symbol, timeframe: plan.fetched, range, signal };
    const slackMs = timeframeMs(plan.fetched);
    const rows = await collectPages((cursor) => fetchPage({ ...ask, cursor }), {
      where,
      range,
      slackMs,
      doubtful: doubtful && ((page, cursor) => doubtful(page, { ...ask, cursor })),
    });
    const wanted = { ...request, symbol, timeframe, ...window };
    const bars = vendorColumns(rows, { where, plan, request: wanted, nowMs });
    if (bars.length > 0) yield bars;
  }
}

/** Stamps of the bars to fetch for the opens of `window`. */
function stampRange(window: Window, request: HistoryRequest, { plan, dailyStamps, nowMs }: HistoryOptions): StampRange {
  if (dailyStamps) return { fromMs: window.fromMs - DAY_MS, toMs: Math.min(window.toMs + DAY_MS, nowMs) };
  if (!plan.joined) return window;
  const calendar = calendarNamed(request.calendar);
  const lastDay = calendar.dayAt(window.toMs - 1);
  return {
    fromMs: calendar.dayStartMs(calendar.dayAt(window.fromMs)),
    toMs: Math.min(calendar.dayStartMs(lastDay + 1), nowMs),
  };
}
