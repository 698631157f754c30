import type { BarView } from '../bar-view.ts';
import { HOLD, type Signal, type SymbolStrategy } from './strategy.ts';

/** Decides on all symbols of a session at once, in the order of the views. */
export type DecideTogether = (views: readonly BarView[]) => readonly Signal[];

/**
 * One decision maker per view that asks `decide` once at every moment at which bars have closed. All views end at that
 * moment, whichever symbol is asked first. What is decided for a symbol without a bar then waits for none: it is
 * decided anew at the next moment.
 */
export function symbolsTogether(views: readonly BarView[], decide: DecideTogether): SymbolStrategy[] {
  let decided: readonly Signal[] = views.map(() => HOLD);
  /** Closed bars of all symbols at the last decision: every moment adds some. */
  let bars = 0;
  const now = (): number => {
    let sum = 0;
    for (const view of views) sum += view.length;
    return sum;
  };
  return views.map((_, symbol) => ({
    decide: () => {
      const closed = now();
      if (closed !== bars) {
        bars = closed;
        decided = decide(views);
      }
      return decided[symbol]!;
    },
  }));
}
