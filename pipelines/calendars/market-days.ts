import type { BarColumns } from '../../features/bar.ts';
import type { Calendar } from './calendar.ts';

/** The trading day that a close belongs to, as a number that changes with the day. */
export type DayOf = (closeTimeMs: number) => number;

/** How a market counts its days. */
export interface MarketDays {
  readonly dayOf: DayOf;
  /** Trading days in a year: 252, or 365 for markets that never close. */
  readonly periodsPerYear: 252 | 365;
}

/** Trading days of a calendar: a close at midnight belongs to the day that ends there. */
export function marketDays(calendar: Calendar): MarketDays {
  return {
    dayOf: (closeTimeMs) => calendar.dayAt(closeTimeMs - 1),
    periodsPerYear: calendar.tradingDaysPerYear === 365 ? 365 : 252,
  };
}

/**
 * Bars of one symbol in a year, to annualise the volatility of bars: bars per trading day of the first symbol, times
 * days.
 */
export function barsPerYear(bars: readonly BarColumns[], calendar: Calendar): number {
  const days = new Set<number>();
  const [first] = bars;
  if (first === undefined) return calendar.tradingDaysPerYear;
  for (const close of first.closeTimeMs) days.add(calendar.dayAt(close - 1));
  return (first.length / Math.max(1, days.size)) * calendar.tradingDaysPerYear;
}
