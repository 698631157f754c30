import type { CorporateActionEvent, Fill, OrderUpdate } from '../../effect.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import type { FillFit, FillMisfit } from '../../orders/order-register.ts';
import { ORDER_STATES } from '../../orders/order-state.ts';
import type { Bust, Condition, Execution, ForcedBy, Quote, RequestOutcome, VenueEvent } from '../../venue-event.ts';
import type { EngineParts } from '../engine-parts.ts';
import { Reconciler } from './reconciler.ts';
import type { ReconciliationRule } from './reconciliation-rule.ts';
import { isPossible, ToldExecutions } from './told-executions.ts';
import { ToldPayments } from './told-payments.ts';

interface At {
  readonly timeMs: number;
  readonly symbol: number;
}

interface ReportHandlers {
  /** An execution that its order explains, to be booked. */
  readonly fill: (fill: Fill) => void;
  /** An order moves. */
  readonly update: (update: OrderUpdate) => void;
  /** An order has ended. */
  readonly end: (at: At, sequence: number) => void;
  /** The position is another than the strategy's orders explain: what follows from it. */
  readonly moved: (fill: Fill) => void;
  /** The books differ from what was ordered: nothing opens from here on. */
  readonly stop: (timeMs: number) => void;
}

const FORCED = { liquidation: 'liquidated', deleveraging: 'deleveraged', settlement: 'settled' } as const;

/** Share of an order's size by which a sum of its parts may miss it. */
const ROUNDING = 1e-9;

/**
 * What a real venue says beside the usual: executions told twice, fills of orders that had ended, more than was
 * ordered, orders of others, bookings taken back, numbers that cannot be, requests of which nobody knows what became.
 */
export class VenueReports {
  readonly #parts: EngineParts;
  readonly #handlers: ReportHandlers;
  /** What is not ours is booked as external. */
  readonly #adopts: boolean;
  readonly #told = new ToldExecutions();
  readonly #payments: ToldPayments;
  readonly #reconciler: Reconciler;

  constructor(parts: EngineParts, rule: Partial<ReconciliationRule> | undefined, handlers: ReportHandlers) {
    this.#parts = parts;
    this.#handlers = handlers;
    this.#adopts = rule?.differences === 'adopt';
    this.#payments = new ToldPayments(parts);
    this.#reconciler = new Reconciler(parts, rule, {
      execution: (execution) => this.take(execution),
      update: (update) => handlers.update(update),
      adopt: (execution, why) => this.#adopt(execution, why),
      stop: (at, why) => void this.#stop(at, why),
    });
  }

  /** What a venue tells of its own accord. */
  take(event: Exclude<VenueEvent, Quote | Condition>): void {
    if (event.kind === 'execution' && event.takenAsFee === true) this.#takeFee(event);
    else if (event.kind === 'execution' && event.forced !== undefined) this.#takeForced(event, event.forced);
    else if (event.kind === 'execution') {
      const fill = this.#fillOf(event);
      if (fill !== null) this.#handlers.fill(fill);
    } else if (event.kind === 'bust') {
      this.#onBust(event);
    } else if (event.kind === 'payment') {
      this.#requireSymbol(event.symbol);
      if (!this.#payments.take(event)) this.#stop({ ...event, timeMs: 0 }, refused('payment-numbers'));
    } else if (event.kind === 'margin-call') {
      this.#requireSymbol(event.symbol);
      this.#stop(event, refused('venue-margin-call', event.equity, event.needed));
    } else if (event.kind === 'contradiction') {
      const { sequence, timeMs } = event;
      const { orders } = this.#parts;
      const symbol = orders.knows(sequence) ? orders.symbolOf(sequence) : 0;
      this.#stop({ timeMs, symbol }, refused('order-contradicted', sequence));
    } else if (event.kind === 'outcome') {
      const update = this.#updateOf(event);
      if (update !== null) this.#handlers.update(update);
    } else {
      this.#reconciler.take(event);
    }
  }

  /** The fill to be booked for an execution: once, however often the venue tells it; null where there is none. */
  #fillOf(execution: Execution): Fill | null {
    const told = this.#told;
    if (told.has(execution)) return null;
    if (!isPossible(execution)) return this.refuseNumbers(execution);
    const { sequence, timeMs, symbol } = execution;
    this.#requireSymbol(symbol);
    if (told.isBusted(execution)) {
      told.note(execution, null, false);
      return this.#stop(execution, refused('busted', sequence, Math.abs(execution.quantity)));
    }
    const misfit = this.#misfit(execution);
    const quantity = misfit === null ? this.#increment(execution) : execution.quantity;
    const final = misfit === null && this.#isWhole(sequence, quantity);
    const { price, fee, executionId, account, origin } = execution;
    const base = { kind: 'fill', sequence, timeMs, symbol, quantity, price, fee } as const;
    const fill: Fill = { ...base, slippage: 0, final, executionId, account, origin };
    told.note(execution, quantity === 0 ? null : fill, misfit === null);
    this.#reconciler.noteExecution(execution);
    if (quantity === 0) return null;
    if (misfit === null) return fill;
    this.#bookOdd(fill, refused(misfit, sequence, Math.abs(quantity)));
    return null;
  }

  /** A fill whose numbers cannot be is recorded and not booked. */
  refuseNumbers({ sequence, timeMs, symbol }: Fill | Execution): null {
    // A record needs a time that is one.
    const at = { timeMs: Number.isFinite(timeMs) ? timeMs : 0, symbol: this.#knowsSymbol(symbol) ? symbol : 0 };
    return this.#stop(at, refused('execution-numbers', Number.isFinite(sequence) ? sequence : 0));
  }

  #knowsSymbol(symbol: number): boolean {
    return symbol >= 0 && symbol < this.#parts.lanes.length;
  }

  #requireSymbol(symbol: number): void {
    if (this.#knowsSymbol(symbol)) return;
    const { length } = this.#parts.lanes;
    throw new RangeError(`a fill of symbol ${symbol}, of ${length}, has reached the engine: brokers name known ones`);
  }

  /** How an execution contradicts its order, which then does not count it. */
  #misfit({ sequence, symbol, quantity }: Execution): FillMisfit | null {
    const { orders } = this.#parts;
    if (!orders.knows(sequence)) return null;
    if (orders.symbolOf(sequence) !== symbol) return 'other-symbol';
    return orders.sideOf(sequence) * quantity < 0 ? 'opposite-side' : null;
  }

  /** Signed units of an execution that its order has not had: a sum of executions is none. */
  #increment(execution: Execution): number {
    const { sequence, quantity } = execution;
    const { orders } = this.#parts;
    if (!orders.knows(sequence)) return quantity;
    const sum = this.#told.sumOf(execution);
    const size = Math.abs(quantity);
    const left = sum - orders.filledOf(sequence);
    if (size <= left + sum * ROUNDING) return quantity;
    this.#stop(execution, refused('beyond-cumulative', sequence, sum));
    return left > sum * ROUNDING ? Math.sign(quantity) * left : 0;
  }

  /** Nothing is left of order `sequence` after `quantity` more. */
  #isWhole(sequence: number, quantity: number): boolean {
    const { orders } = this.#parts;
    const ordered = orders.knows(sequence) ? orders.orderedOf(sequence) : 0;
    const left = ordered > 0 ? ordered - orders.filledOf(sequence) : Infinity;
    return Math.abs(quantity) >= left - ordered * ROUNDING;
  }

  /** A fill of an order that had ended or is not ours, or more than was ordered: `#bookOdd`. */
  onOddFill(fill: Fill, fit: Exclude<FillFit, 'expected'>): void {
    const { sequence, quantity } = fill;
    const { orders } = this.#parts;
    this.#requireSymbol(fill.symbol);
    if (fit === 'foreign-fill' && this.#adopts) {
      this.#parts.portfolio.book(fill, 0);
      this.#parts.emit(fill);
      this.#parts.refuse('broker', fill, refused('external-fill'));
      return this.#handlers.moved(fill);
    }
    const limit = orders.knows(sequence) ? orders.orderedOf(sequence) : Math.abs(quantity);
    this.#bookOdd(fill, refused(fit, sequence, limit));
  }

  /** What a fee costs is what its units are worth: the cash stays. */
  #takeFee(execution: Execution): void {
    const { symbol, quantity } = execution;
    this.#requireSymbol(symbol);
    const { portfolio } = this.#parts;
    const price = execution.price > 0 ? execution.price : portfolio.price[symbol]!;
    const taken: Execution = { ...execution, sequence: 0, price, fee: -quantity * price };
    if (!(quantity < 0) || !isPossible(taken)) return void this.refuseNumbers(execution);
    this.#adopt(taken, refused('coin-fee', -quantity));
    this.#reconciler.noteExecution(taken);
  }

  /**
   * The venue has closed a position by itself: it is booked whoever is asked, and told. After a liquidation nothing
   * opens until somebody has looked.
   */
  #takeForced(execution: Execution, forced: ForcedBy): void {
    this.#requireSymbol(execution.symbol);
    if (this.#told.has(execution)) return;
    if (!isPossible(execution)) return void this.refuseNumbers(execution);
    this.#reconciler.noteExecution(execution);
    const { quantity, price } = execution;
    const code = FORCED[forced];
    this.#adopt({ ...execution, sequence: 0 }, refused(code, Math.abs(quantity), price));
    if (code === 'liquidated') this.#handlers.stop(execution.timeMs);
  }

  /** Booked, told, and only reduced from here. */
  #bookOdd(fill: Fill, why: RefusedOrder): void {
    const { portfolio, orders, emit } = this.#parts;
    const { sequence } = fill;
    portfolio.book(fill, 0);
    emit(fill);
    this.#restate(fill);
    this.#stop(fill, why);
    if (orders.knows(sequence) && orders.isFinal(sequence)) this.#handlers.end(fill, sequence);
    this.#handlers.moved(fill);
  }

  /** What the venue holds beside the books is booked as if it had told of it. */
  #adopt(execution: Execution, why: RefusedOrder): void {
    if (this.#told.has(execution)) return;
    const { sequence, timeMs, symbol, quantity, price, fee, executionId, origin } = execution;
    const base = { kind: 'fill', sequence, timeMs, symbol, quantity, price, fee } as const;
    const fill: Fill = { ...base, slippage: 0, final: true, executionId, origin };
    this.#told.note(execution, fill, false);
    this.#parts.portfolio.book(fill, 0);
    this.#parts.emit(fill);
    this.#parts.refuse('broker', fill, why);
    this.#handlers.moved(fill);
  }

  #stop(at: At, why: RefusedOrder): null {
    this.#parts.refuse('broker', at, why);
    this.#handlers.stop(at.timeMs);
    return null;
  }

  /**
   * The booking is reversed at its own price: cash and position are as if it had never been. What has not been told of
   * yet is not booked when it is.
   */
  #onBust(bust: Bust): void {
    const booked = this.#told.takeBack(bust);
    if (booked === false) return;
    if (booked === null) {
      this.#stop({ timeMs: bust.timeMs, symbol: 0 }, refused('bust-ahead'));
      return;
    }
    const { timeMs } = bust;
    const { portfolio, orders, emit } = this.#parts;
    const { sequence, quantity, fee } = booked.fill;
    const back: Fill = { ...booked.fill, timeMs, quantity: -quantity, fee: -fee, final: false, takesBack: true };
    this.#reconciler.noteExecution(back);
    if (booked.counted) orders.takeBack(sequence, Math.abs(quantity));
    portfolio.book(back, 0);
    emit(back);
    this.#restate(back);
    this.#stop(back, refused('busted', sequence, Math.abs(quantity)));
    this.#handlers.moved(back);
  }

  /** A split turned one unit of a symbol into `value`. */
  split(event: CorporateActionEvent): void {
    this.#told.split(event.symbol, event.value);
    this.#reconciler.noteSplit(event);
  }

  /** Records what the order is in, where that is not what a fill says by itself. */
  #restate({ sequence, timeMs, final }: Fill): void {
    const { orders, emit } = this.#parts;
    if (!orders.knows(sequence)) return;
    const state = ORDER_STATES[orders.stateOf(sequence)]!;
    if (state === (final ? 'FILLED' : 'PARTIALLY_FILLED')) return;
    emit({ kind: 'order-update', sequence, timeMs, state, code: null, value: 0, limit: 0 });
  }

  /** A report that the order's state does not allow changes nothing but is recorded. */
  onOddUpdate({ sequence, timeMs }: OrderUpdate): void {
    const { orders, refuse } = this.#parts;
    const symbol = orders.knows(sequence) ? orders.symbolOf(sequence) : 0;
    refuse('broker', { timeMs, symbol }, refused('order-state', sequence));
  }

  /**
   * What a request to the venue came to, as an update; null where the venue's next report tells. Only proof ends an
   * order: anything else leaves it unknown.
   */
  #updateOf({ sequence, timeMs, of, result }: RequestOutcome): OrderUpdate | null {
    if (of === 'amend' && result === 'refused') {
      const base = { kind: 'order-update', sequence, timeMs, value: sequence, limit: 0 } as const;
      return { ...base, state: 'ACCEPTED', code: 'amend-refused' };
    }
    if (of !== 'submit') return null;
    const state = result === 'accepted' ? 'ACCEPTED' : result === 'refused' ? 'REJECTED' : 'UNKNOWN';
    return { kind: 'order-update', sequence, timeMs, state, code: null, value: 0, limit: 0 };
  }

  /** An order has moved. */
  note(update: OrderUpdate): void {
    this.#reconciler.note(update);
  }

  /** Why nothing may open in `symbol` for what is known of the venue, or null. */
  openingBlock(symbol: number): RefusedOrder | null {
    return this.#reconciler.openingBlock(symbol);
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { told: this.#told.save(), payments: this.#payments.save(), reconciler: this.#reconciler.save() };
  }

  /** Takes up what one of the same options has saved. */
  restore({ told, payments, reconciler }: ReturnType<VenueReports['save']>): void {
    this.#told.restore(told);
    this.#payments.restore(payments);
    this.#reconciler.restore(reconciler);
  }
}
