import type { Bust, Execution, Fill, OrderUpdate, RequestOutcome } from '../effect.ts';
import type { FillFit } from '../orders/order-register.ts';
import { ORDER_STATES, type OrderState } from '../orders/order-state.ts';
import type { EngineParts } from './engine-parts.ts';

interface At {
  readonly timeMs: number;
  readonly symbol: number;
}

interface ReportHandlers {
  /** An order has ended. */
  readonly end: (at: At, sequence: number) => void;
  /** The books differ from what was ordered: nothing opens from here on. */
  readonly stop: (timeMs: number) => void;
}

/** Share of an order's size by which a sum of its parts may miss it. */
const ROUNDING = 1e-9;

/**
 * What a real venue says beside the usual: executions told twice, fills of orders that had ended, more than was
 * ordered, orders of others, bookings taken back, requests of which nobody knows what became.
 */
export class VenueReports {
  readonly #parts: EngineParts;
  readonly #handlers: ReportHandlers;
  /** What a venue says was executed, by its name for it. */
  readonly #executions = new Map<string, Fill>();
  /** Orders of which it is not known what became, and their symbols. */
  readonly #unknown = new Map<number, number>();

  constructor(parts: EngineParts, handlers: ReportHandlers) {
    this.#parts = parts;
    this.#handlers = handlers;
  }

  /** The fill to be booked for an execution: once, however often the venue tells it; null from the second time on. */
  fillOf({ executionId, sequence, timeMs, symbol, quantity, price, fee }: Execution): Fill | null {
    if (this.#executions.has(executionId)) return null;
    const { orders } = this.#parts;
    const ordered = orders.knows(sequence) ? orders.orderedOf(sequence) : 0;
    const left = ordered > 0 ? ordered - orders.filledOf(sequence) : Infinity;
    const final = Math.abs(quantity) >= left - ordered * ROUNDING;
    const fill: Fill = {
      kind: 'fill',
      sequence,
      timeMs,
      symbol,
      quantity,
      price,
      fee,
      slippage: 0,
      final,
      executionId,
    };
    this.#executions.set(executionId, fill);
    return fill;
  }

  /**
   * A fill of an order that had ended or is not ours, or more than was ordered: booked, told, and only reduced from
   * here.
   */
  onOddFill(fill: Fill, fit: Exclude<FillFit, 'expected'>): void {
    const { portfolio, orders, emit, refuse, lanes } = this.#parts;
    const { sequence, symbol, timeMs, quantity } = fill;
    if (!(symbol >= 0 && symbol < lanes.length)) {
      throw new RangeError(
        `a fill of symbol ${symbol}, of ${lanes.length}, has reached the engine: brokers name known ones`,
      );
    }
    const known = orders.knows(sequence);
    portfolio.book(fill, 0);
    emit(fill);
    this.#restate(fill);
    const limit = known ? orders.orderedOf(sequence) : Math.abs(quantity);
    refuse('broker', fill, { kind: 'refused', code: fit, value: sequence, limit });
    if (known && orders.isFinal(sequence)) this.#handlers.end(fill, sequence);
    this.#handlers.stop(timeMs);
  }

  /** The booking is reversed at its own price: cash and position are as if it had never been. */
  onBust({ timeMs, executionId }: Bust): void {
    const booked = this.#executions.get(executionId);
    const name = `bust/${executionId}`;
    if (booked === undefined || this.#executions.has(name)) return;
    const { portfolio, orders, emit, refuse } = this.#parts;
    const { sequence, symbol, quantity, fee } = booked;
    const back: Fill = { ...booked, timeMs, quantity: -quantity, fee: -fee, final: false, executionId: name };
    this.#executions.set(name, back);
    orders.takeBack(sequence, Math.abs(quantity));
    portfolio.book(back, 0);
    emit(back);
    this.#restate(back);
    refuse(
      'broker',
      { timeMs, symbol },
      { kind: 'refused', code: 'busted', value: sequence, limit: Math.abs(quantity) },
    );
    this.#handlers.stop(timeMs);
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
    refuse('broker', { timeMs, symbol }, { kind: 'refused', code: 'order-state', value: sequence, limit: 0 });
  }

  /**
   * What a request to the venue came to, as an update; null where the venue's next report tells. Only proof ends an
   * order: anything else leaves it unknown.
   */
  updateOf({ sequence, timeMs, of, result }: RequestOutcome): OrderUpdate | null {
    if (of !== 'submit') return null;
    const state = result === 'accepted' ? 'ACCEPTED' : result === 'refused' ? 'REJECTED' : 'UNKNOWN';
    return { kind: 'order-update', sequence, timeMs, state, code: null, value: 0, limit: 0 };
  }

  /** Order `sequence` is in `state` now. */
  note(sequence: number, state: OrderState): void {
    if (state === 'UNKNOWN') this.#unknown.set(sequence, this.#parts.orders.symbolOf(sequence));
    else if (state !== 'LOST') this.#unknown.delete(sequence);
  }

  /** Sequence of an order of `symbol` of which it is not known what became, 0 without one. */
  unknownOf(symbol: number): number {
    if (this.#unknown.size === 0) return 0;
    for (const [sequence, of] of this.#unknown) if (of === symbol) return sequence;
    return 0;
  }
}
