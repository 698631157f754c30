import { DAY_MS } from '../../features/timeframe.ts';
import { parseDay, type Day } from '../../pipelines/calendars/day.ts';
import type { PlaceOrder } from './order-request.ts';

/** No zone is further from UTC, and no trading day takes more with it (a weekend) than this. */
const AROUND_MS = 4 * DAY_MS;

/**
 * The last moment at which a bar of a trading day can close, in the zone of its market. Days of 23 and 25 hours, at
 * changes of the clock, end when their market says.
 * @param dayOf trading day of a close
 */
export function dayEndMs(day: Day, dayOf: (closeTimeMs: number) => Day): number {
  let [inside, after] = [day * DAY_MS - AROUND_MS, day * DAY_MS + AROUND_MS];
  while (after - inside > 1) {
    const middle = Math.floor((inside + after) / 2);
    if (dayOf(middle) > day) after = middle;
    else inside = middle;
  }
  return inside;
}

/** A request with the moment that its last day ends at; as it is where that is no date, or a moment is given too. */
export function withExpiry(request: PlaceOrder, dayOf: (closeTimeMs: number) => Day): PlaceOrder {
  const { expiresOn, ...rest } = request;
  const day = typeof expiresOn === 'string' && rest.expiresMs === undefined ? parseDay(expiresOn) : undefined;
  return day === undefined ? request : { ...rest, expiresMs: dayEndMs(day, dayOf) };
}
