import type { Calendar, TradingHours } from './calendar.ts';
import type { Day } from './day.ts';

/** Hours around the regular ones of a market, in which it takes fewer kinds of orders. */
export interface ExtendedHours {
  /** `timeMs` lies within the regular hours of its day: from the open on, and before the close. */
  isRegular(timeMs: number): boolean;
  /** `timeMs` lies within the hours of its day, regular or not. */
  isOpen(timeMs: number): boolean;
  /** The next regular open after `timeMs`. */
  opensMs(timeMs: number): number;
}

/** The calendar of the regular hours: the same where there are no others. */
export const regularOf = (calendar: Calendar): Calendar => calendar.regular ?? calendar;

/** No market rests longer. */
const DAYS_MAX = 40;

/** Undefined where a calendar has only regular hours. */
export function extendedHours(calendar: Calendar): ExtendedHours | undefined {
  const { regular } = calendar;
  if (regular === undefined) return undefined;
  return {
    isRegular: within(regular),
    isOpen: within(calendar),
    opensMs: (timeMs) => {
      const first = regular.dayAt(timeMs);
      for (let at = first; at < first + DAYS_MAX; at++) {
        const openTimeMs = regular.hoursOf(at)?.openTimeMs ?? -Infinity;
        if (openTimeMs > timeMs) return openTimeMs;
      }
      return Infinity;
    },
  };
}

/** Every bar asks: the hours of the last day are kept. */
function within(calendar: Calendar): (timeMs: number) => boolean {
  let day: Day = NaN;
  let hours: TradingHours | undefined;
  return (timeMs) => {
    const at = calendar.dayAt(timeMs);
    if (at !== day) hours = calendar.hoursOf((day = at));
    return hours !== undefined && timeMs >= hours.openTimeMs && timeMs < hours.closeTimeMs;
  };
}
