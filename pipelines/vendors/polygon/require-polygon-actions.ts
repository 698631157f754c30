import { isoDay, type Day } from '../../calendars/day.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import type { ActionsRequest } from '../vendor-actions.ts';
import { VendorError } from '../vendor-error.ts';

/** Throws VendorError `malformed` where an action is another ticker's, or its ex-date was not asked for. */
export function requirePolygonActions(
  found: readonly { readonly ticker: string; readonly exDay: Day }[],
  { symbol, fromDay, toDay }: ActionsRequest,
  where: VendorEndpoint,
): void {
  for (const { ticker, exDay } of found) {
    if (ticker !== symbol) throw new VendorError({ ...where, kind: 'malformed', detail: `actions of ${ticker}` });
    if (exDay >= fromDay && exDay <= toDay) continue;
    const detail = `an action of ${isoDay(exDay)}, outside the range asked for`;
    throw new VendorError({ ...where, kind: 'malformed', detail });
  }
}
