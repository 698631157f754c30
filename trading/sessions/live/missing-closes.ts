import type { Timeframe } from '../../../features/timeframe.ts';
import type { Calendar } from '../../../pipelines/calendars/calendar.ts';
import { closesBetween } from '../../../pipelines/calendars/closes-between.ts';
import { regularOf } from '../../../pipelines/calendars/extended-hours.ts';

interface Feed {
  readonly calendar: Calendar;
  readonly timeframe: Timeframe;
  /** Every bar that closes by then was handed on; undefined before that is known. */
  readonly passedMs: number | undefined;
}

/**
 * How many closes of the market there were after `closeTimeMs` until `nowMs` that a session is to miss. In the regular
 * hours a close without a bar is missed, whatever a feed says: its history may be as silent as its stream. Before the
 * open and after the close nothing may be traded for long: where the feed knows so, no bar is missing.
 */
export function missingCloses({ calendar, timeframe, passedMs }: Feed, closeTimeMs: number, nowMs: number): number {
  const between = (fromMs: number, toMs: number): number =>
    toMs > fromMs ? closesBetween(calendar, timeframe, fromMs, toMs) : 0;
  const passed = Math.min(passedMs ?? -Infinity, nowMs);
  if (passed <= closeTimeMs) return between(closeTimeMs, nowMs);
  const regular = regularOf(calendar);
  let missed = between(passed, nowMs);
  for (let day = regular.dayAt(closeTimeMs); day <= regular.dayAt(passed); day++) {
    const hours = regular.hoursOf(day);
    if (hours === undefined) continue;
    missed += between(Math.max(closeTimeMs, hours.openTimeMs), Math.min(passed, hours.closeTimeMs));
  }
  return missed;
}
