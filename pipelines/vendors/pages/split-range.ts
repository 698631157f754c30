import type { Calendar } from '../../calendars/calendar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { DAY_MS, timeframeMs } from '../../../features/timeframe.ts';

/**
 * Bars in one window if the market never closed: 1.1 MB as columns. A window is fetched whole before anything of it is
 * handed on.
 */
const WINDOW_BARS = 20_000;

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Cuts `[fromMs, toMs)` at midnights of the calendar, so that no trading day is in two windows. */
export function* splitRange(range: Window, timeframe: Timeframe, calendar: Calendar): Generator<Window> {
  const days = Math.max(1, Math.floor((WINDOW_BARS * timeframeMs(timeframe)) / DAY_MS));
  let fromMs = range.fromMs;
  while (fromMs < range.toMs) {
    const toMs = Math.min(range.toMs, calendar.dayStartMs(calendar.dayAt(fromMs) + days));
    yield { fromMs, toMs };
    fromMs = toMs;
  }
}
