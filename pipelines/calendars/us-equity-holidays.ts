import type { Day } from './day.ts';
import { dateOf, dayOf, lastWeekday, nthWeekday, weekday } from './day.ts';
import { isWeekend } from './new-york-time.ts';

const SUNDAY = 0;
const MONDAY = 1;
const TUESDAY = 2;
const WEDNESDAY = 3;
const THURSDAY = 4;
const SATURDAY = 6;

/** Days on which the exchange stayed shut for no holiday. Source: NYSE notices; the reason stands beside each. */
const SPECIAL_CLOSURES: ReadonlySet<Day> = new Set([
  dayOf(1994, 4, 27), // funeral of President Nixon
  dayOf(2001, 9, 11), // attacks of 11 September
  dayOf(2001, 9, 12),
  dayOf(2001, 9, 13),
  dayOf(2001, 9, 14),
  dayOf(2004, 6, 11), // funeral of President Reagan
  dayOf(2007, 1, 2), // mourning for President Ford
  dayOf(2012, 10, 29), // hurricane Sandy
  dayOf(2012, 10, 30),
  dayOf(2018, 12, 5), // mourning for President G. H. W. Bush
  dayOf(2025, 1, 9), // mourning for President Carter
]);

/** Single early closes that no rule below gives: the turn of 1999 and the Fridays after Christmas 1997 and 2003. */
const SPECIAL_HALF_DAYS: ReadonlySet<Day> = new Set([dayOf(1997, 12, 26), dayOf(1999, 12, 31), dayOf(2003, 12, 26)]);

/** A holiday on a Saturday is kept on Friday, one on a Sunday on Monday (NYSE rule 7.2). */
function observed(holiday: Day): Day {
  const at = weekday(holiday);
  if (at === SATURDAY) return holiday - 1;
  return at === SUNDAY ? holiday + 1 : holiday;
}

/** Good Friday: two days before Easter Sunday by the Gregorian computus (Meeus, Jones, Butcher). */
function goodFriday(year: number): Day {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const date = ((h + l - 7 * m + 114) % 31) + 1;
  return dayOf(year, month, date) - 2;
}

function holidaysOf(year: number): ReadonlySet<Day> {
  const newYear = dayOf(year, 1, 1);
  const days = [
    // A New Year's Day on a Saturday is not made up for: the Friday closes the books of the old year.
    weekday(newYear) === SUNDAY ? newYear + 1 : newYear,
    nthWeekday(year, 2, MONDAY, 3), // Washington's Birthday
    goodFriday(year),
    lastWeekday(year, 5, MONDAY), // Memorial Day
    observed(dayOf(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1), // Labor Day
    nthWeekday(year, 11, THURSDAY, 4), // Thanksgiving
    observed(dayOf(year, 12, 25)),
  ];
  if (year >= 1998) days.push(nthWeekday(year, 1, MONDAY, 3)); // Martin Luther King Jr. Day
  if (year >= 2022) days.push(observed(dayOf(year, 6, 19))); // Juneteenth
  return new Set(days);
}

/** Days that close at 13:00: the eves and morrows of Independence Day, Thanksgiving and Christmas. */
function halfDaysOf(year: number): ReadonlySet<Day> {
  const days = [nthWeekday(year, 11, THURSDAY, 4) + 1];
  const christmasEve = dayOf(year, 12, 24);
  if (weekday(christmasEve) >= MONDAY && weekday(christmasEve) <= THURSDAY) days.push(christmasEve);
  const third = dayOf(year, 7, 3);
  const at = weekday(third);
  if (at === MONDAY || at === TUESDAY || at === THURSDAY) days.push(third);
  // Until 2012 a Thursday holiday shortened the Friday after it; since 2013 the Wednesday before it.
  if (at === WEDNESDAY) days.push(year >= 2013 ? third : dayOf(year, 7, 5));
  return new Set(days);
}

interface Year {
  readonly holidays: ReadonlySet<Day>;
  readonly halfDays: ReadonlySet<Day>;
}

const byYear = new Map<number, Year>();

function yearOf(day: Day): Year {
  const { year } = dateOf(day);
  const known = byYear.get(year);
  if (known !== undefined) return known;
  const made = { holidays: holidaysOf(year), halfDays: halfDaysOf(year) };
  byYear.set(year, made);
  return made;
}

/** True on every day the New York exchanges trade, from 1990 on. */
export function isUsTradingDay(day: Day): boolean {
  return isUsPublishedDay(day) && !SPECIAL_CLOSURES.has(day);
}

/** True on every day that was to be a trading day: the exchange's calendar before attacks, storms and funerals. */
export function isUsPublishedDay(day: Day): boolean {
  return !isWeekend(day) && !yearOf(day).holidays.has(day);
}

/** True on a trading day that closes at 13:00 local time; exact from 2000 on. */
export function isUsHalfDay(day: Day): boolean {
  return isUsTradingDay(day) && (SPECIAL_HALF_DAYS.has(day) || yearOf(day).halfDays.has(day));
}
