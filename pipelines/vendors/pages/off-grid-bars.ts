import { timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { VendorError } from '../vendor-error.ts';
import type { KeptOutBar, VendorBar } from './bar-page.ts';

/** An outage puts some hours out of step, never all of a long stretch: then the stamps mean something else. */
const ALL_OFF_MAX = 1_000;

/** Whether a bar begins where no bar of its size does. Days are told by the calendar, not by their stamp. */
export function isOffGrid({ timeMs }: VendorBar, timeframe: Timeframe): boolean {
  return timeframe !== '1d' && timeMs % timeframeMs(timeframe) !== 0;
}

/**
 * The bars that begin on the grid of their size, and those that do not. After an outage a venue may cut its bars from
 * the moment it came back (Binance, February 2018: hours that begin at 28 minutes and 14.789 seconds). Such a bar holds
 * prices of two bars of the grid, and nothing tells which are whose: it is left out. One that begins on the grid and
 * ends early, when trading stopped, is whole: nothing was traded in the rest. Throws VendorError `malformed` where a
 * long answer is off the grid throughout.
 */
export function onGrid(
  rows: readonly VendorBar[],
  timeframe: Timeframe,
  where: VendorEndpoint,
): { readonly rows: readonly VendorBar[]; readonly keptOut: readonly KeptOutBar[] } {
  const off = rows.filter((row) => isOffGrid(row, timeframe));
  if (off.length === 0) return { rows, keptOut: [] };
  if (off.length === rows.length && off.length > ALL_OFF_MAX) {
    const detail = `none of its ${rows.length} bars begins where bars of ${timeframe} do`;
    throw new VendorError({ ...where, kind: 'malformed', detail });
  }
  const keptOut = off.map(({ timeMs }): KeptOutBar => ({
    openTimeMs: timeMs,
    message:
      `${where.vendor}'s bar at ${new Date(timeMs).toISOString()} begins where no bar of ${timeframe} does, ` +
      'as after an outage of the venue: it is left out.',
  }));
  return { rows: rows.filter((row) => !isOffGrid(row, timeframe)), keptOut };
}
