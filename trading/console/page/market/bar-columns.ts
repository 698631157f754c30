import type { BarPage } from '../service/chart-shapes.ts';

/** Bars by columns of equal length, ascending in their opens. */
export type BarColumns = Pick<BarPage, 'time' | 'open' | 'high' | 'low' | 'close' | 'volume'>;

const NAMES = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;
const NO_BARS: BarColumns = { time: [], open: [], high: [], low: [], close: [], volume: [] };

/**
 * Pages as one: `pages` the newest first, as they were asked for, and what came since. A bar that came again,
 * because it was asked for from the open of the last on, takes the place of the one before.
 */
export function joinedBars(pages: readonly BarColumns[], since: BarColumns = NO_BARS): BarColumns {
  const first = since.time[0] ?? Infinity;
  const parts = [...pages].reverse();
  const joined = Object.fromEntries(NAMES.map((name) => [name, parts.flatMap((page) => page[name])])) as unknown as {
    [Name in (typeof NAMES)[number]]: number[];
  };
  let kept = joined.time.length;
  while (kept > 0 && joined.time[kept - 1]! >= first) kept -= 1;
  for (const name of NAMES) joined[name] = [...joined[name].slice(0, kept), ...since[name]];
  return joined;
}

/** The row of the bar in which something at `atMs` was decided or done: the last that had opened; -1: none. */
export function rowBefore(time: readonly number[], atMs: number): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (time[middle]! < atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
