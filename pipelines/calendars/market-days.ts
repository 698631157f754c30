import type { BarColumns } from '../../features/bar.ts';
import type { Calendar } from './calendar.ts';
import { weekday, type Day } from './day.ts';

/** The trading day that a close belongs to, as a number that changes with the day. */
export type DayOf = (closeTimeMs: number) => number;

/** How a market counts its days. */
export interface MarketDays {
  readonly dayOf: DayOf;
  /** Trading days in a year: 252, or 365 for markets that never close. */
  readonly periodsPerYear: 252 | 365;
  /** Whether hours of a Sunday or Saturday count to the working day beside it. */
  readonly joinsWeekends?: boolean;
}

/**
 * Trading days of a calendar: a close at midnight belongs to the day that ends there. Without a calendar the bars say
 * whether their market trades on weekends. Where it only begins its week there, or ends it (currencies open on Sunday
 * evening), those hours belong to Monday, or to Friday: a sixth return a week would fit neither 252 nor 365.
 */
export function marketDays(calendar: Calendar, bars: readonly BarColumns[] = []): MarketDays {
  const days = calendar.name === 'none' ? bars.map((one) => weekdaysOf(one, calendar)) : [];
  const periodsPerYear = tradingDaysPerYear(calendar, days);
  const joined = [SUNDAY, SATURDAY].filter((at) => days.length > 0 && isThin(days, at));
  const plain: DayOf = (closeTimeMs) => calendar.dayAt(closeTimeMs - 1);
  return {
    dayOf: joined.length === 0 ? plain : joining(plain, joined),
    periodsPerYear,
    joinsWeekends: joined.length > 0,
  };
}

const SUNDAY = 0;
const SATURDAY = 6;
/** Saturdays and Sundays are days like others from half as many bars on. */
const WEEKEND_SHARE = 0.5;

/** By day of the week, from Sunday: bars, and days that had any. */
interface Weekdays {
  readonly bars: readonly number[];
  readonly days: readonly number[];
}

function weekdaysOf({ closeTimeMs }: BarColumns, calendar: Calendar): Weekdays {
  const bars = [0, 0, 0, 0, 0, 0, 0];
  const days = [0, 0, 0, 0, 0, 0, 0];
  let last: Day = NaN;
  for (const close of closeTimeMs) {
    const day = calendar.dayAt(close - 1);
    const at = weekday(day);
    bars[at]!++;
    if (day !== last) days[at]!++;
    last = day;
  }
  return { bars, days };
}

const ofWorkingDays = (counts: readonly number[]): number => counts.slice(1, 6).reduce((sum, count) => sum + count, 0);

/** Whether a day of the weekend, where there is one, has less than half the bars of a working day. */
function isThin(series: readonly Weekdays[], at: number): boolean {
  const found = series.filter(({ bars }) => bars[at]! > 0);
  const isPart = ({ bars, days }: Weekdays): boolean =>
    bars[at]! / days[at]! < (WEEKEND_SHARE * ofWorkingDays(bars)) / ofWorkingDays(days);
  return found.length > 0 && found.every(isPart);
}

function joining(plain: DayOf, joined: readonly number[]): DayOf {
  return (closeTimeMs) => {
    const day = plain(closeTimeMs);
    const at = weekday(day);
    if (!joined.includes(at)) return day;
    return at === SUNDAY ? day + 1 : day - 1;
  };
}

function tradingDaysPerYear(calendar: Calendar, series: readonly Weekdays[]): 252 | 365 {
  if (calendar.name !== 'none') return calendar.tradingDaysPerYear === 365 ? 365 : 252;
  return series.length > 0 && series.every(tradesOnWeekends) ? 365 : 252;
}

function tradesOnWeekends({ bars }: Weekdays): boolean {
  const working = ofWorkingDays(bars) / 5;
  return Math.min(bars[SUNDAY]!, bars[SATURDAY]!) >= WEEKEND_SHARE * working && working > 0;
}

/**
 * Bars of one symbol in a year, to annualise the volatility of bars: bars per trading day of the first symbol, times
 * days.
 */
export function barsPerYear(bars: readonly BarColumns[], calendar: Calendar): number {
  const [first] = bars;
  if (first === undefined) return calendar.tradingDaysPerYear;
  const days = new Set<number>();
  const { dayOf, periodsPerYear } = marketDays(calendar, bars);
  for (const close of first.closeTimeMs) days.add(dayOf(close));
  return (first.length / Math.max(1, days.size)) * periodsPerYear;
}
