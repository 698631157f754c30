import { MINUTE_MS } from '../../../features/timeframe.ts';
import { hasHours, type Calendar } from '../../../pipelines/calendars/calendar.ts';

/** Whether a session is to run at a moment, and when that changes; Infinity for never. */
interface SessionHours {
  readonly open: boolean;
  readonly untilMs: number;
}

/** When a session is to run. */
export type HoursAt = (nowMs: number) => SessionHours;

/** It warms up before the market opens; the last bar of the day and late executions come after its close. */
const BEFORE_MS = 30 * MINUTE_MS;
const AFTER_MS = 30 * MINUTE_MS;
/** No market is closed for longer. */
const DAYS_MAX = 30;

export const ALWAYS: HoursAt = () => ({ open: true, untilMs: Infinity });

/**
 * The hours of a market with half an hour on both sides, days that follow each other without a gap as one; always for
 * markets that never close.
 */
export function sessionHours(calendar: Calendar): HoursAt {
  if (!hasHours(calendar)) return ALWAYS;
  return (nowMs) => {
    const first = calendar.dayAt(nowMs) - 1;
    for (let day = first; day <= first + DAYS_MAX; day++) {
      const hours = calendar.publishedHoursOf(day);
      if (hours === undefined) continue;
      const fromMs = hours.openTimeMs - BEFORE_MS;
      const toMs = hours.closeTimeMs + AFTER_MS;
      if (nowMs < fromMs) return { open: false, untilMs: fromMs };
      if (nowMs < toMs) return { open: true, untilMs: toMs };
    }
    throw new Error(`calendar ${calendar.name} has no trading day within ${DAYS_MAX} days of ${nowMs}`);
  };
}
