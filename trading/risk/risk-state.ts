import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { Command, KillState, StateEffect } from '../effect.ts';
import type { RefusedOrder } from '../orders/approved-order.ts';

const RATE_WINDOW_MS = 60_000;

export interface RiskStateOptions {
  readonly limits: RiskLimits;
  readonly portfolio: { readonly equity: number };
  readonly dayOf: (closeTimeMs: number) => number;
}

/**
 * The kill switch, the day's loss, the drawdown from the peak, and the order rate: what stops openings for a while or
 * for good.
 */
export class RiskState {
  killState: KillState = 'run';
  readonly #limits: RiskLimits;
  readonly #portfolio: { readonly equity: number };
  readonly #dayOf: (closeTimeMs: number) => number;
  /** A loss stop is set. */
  readonly #watches: boolean = false;
  /** A drawdown, not a command, set the halt. */
  #drawdownHalt = false;
  #drawdown = 0;
  #peak = 0;
  #day = NaN;
  #dayStart = 0;
  #dayLoss = 0;
  #dayBlocked = false;
  #lastEquity = 0;
  /** Times of the last orders, a ring as long as the limit: full when its oldest entry lies inside the window. */
  readonly #times: Float64Array;
  #next = 0;

  constructor(options: RiskStateOptions) {
    this.#limits = options.limits;
    this.#portfolio = options.portfolio;
    this.#dayOf = options.dayOf;
    this.#watches = options.limits.drawdownFraction !== null || options.limits.dailyLossFraction !== null;
    this.#peak = this.#dayStart = this.#lastEquity = options.portfolio.equity;
    this.#times = new Float64Array(options.limits.ordersPerMinute ?? 0).fill(-Infinity);
  }

  /**
   * Equity was marked at a close. Returns what changed, in order, or null. A breach is reached at the limit itself; a
   * mark may breach both limits.
   */
  onMark(at: { readonly timeMs: number }): readonly StateEffect[] | null {
    const { equity } = this.#portfolio;
    if (this.#watches) return this.#checkLimits(at, equity);
    if (equity > this.#peak) this.#peak = equity;
    this.#lastEquity = equity;
    return null;
  }

  #checkLimits(at: { readonly timeMs: number }, equity: number): readonly StateEffect[] | null {
    const { drawdownFraction, dailyLossFraction } = this.#limits;
    let effects: readonly StateEffect[] | null = null;
    if (dailyLossFraction !== null) effects = this.#checkDay(at.timeMs, equity, dailyLossFraction);
    if (equity > this.#peak) this.#peak = equity;
    if (drawdownFraction !== null && this.killState === 'run') {
      const drawdown = 1 - equity / this.#peak;
      if (lost(this.#peak, equity, drawdownFraction)) {
        this.#drawdown = drawdown;
        this.#drawdownHalt = true;
        this.killState = 'halt';
        const breach = { cause: 'drawdown', value: drawdown, limit: drawdownFraction } as const;
        effects = [...(effects ?? []), { kind: 'state', timeMs: at.timeMs, state: 'halt', ...breach }];
      }
    }
    this.#lastEquity = equity;
    return effects;
  }

  /** An operator's command. `resume` is the consent after a drawdown: the peak starts again from today's equity. */
  onCommand({ timeMs, command }: Command): StateEffect {
    this.killState = command === 'resume' ? 'run' : command;
    this.#drawdownHalt = false;
    if (command === 'resume') this.#peak = this.#portfolio.equity;
    return { kind: 'state', timeMs, state: this.killState, cause: 'command', value: 0, limit: 0 };
  }

  /** The books differ from what was ordered: only reductions from here, until somebody has looked. */
  onUnexplained(timeMs: number): StateEffect | null {
    if (this.killState === 'reduce' || this.killState === 'flatten') return null;
    this.killState = 'reduce';
    return { kind: 'state', timeMs, state: 'reduce', cause: 'unexplained-fill', value: 0, limit: 0 };
  }

  /** Why nothing may open now, or null. */
  openingBlock(): RefusedOrder | null {
    const { drawdownFraction, dailyLossFraction } = this.#limits;
    if (this.#drawdownHalt) {
      return { kind: 'refused', code: 'drawdown-halt', value: this.#drawdown, limit: drawdownFraction ?? 0 };
    }
    if (this.killState === 'halt') return { kind: 'refused', code: 'halted', value: 0, limit: 0 };
    if (this.killState === 'reduce') return { kind: 'refused', code: 'reduce-only', value: 0, limit: 0 };
    if (this.killState === 'flatten') return { kind: 'refused', code: 'flattening', value: 0, limit: 0 };
    if (this.#dayBlocked) {
      return { kind: 'refused', code: 'daily-loss', value: this.#dayLoss, limit: dailyLossFraction ?? 0 };
    }
    return null;
  }

  /** Orders approved in the 60 seconds of event time before `timeMs`, counted up to the limit. */
  ordersInWindow(timeMs: number): number {
    let count = 0;
    for (let back = 1; back <= this.#times.length; back++) {
      const at = this.#times[(this.#next - back + this.#times.length) % this.#times.length]!;
      if (timeMs - at >= RATE_WINDOW_MS) break;
      count += 1;
    }
    return count;
  }

  countOrder(timeMs: number): void {
    if (this.#times.length === 0) return;
    this.#times[this.#next] = timeMs;
    this.#next = (this.#next + 1) % this.#times.length;
  }

  #checkDay(timeMs: number, equity: number, limit: number): readonly StateEffect[] | null {
    const day = this.#dayOf(timeMs);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayStart = this.#lastEquity;
      this.#dayBlocked = false;
    }
    if (this.#dayBlocked || !lost(this.#dayStart, equity, limit)) return null;
    const loss = 1 - equity / this.#dayStart;
    this.#dayBlocked = true;
    this.#dayLoss = loss;
    return [{ kind: 'state', timeMs, state: this.killState, cause: 'daily-loss', value: loss, limit }];
  }
}

/**
 * At least `fraction` of `before` is gone. In money, which rounds less: 1 - 90 / 100 is below 0.1. Of nothing no
 * fraction can be lost.
 */
function lost(before: number, equity: number, fraction: number): boolean {
  return before > 0 && before - equity >= fraction * before;
}
