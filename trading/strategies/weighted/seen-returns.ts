import { DAY_MS } from '../../../features/timeframe.ts';
import { columnsOf, returnsOfCloses, varies, type Returns } from '../../portfolio/covariance/returns.ts';
import type { BarView } from '../../bar-view.ts';
import { isPrice } from '../priced-bars.ts';

/** Returns that a session has seen, of the symbols that have them. */
export interface SeenReturns {
  readonly returns: Returns;
  /** By column of the returns: the place of its view. */
  readonly places: readonly number[];
  /** From the close before the first return to the newest one. */
  readonly spanMs: number;
}

/**
 * The last `lookback` returns between moments at which all of the symbols closed at a price. Symbols with fewer bars,
 * those without risk, and those that trade no more are left out; null where none is left, or where they have too
 * few moments in common.
 */
export function seenReturns(views: readonly BarView[], lookback: number): SeenReturns | null {
  const newestMs = views.reduce((latest, view) => (view.length > 0 ? Math.max(latest, view.closeTimeMs()) : latest), 0);
  const isThere = (view: BarView): boolean => view.length > lookback && !isStale(view, newestMs);
  const there = views.flatMap((view, place) => (isThere(view) ? [place] : []));
  if (there.length === 0) return null;
  const shown = there.map((place) => views[place]!);
  const agos = commonBars(shown, lookback + 1);
  if (agos === null) return null;
  const closes = shown.map((view, column) => Float64Array.from(agos, (row) => view.close(row[column]!)));
  const all = returnsOfCloses(
    shown.map(({ symbol }) => symbol),
    closes,
  );
  const columns = [...there.keys()].filter((column) => varies(all, column));
  if (columns.length === 0) return null;
  const spanMs = shown[0]!.closeTimeMs(agos.at(-1)![0]) - shown[0]!.closeTimeMs(agos[0]![0]);
  return { returns: columnsOf(all, columns), places: columns.map((column) => there[column]!), spanMs };
}

/** Weekends and holidays are shorter. */
const STALE_MS = 7 * DAY_MS;

/** Its bars have ended: others would be looked at as long ago. */
function isStale(view: BarView, newestMs: number): boolean {
  const barMs = view.closeTimeMs() - view.openTimeMs();
  return newestMs - view.closeTimeMs() > Math.max(STALE_MS, 2 * barMs);
}

/** By moment, the oldest first: how many bars ago each view had it. Null with fewer than `count`. */
function commonBars(views: readonly BarView[], count: number): number[][] | null {
  const ago = views.map(() => 0);
  const found: number[][] = [];
  for (;;) {
    if (views.some((view, at) => ago[at]! >= view.length)) return null;
    const oldestMs = Math.min(...views.map((view, at) => view.closeTimeMs(ago[at])));
    const late = views.flatMap((view, at) => (view.closeTimeMs(ago[at]) > oldestMs ? [at] : []));
    if (late.length === 0 && views.every((view, at) => isPrice(view.close(ago[at])))) {
      found.push([...ago]);
      if (found.length === count) return found.reverse();
    }
    const moved = late.length === 0 ? ago.keys() : late;
    for (const at of moved) ago[at]! += 1;
  }
}
