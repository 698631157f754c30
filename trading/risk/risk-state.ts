import type { Silence } from '../strategies/own/silence.ts';
import { DAY_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { isSet } from '../../models/experiment/limits-schema.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { Command, KillState, OrderUpdate, StateEffect } from '../effect.ts';
import { RATE_AGE_MS_MAX } from '../currencies/closing-rate.ts';
import type { RateAt } from '../market.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { RefusalCode } from '../refusal.ts';
import { Conditions } from './degradation/conditions.ts';
import { EmergencyWatch, type EmergencyRule } from './degradation/emergency-rule.ts';
import { OrderRate } from './order-rate.ts';

/** What each word of an operator leads to. */
const STATE_OF: Readonly<Record<Command['command'], KillState>> = {
  halt: 'halt',
  reduce: 'reduce',
  flatten: 'flatten',
  resume: 'run',
  'emergency-stop': 'stop',
  'emergency-flatten': 'stop-flatten',
};

/** Of one that only observes: no other word than `resume` allows more, and all is closed once it was to be. */
function strictest(state: KillState, command: Command['command']): KillState {
  return state === 'stop-flatten' || command === 'flatten' || command === 'emergency-flatten' ? 'stop-flatten' : 'stop';
}

export interface RiskStateOptions {
  readonly limits: RiskLimits;
  readonly portfolio: { readonly equity: number; readonly gross?: number };
  readonly dayOf: (closeTimeMs: number) => number;
  /** What stops the session where the limits do not say; nothing by default. */
  readonly emergency?: EmergencyRule | undefined;
  /** How old the rate of each symbol's currency is; null or absent where it needs none. */
  readonly rateAges?: readonly (RateAt | null)[] | undefined;
}

/**
 * The kill switch, the day's loss, the drawdown from the peak, and the order rate: what stops openings for a while or
 * for good.
 */
export class RiskState {
  killState: KillState = 'run';
  #limits: RiskLimits;
  readonly #portfolio: RiskStateOptions['portfolio'];
  readonly #dayOf: (closeTimeMs: number) => number;
  readonly #rateAges: readonly (RateAt | null)[];
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
  /** What has gone wrong around the session. */
  readonly conditions = new Conditions();
  readonly #emergency: EmergencyWatch;
  /** Rejections of the last minute; null where they are not counted. */
  #rejected: OrderRate | null = null;

  constructor(options: RiskStateOptions) {
    this.#limits = options.limits;
    this.#portfolio = options.portfolio;
    this.#dayOf = options.dayOf;
    this.#rateAges = options.rateAges ?? [];
    this.#emergency = new EmergencyWatch(options.emergency);
    this.#peak = this.#dayStart = this.#lastEquity = options.portfolio.equity;
    this.change(options.limits);
  }

  /** Other limits hold from here on. What was counted, the peak, and a stop that was reached stay. */
  change(limits: RiskLimits): void {
    this.#limits = limits;
    const { drawdownFraction, dailyLossFraction, drawdownAmount, dailyLossAmount, ordersPerMinute, orderRate } = limits;
    this.conditions.change(limits);
    this.#emergency.change(limits);
    const losses = [drawdownFraction, dailyLossFraction, drawdownAmount, dailyLossAmount];
    this.#watches = losses.some((one) => isSet(one)) || this.#emergency.watchesMarks;
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

  /** It only observes, until an operator has consented to more. */
  get isStopped(): boolean {
    return this.killState === 'stop' || this.killState === 'stop-flatten';
  }

  /** Everything is to be closed. */
  get flattens(): boolean {
    return this.killState === 'flatten' || this.killState === 'stop-flatten';
  }

  /** An emergency that was found: from here on it only observes. Null where it does so already. */
  stop(found: StateEffect): StateEffect | null {
    if (this.isStopped) return null;
    this.killState = found.state;
    return found;
  }

  /** A condition has lasted too long. */
  stopFor(timeMs: number, { cause, value, limit }: Pick<StateEffect, 'cause' | 'value' | 'limit'>): StateEffect | null {
    return this.stop({ kind: 'state', timeMs, state: this.#emergency.state, cause, value, limit });
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
    const { gross } = this.#portfolio;
    const found = this.isStopped
      ? null
      : this.#emergency.onMark(at.timeMs, { equity, gross: gross ?? 0, peak: this.#peak });
    const stopped = found === null ? null : this.stop(found);
    return stopped === null ? effects : [...(effects ?? []), stopped];
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
    const emergency = this.#emergency.onRejected(timeMs);
    const stopped = emergency === null ? null : this.stop(emergency);
    if (stopped !== null || this.killState !== 'run') return stopped;
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
    this.killState = this.isStopped && command !== 'resume' ? strictest(this.killState, command) : STATE_OF[command];
    this.#haltedBy = null;
    this.#rejections = 0;
    if (command === 'resume') this.#peak = this.#portfolio.equity;
    return { kind: 'state', timeMs, state: this.killState, cause: 'command', value: 0, limit: 0 };
  }

  /** The books differ from what was ordered: only reductions from here, until somebody has looked. */
  onUnexplained(timeMs: number): StateEffect | null {
    if (this.killState === 'reduce' || this.flattens || this.isStopped) return null;
    this.killState = 'reduce';
    return { kind: 'state', timeMs, state: 'reduce', cause: 'unexplained-fill', value: 0, limit: 0 };
  }

  /** A user's code does not answer any more. Where that is the whole strategy, only reductions from here. */
  onSilence(timeMs: number, { by, asked }: Pick<Silence, 'by' | 'asked'>): StateEffect {
    if (by === 0 && (this.killState === 'run' || this.killState === 'halt')) this.killState = 'reduce';
    return { kind: 'state', timeMs, state: this.killState, cause: 'code-silent', value: asked, limit: by };
  }

  /** Why nothing may open now, or null. */
  openingBlock(of?: { readonly symbol: number; readonly timeMs: number }): RefusedOrder | null {
    if (this.isStopped) return refused('emergency-stop');
    if (this.#haltedBy !== null) return this.#haltedBy;
    if (this.killState === 'halt') return refused('halted');
    if (this.killState === 'reduce') return refused('reduce-only');
    if (this.killState === 'flatten') return refused('flattening');
    return this.#dayLoss ?? this.conditions.block ?? (of === undefined ? null : this.#missingRate(of));
  }

  /** What is valued at a rate that nobody has renewed may only be reduced. */
  #missingRate({ symbol, timeMs }: { readonly symbol: number; readonly timeMs: number }): RefusedOrder | null {
    const ageMs = this.#rateAges[symbol]?.(timeMs) ?? 0;
    return ageMs > RATE_AGE_MS_MAX ? refused('no-rate', ageMs / DAY_MS, RATE_AGE_MS_MAX / DAY_MS) : null;
  }

  /** Why one order more would be too many by now, or null. */
  rateBlock(timeMs: number): RefusedOrder | null {
    const minute = this.#minute;
    if (minute !== null && minute.isReached(timeMs)) return refused('order-rate', minute.orders, minute.orders);
    const paced = this.conditions.paceBlock(timeMs);
    if (paced !== null) return paced;
    const rate = this.#rate;
    return rate !== null && rate.isReached(timeMs) ? refused('orders-in-window', rate.orders, rate.orders) : null;
  }

  countOrder(timeMs: number): void {
    this.#minute?.note(timeMs);
    this.#rate?.note(timeMs);
    this.conditions.pace?.note(timeMs);
  }

  /** What this returns forgets the orders that are counted from here on. */
  mark(): () => void {
    const undo = [this.#minute, this.#rate, this.conditions.pace].map((rate) => rate?.mark());
    return () => undo.forEach((one) => one?.());
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
      conditions: this.conditions.save(),
      emergency: this.#emergency.save(),
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
    this.conditions.restore(state.conditions);
    this.#emergency.restore(state.emergency);
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
