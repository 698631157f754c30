import type { BarColumns } from '../../features/bar.ts';
import type { DatedAction } from './corporate-action.ts';

/**
 * A stretch of time in which the same actions are known. Rows that close in `[fromMs, toMs)` are those of the series
 * adjusted by `actions`.
 */
export interface Vintage {
  readonly fromMs: number;
  readonly toMs: number;
  /** Per series, in order. */
  readonly actions: readonly (readonly DatedAction[])[];
}

/** True where some bar of series `s` opened at or after `fromMs` and closed before `toMs`. */
export type HasBarBetween = (s: number, fromMs: number, toMs: number) => boolean;

/**
 * Actions are known by their ex-date, with rare exceptions: one that became known after bars had closed without it.
 * Rows of those bars stay as they were known; from then on the whole series is seen with the action, as if it always
 * had been. So there is one vintage, and one more for each moment at which a late action became known: each is a
 * computation of its own over the series from its start.
 */
export function vintagesOf(actions: readonly (readonly DatedAction[])[], hasBarBetween: HasBarBetween): Vintage[] {
  const late = actions.map((list, s) =>
    list.filter(({ knownAtMs, effectiveMs }) => knownAtMs > effectiveMs && hasBarBetween(s, effectiveMs, knownAtMs)),
  );
  const moments = [...new Set(late.flat().map(({ knownAtMs }) => knownAtMs))].sort((a, b) => a - b);
  return [-Infinity, ...moments].map((fromMs, v) => ({
    fromMs,
    toMs: moments[v] ?? Infinity,
    actions: actions.map((list, s) =>
      list.filter((action) => !late[s]!.includes(action) || action.knownAtMs <= fromMs),
    ),
  }));
}

/** `HasBarBetween` over columns in memory. */
export function barsBetween(universe: readonly BarColumns[]): HasBarBetween {
  return (s, fromMs, toMs) => {
    const { openTimeMs, closeTimeMs, length } = universe[s]!;
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (openTimeMs[middle]! < fromMs) low = middle + 1;
      else high = middle;
    }
    return low < length && closeTimeMs[low]! < toMs;
  };
}
