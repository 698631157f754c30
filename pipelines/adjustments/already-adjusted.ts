import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { isoDay } from '../calendars/day.ts';
import type { DatedAction } from './corporate-action.ts';

/** Splits smaller than 5:4 are within what a price may do over night. */
const SMALLEST = 1.25;

/** How far two prices are apart as a ratio of at least 1. */
const distance = (a: number, b: number): number => (a > b ? a / b : b / a);

/**
 * Whether a split fails to show in the prices: the first open after it is nearer to the last close than to what the
 * split makes of that close. Bars that somebody has adjusted already look so, and adjusting them again puts a jump in
 * where there is none.
 */
export function isUnmarked({ kind, value }: DatedAction, lastClose: number, open: number): boolean {
  if (kind !== 'split' || distance(value, 1) < SMALLEST) return false;
  return distance(open, lastClose) < distance(open, lastClose / value);
}

export interface UnmarkedSplit {
  readonly action: DatedAction;
  /** Open of the first bar with the split in effect. */
  readonly openTimeMs: number;
  readonly lastClose: number;
  readonly open: number;
}

/** What is wrong, with the ex-date and both ratios, and what to do. */
export function describeUnmarked(
  { action, lastClose, open }: UnmarkedSplit,
  calendar: Calendar,
): { problem: string; remedy: string } {
  const exDate = isoDay(calendar.dayAt(action.effectiveMs));
  const seen = (open / lastClose).toPrecision(4);
  const due = (1 / action.value).toPrecision(4);
  return {
    problem: `Already adjusted? The split of ${action.value} on ${exDate} does not show: the open is ${seen} of the last close (${open} after ${lastClose}), where the split makes it about ${due}.`,
    remedy:
      'Bars adjusted already must not be adjusted again: take the split out of the actions, use adjust raw, or give bars as traded.',
  };
}

/** Finds splits that do not show, piece by piece in ascending time. `actions` in order. */
export class UnmarkedSplits {
  readonly #actions: readonly DatedAction[];
  #next = 0;
  #lastClose = NaN;

  constructor(actions: readonly DatedAction[]) {
    this.#actions = actions;
  }

  /** Calls `found` for each split that came into effect with a bar of `bars` and does not show in it. */
  inspect({ length, openTimeMs, open, close }: BarColumns, found: (split: UnmarkedSplit) => void): void {
    let nextMs = this.#actions[this.#next]?.effectiveMs ?? Infinity;
    for (let i = 0; nextMs < Infinity && i < length; i++) {
      for (; nextMs <= openTimeMs[i]!; nextMs = this.#actions[++this.#next]?.effectiveMs ?? Infinity) {
        const action = this.#actions[this.#next]!;
        const lastClose = i === 0 ? this.#lastClose : close[i - 1]!;
        if (isUnmarked(action, lastClose, open[i]!)) {
          found({ action, openTimeMs: openTimeMs[i]!, lastClose, open: open[i]! });
        }
      }
    }
    if (length > 0) this.#lastClose = close[length - 1]!;
  }
}

/** Throws InputError where a split that is to be taken out of `bars` does not show in them. */
export function requireUnadjusted(bars: BarColumns, actions: readonly DatedAction[], calendar: Calendar): void {
  new UnmarkedSplits(actions).inspect(bars, (split) => {
    const { problem, remedy } = describeUnmarked(split, calendar);
    throw new InputError(`${bars.symbol}: ${problem}`, remedy);
  });
}
