import type { BarView } from '../../bar-view.ts';
import { HOLD, type Signal, type SymbolStrategy } from '../strategy.ts';

/** Bars at which a strategy speaks, ascending, and whether it says the first or the second of its two signals. */
export interface SignalPlan {
  readonly rows: Int32Array;
  /** 1 for the first signal, 0 for the second. */
  readonly first: Uint8Array;
  readonly count: number;
}

/**
 * Says at each bar what was worked out for it, and can therefore tell how long it will hold. What a bar is given must
 * rest on that bar and those before it alone: whoever makes a plan answers for that, and a test compares it with the
 * strategy that is asked bar by bar.
 */
export class PlannedSignals implements SymbolStrategy {
  readonly #plan: SignalPlan;
  readonly #signals: readonly [Signal, Signal];
  readonly #hold: Signal = HOLD;
  #next = 0;

  /** @param signals what the first and the second say, shared by all bars */
  constructor(plan: SignalPlan, signals: readonly [Signal, Signal]) {
    this.#plan = plan;
    this.#signals = signals;
  }

  decide(view: BarView): Signal {
    const row = view.length - 1;
    if (this.quietUntil(row) !== row) return this.#hold;
    return this.#signals[this.#plan.first[this.#next] === 1 ? 0 : 1];
  }

  quietUntil(row: number): number {
    const { rows, count } = this.#plan;
    let next = this.#next;
    while (next < count && rows[next]! < row) next++;
    this.#next = next;
    return next < count ? rows[next]! : Infinity;
  }
}
