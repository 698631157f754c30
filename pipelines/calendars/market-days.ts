import type { BarColumns } from '../../features/bar.ts';
import type { Calendar } from './calendar.ts';
import { weekday } from './day.ts';

/** The trading day that a close belongs to, as a number that changes with the day. */
export type DayOf = (closeTimeMs: number) => number;

/** How a market counts its days. */
export interface MarketDays {
  readonly dayOf: DayOf;
  /** Trading days in a year: 252, or 365 for markets that never close. */
  readonly periodsPerYear: 252 | 365;
}

/**
 * Trading days of a calendar: a close at midnight belongs to the day that ends there. Without a calendar the bars say
 * whether their market trades on weekends.
 */
export function marketDays(calendar: Calendar, bars: readonly BarColumns[] = []): MarketDays {
  return {
    dayOf: (closeTimeMs) => calendar.dayAt(closeTimeMs - 1),
    periodsPerYear: tradingDaysPerYear(calendar, bars),
  };
}

/** Saturdays and Sundays are days like others from half as many bars on. */
const WEEKEND_SHARE = 0.5;

function tradingDaysPerYear(calendar: Calendar, bars: readonly BarColumns[]): 252 | 365 {
  if (calendar.name !== 'none') return calendar.tradingDaysPerYear === 365 ? 365 : 252;
  return bars.length > 0 && bars.every((one) => tradesOnWeekends(one, calendar)) ? 365 : 252;
}

function tradesOnWeekends({ closeTimeMs }: BarColumns, calendar: Calendar): boolean {
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (const close of closeTimeMs) counts[weekday(calendar.dayAt(close - 1))]!++;
  const working = (counts[1]! + counts[2]! + counts[3]! + counts[4]! + counts[5]!) / 5;
  return Math.min(counts[0]!, counts[6]!) >= WEEKEND_SHARE * working && working > 0;
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
  return (first.length / Math.max(1, days.size)) * tradingDaysPerYear(calendar, bars);
}
