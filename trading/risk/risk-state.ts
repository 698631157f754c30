import { MINUTE_MS } from '../../features/timeframe.ts';
import { isSet } from '../../models/experiment/limits-schema.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { Command, KillState, OrderUpdate, StateEffect } from '../effect.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { RefusalCode } from '../refusal.ts';
import { OrderRate } from './order-rate.ts';

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
  #limits: RiskLimits;
  readonly #portfolio: { readonly equity: number };
  readonly #dayOf: (closeTimeMs: number) => number;
  /** A loss stop is set. */
  #watches: boolean = false;
  /** What set the halt, where that was no command. */
  #haltedBy: RefusedOrder | null = null;
  #peak = 0;
  #day = NaN;
  #dayStart = 0;
  /** The loss that blocks openings until the next day. */
  #dayLoss: RefusedOrder | null = null;
  #lastEquity = 0;
  /** Null where there is no such limit. */
  #minute: OrderRate | null = null;
  #rate: OrderRate | null = null;
  #rejections = 0;
  /** Rejections of the last minute; null where they are not counted. */
  #rejected: OrderRate | null = null;

  constructor(options: RiskStateOptions) {
    this.#limits = options.limits;
    this.#portfolio = options.portfolio;
    this.#dayOf = options.dayOf;
    this.#peak = this.#dayStart = this.#lastEquity = options.portfolio.equity;
    this.change(options.limits);
  }

  /** Other limits hold from here on. What was counted, the peak, and a stop that was reached stay. */
  change(limits: RiskLimits): void {
    this.#limits = limits;
    const { drawdownFraction, dailyLossFraction, drawdownAmount, dailyLossAmount, ordersPerMinute, orderRate } = limits;
    this.#watches = [drawdownFraction, dailyLossFraction, drawdownAmount, dailyLossAmount].some((one) => isSet(one));
    const rate = (before: OrderRate | null, orders: number, ms: number): OrderRate =>
      OrderRate.after(before, orders, ms);
    this.#minute = ordersPerMinute === null ? null : rate(this.#minute, ordersPerMinute, MINUTE_MS);
    const { rejectionsPerMinute: rejected } = limits;
    this.#rejected = isSet(rejected) ? rate(this.#rejected, rejected, MINUTE_MS) : null;
    this.#rate = isSet(orderRate) ? rate(this.#rate, orderRate.orders, orderRate.seconds * 1_000) : null;
  }

  /** No mark can change anything: neither loss stop nor margin is watched, and nothing was commanded. */
  get isUnmoved(): boolean {
    return !this.#watches && !isSet(this.#limits.margin) && this.killState === 'run';
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
    const { drawdownFraction, drawdownAmount } = this.#limits;
    let effects = this.#checkDay(at.timeMs, equity);
    if (equity > this.#peak) this.#peak = equity;
    const most = mostLost(this.#peak, drawdownFraction, drawdownAmount);
    if (this.killState === 'run' && this.#peak > 0 && this.#peak - equity >= most) {
      const limit = shareOf(most, this.#peak, drawdownFraction);
      const halted = this.#halt(at.timeMs, 'drawdown', {
        value: 1 - equity / this.#peak,
        limit,
        code: 'drawdown-halt',
      });
      effects = [...(effects ?? []), halted];
    }
    this.#lastEquity = equity;
    return effects;
  }

  #halt(
    timeMs: number,
    cause: 'drawdown' | 'rejections',
    { value, limit, code }: { readonly value: number; readonly limit: number; readonly code: RefusalCode },
  ): StateEffect {
    this.#haltedBy = refused(code, value, limit);
    this.killState = 'halt';
    return { kind: 'state', timeMs, state: 'halt', cause, value, limit };
  }

  /** What the venue says of an order. Returns the halt that too many rejections lead to, in a row or in a minute. */
  onAnswer({ state, timeMs }: Pick<OrderUpdate, 'state' | 'timeMs'>): StateEffect | null {
    const { rejectionsInARow } = this.#limits;
    if (state === 'ACCEPTED') this.#rejections = 0;
    if (state !== 'REJECTED') return null;
    this.#rejections += 1;
    const minute = this.#rejected;
    const isOften = minute !== null && minute.isReached(timeMs);
    minute?.note(timeMs);
    if (this.killState !== 'run') return null;
    if (isSet(rejectionsInARow) && this.#rejections >= rejectionsInARow) {
      return this.#halt(timeMs, 'rejections', { value: this.#rejections, limit: rejectionsInARow, code: 'rejections' });
    }
    if (!isOften) return null;
    const { orders: limit } = minute;
    return this.#halt(timeMs, 'rejections', { value: limit + 1, limit, code: 'rejections-per-minute' });
  }

  /** The venue executed an order. */
  onExecuted(): void {
    this.#rejections = 0;
  }

  /**
   * An operator's command. `resume` is the consent after a drawdown or rejections: the peak starts again from today's
   * equity, the count from 0.
   */
  onCommand({ timeMs, command }: Command): StateEffect {
    this.killState = command === 'resume' ? 'run' : command;
    this.#haltedBy = null;
    this.#rejections = 0;
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
    if (this.#haltedBy !== null) return this.#haltedBy;
    if (this.killState === 'halt') return refused('halted');
    if (this.killState === 'reduce') return refused('reduce-only');
    if (this.killState === 'flatten') return refused('flattening');
    return this.#dayLoss;
  }

  /** Why one order more would be too many by now, or null. */
  rateBlock(timeMs: number): RefusedOrder | null {
    const minute = this.#minute;
    if (minute !== null && minute.isReached(timeMs)) return refused('order-rate', minute.orders, minute.orders);
    const rate = this.#rate;
    return rate !== null && rate.isReached(timeMs) ? refused('orders-in-window', rate.orders, rate.orders) : null;
  }

  countOrder(timeMs: number): void {
    this.#minute?.note(timeMs);
    this.#rate?.note(timeMs);
  }

  #checkDay(timeMs: number, equity: number): readonly StateEffect[] | null {
    const { dailyLossFraction, dailyLossAmount } = this.#limits;
    const day = this.#dayOf(timeMs);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayStart = this.#lastEquity;
      this.#dayLoss = null;
    }
    const start = this.#dayStart;
    const most = mostLost(start, dailyLossFraction, dailyLossAmount);
    if (this.#dayLoss !== null || !(start > 0 && start - equity >= most)) return null;
    const value = 1 - equity / start;
    const limit = shareOf(most, start, dailyLossFraction);
    this.#dayLoss = refused('daily-loss', value, limit);
    return [{ kind: 'state', timeMs, state: this.killState, cause: 'daily-loss', value, limit }];
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return {
      killState: this.killState,
      haltedBy: this.#haltedBy,
      peak: this.#peak,
      day: this.#day,
      dayStart: this.#dayStart,
      dayLoss: this.#dayLoss,
      lastEquity: this.#lastEquity,
      minute: this.#minute?.save() ?? null,
      rate: this.#rate?.save() ?? null,
      rejections: this.#rejections,
      rejected: this.#rejected?.save() ?? null,
    };
  }

  /** Takes up what one of the same options has saved. */
  restore(state: ReturnType<RiskState['save']>): void {
    this.killState = state.killState;
    this.#haltedBy = state.haltedBy;
    this.#peak = state.peak;
    this.#day = state.day;
    this.#dayStart = state.dayStart;
    this.#dayLoss = state.dayLoss;
    this.#lastEquity = state.lastEquity;
    if (state.minute !== null) this.#minute!.restore(state.minute);
    if (state.rate !== null) this.#rate!.restore(state.rate);
    this.#rejections = state.rejections;
    if (state.rejected !== null) this.#rejected!.restore(state.rejected);
  }
}

/**
 * The loss from `before` that a fraction and an amount allow, in money, which rounds less: 1 - 90 / 100 is below 0.1.
 * Infinity where neither is set.
 */
function mostLost(before: number, fraction: number | null, amount: number | null | undefined): number {
  return Math.min(fraction === null ? Infinity : fraction * before, amount ?? Infinity);
}

/** `most` as a share of `before`: the fraction itself, to the last bit, where that is what it came from. */
function shareOf(most: number, before: number, fraction: number | null): number {
  return fraction !== null && most === fraction * before ? fraction : most / before;
}
