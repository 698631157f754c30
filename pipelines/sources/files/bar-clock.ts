import type { Calendar, TradingHours } from '../../calendars/calendar.ts';
import { tradingDayFrom } from '../../calendars/calendar.ts';
import type { Timeframe } from '../../../features/timeframe.ts';
import { timeframeMs } from '../../../features/timeframe.ts';

/** A bar that a calendar has room for. One object is reused for all: read it before the next. */
export interface BarSlot extends TradingHours {
  /** Part of its day's trading hours that the bar covers. */
  readonly share: number;
  readonly firstOfDay: boolean;
  /** Where in the day the bar's middle lies: 0 at the open, 1 at the close. */
  readonly place: number;
}

/**
 * Gives the bars that a calendar has room for, one after the other, from the first trading day at or after `startMs`.
 */
export function createBarClock(calendar: Calendar, timeframe: Timeframe, startMs: number): { next(): BarSlot } {
  const length = timeframeMs(timeframe);
  const slot = { openTimeMs: 0, closeTimeMs: 0, share: 1, firstOfDay: true, place: 0.5 };
  let day = tradingDayFrom(calendar, calendar.dayAt(startMs));
  let hours = calendar.hoursOf(day)!;
  let openTimeMs = hours.openTimeMs;
  return {
    next: () => {
      if (openTimeMs >= hours.closeTimeMs) {
        day = tradingDayFrom(calendar, day + 1);
        hours = calendar.hoursOf(day)!;
        openTimeMs = hours.openTimeMs;
      }
      const whole = hours.closeTimeMs - hours.openTimeMs;
      slot.openTimeMs = openTimeMs;
      slot.closeTimeMs = timeframe === '1d' ? hours.closeTimeMs : Math.min(openTimeMs + length, hours.closeTimeMs);
      slot.firstOfDay = openTimeMs === hours.openTimeMs;
      slot.share = (slot.closeTimeMs - openTimeMs) / whole;
      slot.place = (openTimeMs + slot.closeTimeMs - 2 * hours.openTimeMs) / (2 * whole);
      openTimeMs = slot.closeTimeMs;
      return slot;
    },
  };
}
