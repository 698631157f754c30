import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import type { BarColumns } from '../../features/bar.ts';
import { isCoinName } from '../coin-name.ts';
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
  /** What was guessed of the days in a year, in sentences. */
  readonly guesses?: readonly string[];
}

/**
 * Trading days of a calendar: a close at midnight belongs to the day that ends there. Without a calendar the bars say
 * whether their market trades on weekends, or the name does where they hold none. Where it only begins its week there,
 * or ends it (currencies open on Sunday evening), those hours belong to Monday, or to Friday: a sixth return a week
 * would fit neither 252 nor 365.
 */
export function marketDays(calendar: Calendar, bars: readonly BarColumns[] = []): MarketDays {
  const plain = closingDays(calendar, bars);
  const days = calendar.name === 'none' ? bars.map((one) => weekdaysOf(one, plain)) : [];
  const { periodsPerYear, guesses } = daysPerYear(calendar, days);
  const joined = [SUNDAY, SATURDAY].filter((at) => days.length > 0 && isThin(days, at));
  return {
    dayOf: joined.length === 0 ? plain : joining(plain, joined),
    periodsPerYear,
    joinsWeekends: joined.length > 0,
    guesses,
  };
}

/**
 * Whether a bar is the last of a trading day of `calendar`: the one that reaches its close, half days too. Undefined
 * for no calendar, which knows no hours.
 */
export function endsDayOf(calendar: Calendar): ((openTimeMs: number, closeTimeMs: number) => boolean) | undefined {
  if (calendar.name === 'none') return undefined;
  const { dayOf } = marketDays(calendar);
  return (openTimeMs, closeTimeMs) => {
    const hours = calendar.hoursOf(calendar.dayAt(closeTimeMs - 1));
    if (hours === undefined) return false;
    // Round the clock nothing but the day itself ends, at whichever hour its bars begin.
    if (hours.closeTimeMs - hours.openTimeMs === DAY_MS) {
      return dayOf(closeTimeMs + closeTimeMs - openTimeMs) !== dayOf(closeTimeMs);
    }
    return openTimeMs < hours.closeTimeMs && closeTimeMs >= hours.closeTimeMs;
  };
}

/**
 * The day of a close. Daily bars of a zone whose midnight is at 1:00 UTC in winter and at 0:00 in summer (the Azores)
 * would have two of one day where the clock is put forward: such bars belong to the day that holds their middle.
 */
function closingDays(calendar: Calendar, bars: readonly BarColumns[]): DayOf {
  const plain: DayOf = (closeTimeMs) => calendar.dayAt(closeTimeMs - 1);
  if (calendar.name !== 'none' || !bars.some((one) => sharesDays(one, plain))) return plain;
  return (closeTimeMs) => calendar.dayAt(closeTimeMs - DAY_MS / 2);
}

/** Whether two of daily bars would be of one day. */
function sharesDays({ length, openTimeMs, closeTimeMs }: BarColumns, dayOf: DayOf): boolean {
  let isShared = false;
  let last: Day = NaN;
  for (let i = 0; i < length; i++) {
    if (closeTimeMs[i]! - openTimeMs[i]! < DAY_MS - HOUR_MS) return false;
    const day = dayOf(closeTimeMs[i]!);
    isShared ||= day === last;
    last = day;
  }
  return isShared;
}

const SUNDAY = 0;
const SATURDAY = 6;
/** Saturdays and Sundays are days like others from half as many bars on. */
const WEEKEND_SHARE = 0.5;

/** By day of the week, from Sunday: bars, and days that had any. */
interface Weekdays {
  readonly symbol: string;
  readonly bars: readonly number[];
  readonly days: readonly number[];
  /** Days between the first bar and the last, with bars or without. */
  readonly within: readonly number[];
}

function weekdaysOf({ symbol, length, closeTimeMs }: BarColumns, dayOf: DayOf): Weekdays {
  const bars = [0, 0, 0, 0, 0, 0, 0];
  const days = [0, 0, 0, 0, 0, 0, 0];
  const within = [0, 0, 0, 0, 0, 0, 0];
  if (length > 0) {
    const first = dayOf(closeTimeMs[0]!);
    const end = dayOf(closeTimeMs[length - 1]!) + 1;
    for (let at = 0; at < 7; at++) within[weekday(first + at)] = Math.max(0, Math.ceil((end - first - at) / 7));
  }
  let last: Day = NaN;
  for (const close of closeTimeMs) {
    const day = dayOf(close);
    const at = weekday(day);
    bars[at]!++;
    if (day !== last) days[at]!++;
    last = day;
  }
  return { symbol, bars, days, within };
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

function daysPerYear(
  calendar: Calendar,
  series: readonly Weekdays[],
): { periodsPerYear: 252 | 365; guesses: string[] } {
  if (calendar.name !== 'none' || series.length === 0) {
    const isAlways = calendar.name !== 'none' && calendar.tradingDaysPerYear === 365;
    return { periodsPerYear: isAlways ? 365 : 252, guesses: [] };
  }
  const seen = series.map(tradesOnWeekends);
  const isAlways = series.every(({ symbol }, i) => seen[i] ?? isCoinName(symbol));
  const periodsPerYear = isAlways ? 365 : 252;
  const unseen = series.filter((_, i) => seen[i] === undefined);
  const resting = series.filter(({ symbol }, i) => seen[i] === false && isCoinName(symbol));
  const named = (some: readonly Weekdays[]): string => `${some[0]!.symbol}${some.length > 1 ? ' (and others)' : ''}`;
  const otherwise = `--calendar ${isAlways ? 'us-equities says 252' : 'crypto says 365'}`;
  const guesses: string[] = [];
  if (unseen.length > 0) {
    const why = isAlways ? `${named(unseen)} is named like a coin, and` : 'it is a guess that';
    guesses.push(`The bars span no whole weekend; ${why} a year has ${periodsPerYear} days: ${otherwise}.`);
  }
  if (resting.length > 0) {
    const days = `a year has ${periodsPerYear} days`;
    guesses.push(`${named(resting)} is named like a coin and has no full weekends; ${days}: ${otherwise}.`);
  }
  return { periodsPerYear, guesses };
}

/** Whether Saturdays and Sundays are days like others; undefined where there are not both to tell by. */
function tradesOnWeekends({ bars, within }: Weekdays): boolean | undefined {
  const [days, count] = [ofWorkingDays(within), ofWorkingDays(bars)];
  if (days > 0 && count === 0) return false;
  const rate = days === 0 ? 0 : count / days;
  const found = [SUNDAY, SATURDAY].filter((at) => within[at]! > 0);
  if (found.some((at) => bars[at]! < WEEKEND_SHARE * rate * within[at]!)) return false;
  return found.length === 2 ? true : undefined;
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
