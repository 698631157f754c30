import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { exDateOf, type DatedAction } from './corporate-action.ts';

/** Splits smaller than 5:4 are within what a price may do over night. */
const SMALLEST = 1.25;

/** How far two prices are apart as a ratio of at least 1. */
const distance = (a: number, b: number): number => (a > b ? a / b : b / a);

/** The last close without what `actions` take from it, one after the other. */
function closeWithout(lastClose: number, actions: readonly DatedAction[]): number {
  let close = lastClose;
  for (const { kind, value } of actions) close = kind === 'split' ? close / value : Math.max(close - value, 0);
  return close;
}

/**
 * The splits among `actions`, which came into effect together, that fail to show in the prices: the first open after
 * them is nearer to what the others make of the last close than to what all of them make of it. Bars that somebody has
 * adjusted already look so, and adjusting them again puts a jump in where there is none. All of them are looked at
 * together, because a spin-off may take away what a reverse split adds.
 */
export function unmarkedSplits(actions: readonly DatedAction[], lastClose: number, open: number): DatedAction[] {
  const due = closeWithout(lastClose, actions);
  return actions.filter((action) => {
    if (action.kind !== 'split' || distance(action.value, 1) < SMALLEST) return false;
    const others = actions.filter((other) => other !== action);
    return distance(open, closeWithout(lastClose, others)) < distance(open, due);
  });
}

/** The last close without what `actions` take from it: a split that does not show took nothing. */
export function closeAfter(actions: readonly DatedAction[], lastClose: number, open: number): number {
  const unmarked = unmarkedSplits(actions, lastClose, open);
  return closeWithout(
    lastClose,
    actions.filter((action) => !unmarked.includes(action)),
  );
}

export interface UnmarkedSplit {
  readonly action: DatedAction;
  /** Open of the first bar with the split in effect. */
  readonly openTimeMs: number;
  readonly lastClose: number;
  readonly open: number;
  /** What the open would be about, with everything that came into effect with it. */
  readonly due: number;
}

/** What is wrong, with the ex-date and both ratios, and what to do. */
export function describeUnmarked({ action, lastClose, open, due: dueOpen }: UnmarkedSplit): {
  problem: string;
  remedy: string;
} {
  const exDate = exDateOf(action);
  const seen = (open / lastClose).toPrecision(4);
  const due = (dueOpen / lastClose).toPrecision(4);
  return {
    problem: `Already adjusted? The split of ${action.value} on ${exDate} does not show: the open is ${seen} of the last close (${open} after ${lastClose}), where the actions of that day make it about ${due}.`,
    remedy:
      'Bars adjusted already must not be adjusted again: take the split out of the actions, use adjust raw, or give bars as ' +
      'traded. If the actions are right, say so with --trust-actions, or data.trustActions in an experiment.',
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
      if (nextMs > openTimeMs[i]!) continue;
      const from = this.#next;
      while (nextMs <= openTimeMs[i]!) nextMs = this.#actions[++this.#next]?.effectiveMs ?? Infinity;
      const together = this.#actions.slice(from, this.#next);
      const lastClose = i === 0 ? this.#lastClose : close[i - 1]!;
      const due = closeWithout(lastClose, together);
      for (const action of unmarkedSplits(together, lastClose, open[i]!)) {
        found({ action, openTimeMs: openTimeMs[i]!, lastClose, open: open[i]!, due });
      }
    }
    if (length > 0) this.#lastClose = close[length - 1]!;
  }
}

/** Throws InputError where a split that is to be taken out of `bars` does not show in them. */
export function requireUnadjusted(bars: BarColumns, actions: readonly DatedAction[]): void {
  new UnmarkedSplits(actions).inspect(bars, (split) => {
    const { problem, remedy } = describeUnmarked(split);
    throw new InputError(`${bars.symbol}: ${problem}`, remedy);
  });
}
