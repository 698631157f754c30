import { newYorkOffsetMs } from '../../../features/new-york-clock.ts';
import { DAY_MS, HOUR_MS } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Calendar } from '../../calendars/calendar.ts';
import { regularOf } from '../../calendars/extended-hours.ts';

/** Trading before and after the regular hours, New York time. */
const EXTENDED = { fromMs: 4 * HOUR_MS, toMs: 20 * HOUR_MS };
/** Rows that are looked at, evenly spaced. */
const ROWS_MAX = 5000;
/** Hours by which clocks of the world differ from UTC. */
const SHIFTS = Array.from({ length: 27 }, (_, i) => i - 14);

/** How well times fit a market's day when read `shiftMs` later: regular hours count twice. */
function fitOf(stamps: Float64Array, calendar: Calendar, shiftMs: number): number {
  let fit = 0;
  for (const stamp of stamps) {
    const timeMs = stamp + shiftMs;
    const hours = regularOf(calendar).hoursOf(calendar.dayAt(timeMs));
    if (hours === undefined) continue;
    const local = (((timeMs - newYorkOffsetMs(timeMs)) % DAY_MS) + DAY_MS) % DAY_MS;
    if (local >= EXTENDED.fromMs && local < EXTENDED.toMs) fit++;
    if (timeMs >= hours.openTimeMs && timeMs < hours.closeTimeMs) fit++;
  }
  return fit / stamps.length;
}

/** How much better another reading has to fit before this one is doubted. */
const BETTER = 0.05;

/**
 * Throws InputError where intraday times without a zone, read as UTC, do not fit the hours of US equities, and read as
 * those of another clock do: in summer and in winter, each on its own, since a market's hours move against UTC.
 */
export function requireFittingZone(stamps: Float64Array, calendar: Calendar, where: string): void {
  const every = Math.max(1, Math.ceil(stamps.length / ROWS_MAX));
  const sampled = stamps.filter((_, i) => i % every === 0);
  for (const offset of [4 * HOUR_MS, 5 * HOUR_MS]) {
    const season = sampled.filter((timeMs) => newYorkOffsetMs(timeMs) === offset);
    if (season.length === 0) continue;
    const asUtc = fitOf(season, calendar, 0);
    const best = Math.max(...SHIFTS.map((hours) => fitOf(season, calendar, hours * HOUR_MS)));
    if (best <= asUtc + BETTER) continue;
    const isNewYork = fitOf(season, calendar, offset) >= best;
    throw new InputError(
      `${where}: its times name no zone and, read as UTC, do not fit the calendar ${calendar.name}: the first is ${new Date(stamps[0]!).toISOString()}.`,
      `Say whose clock they show with --timezone${isNewYork ? ' America/New_York, which they fit' : ''} (timezone in data), or --timezone UTC.`,
    );
  }
}

/** Stamps of a day's end rather than its begin. */
const LAST_MINUTE_MS = DAY_MS - 60_000;

/**
 * Throws InputError where daily bars of a market that never closes do not begin, or end, with a day of UTC: put into
 * the hours of one, they would be known before they closed.
 */
export function requireUtcDays(stamps: Float64Array, where: string): void {
  const strange = stamps.find((timeMs) => {
    const ofDay = ((timeMs % DAY_MS) + DAY_MS) % DAY_MS;
    return ofDay !== 0 && ofDay < LAST_MINUTE_MS;
  });
  if (strange === undefined) return;
  throw new InputError(
    `${where}: daily bars of the calendar crypto are days of UTC, and one is stamped ${new Date(strange).toISOString()}.`,
    'Use the calendar none, in which a bar lasts from its stamp to the next; or give bars of UTC days.',
  );
}
