import { closeAfter } from '../adjustments/already-adjusted.ts';
import { hasHours } from '../calendars/calendar.ts';
import { nothingLeft, type QualityCheckDefinition } from './quality-check.ts';

/** Ratios of common splits; a new price is an n-th of the old one, or n times after a reverse split. */
const SPLITS = [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50];
/** Overnight drift around the exact ratio. */
const TOLERANCE = 0.02;
/** Any change of the close beyond this is worth a look. */
const LARGE = 0.4;

/**
 * The common split that multiplies a price by about `ratio`, as `2:1` or `1:2` (reverse); undefined where there is none
 * within `tolerance` of it, a share of the exact ratio.
 */
export function splitRatio(ratio: number, tolerance = TOLERANCE): string | undefined {
  for (const n of SPLITS) {
    if (Math.abs(ratio * n - 1) < tolerance) return `${n}:1`;
    if (Math.abs(ratio / n - 1) < tolerance) return `1:${n}`;
  }
  return undefined;
}

/**
 * Prices that jump by the ratio of a split from one trading day to the next, as series do that were not adjusted, and
 * other very large changes. An error only where splits happen, at exchanges for shares; elsewhere a warning. A split or
 * dividend on record explains its jump; one that does not show is the business of already-adjusted.
 */
export const splitSizedJumps: QualityCheckDefinition = {
  name: 'split-sized-jumps',
  description: 'overnight changes of the size of a split, and changes above 40 %',
  create: ({ calendar, assetClass, actions = [] }, report) => {
    const shares = hasHours(calendar) && assetClass !== 'index';
    let lastClose = NaN;
    let above = NaN;
    let below = NaN;
    let lastCloseMs = -Infinity;
    let next = 0;
    let nextMs = actions[0]?.effectiveMs ?? Infinity;
    /** Takes the actions that came into effect out of the last close. */
    const take = (openTimeMs: number, open: number): void => {
      const from = next;
      while (nextMs <= openTimeMs) nextMs = actions[++next]?.effectiveMs ?? Infinity;
      lastClose = closeAfter(actions.slice(from, next), lastClose, open);
      above = lastClose * (1 + LARGE);
      below = lastClose * (1 - LARGE);
    };
    return {
      inspect: ({ length, openTimeMs, closeTimeMs, open, close }) => {
        for (let i = 0; i < length; i++) {
          const o = open[i]!;
          const c = close[i]!;
          if (openTimeMs[i]! >= nextMs) take(openTimeMs[i]!, o);
          // Products rather than quotients: this loop runs for every bar that is ingested.
          if (o > above || o < below || c > above || c < below) {
            const atOpen = o / lastClose;
            const overnight = calendar.dayAt(openTimeMs[i]!) !== calendar.dayAt(lastCloseMs - 1);
            const split = overnight ? splitRatio(atOpen) : undefined;
            const from = `from ${lastClose} to ${o} at the open and ${c} at the close`;
            const message = split === undefined ? `A jump ${from}.` : `A jump the size of a ${split} split, ${from}.`;
            const severity = shares && split !== undefined ? 'error' : 'warning';
            report({ severity, openTimeMs: openTimeMs[i]!, bars: 1, message });
          }
          lastClose = c;
          above = c * (1 + LARGE);
          below = c * (1 - LARGE);
          lastCloseMs = closeTimeMs[i]!;
        }
      },
      finish: nothingLeft,
    };
  },
};
