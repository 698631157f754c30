import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { CorporateActionEvent } from '../effect.ts';
import { Grid } from '../grid.ts';
import { priceGridOf } from '../price-grid.ts';
import type { DeskMessage } from './desk-message.ts';
import type { DeskOptions } from './desk-options.ts';
import type { TrackedOrders } from './tracked-orders.ts';

/** A split on record: so many new units for an old one. */
export interface DueSplit {
  readonly symbol: number;
  readonly ratio: number;
}

/** Share of an amount by which two sums of its parts may differ. */
const ROUNDING = 1e-9;

/**
 * Splits on record of the day, which the session's bars have not brought yet. A venue books them over night, and what
 * it tells from then on is in new units: the first message that shows it makes the split count.
 */
export class DueSplits {
  readonly #options: Pick<DeskOptions, 'instruments' | 'positionOf'>;
  readonly #orders: TrackedOrders;
  #due: readonly DueSplit[] = [];

  constructor(options: Pick<DeskOptions, 'instruments' | 'positionOf'>, orders: TrackedOrders) {
    this.#options = options;
    this.#orders = orders;
  }

  /** What is on record by now and has not been booked. */
  know(due: readonly DueSplit[]): void {
    this.#due = due;
  }

  /** It is booked. */
  drop(symbol: number): void {
    this.#due = this.#due.filter((one) => one.symbol !== symbol);
  }

  /** The splits that a message shows: it is in new units. */
  shownBy(message: DeskMessage): readonly DueSplit[] {
    if (this.#due.length === 0) return this.#due;
    return this.#due.filter((split) => this.#isShown(split, message));
  }

  #isShown(split: DueSplit, message: DeskMessage): boolean {
    if (message.kind === 'order' || message.kind === 'execution') return this.#restates(split, message.order);
    if (message.kind === 'looked-up' && message.answer.found === 'order')
      return this.#restates(split, message.answer.order);
    if (message.kind !== 'reading') return false;
    const { symbol, lot } = this.#options.instruments[split.symbol]!;
    const ours = this.#options.positionOf(split.symbol);
    const theirs = message.positions.find((position) => position.symbol === symbol)?.quantity ?? 0;
    const moved = ours !== 0 && theirs !== ours && isRatio(ours * split.ratio, theirs, lot);
    return moved || message.orders.some((order) => this.#restates(split, order));
  }

  /** An order of ours that we never changed is of another size, which is that of the split. */
  #restates({ symbol, ratio }: DueSplit, { clientOrderId, quantity }: VenueOrder): boolean {
    const tracked = this.#orders.named(clientOrderId);
    if (tracked === undefined || tracked.symbol !== symbol || tracked.amended > 0 || quantity === null) return false;
    return quantity !== tracked.sent && isRatio(tracked.sent * ratio, quantity, this.#options.instruments[symbol]!.lot);
  }
}

/** `found` is `meant`, cut to the lot. */
function isRatio(meant: number, found: number, lot: number): boolean {
  return Math.abs(meant - found) < lot * (1 - ROUNDING);
}

/**
 * A split of a symbol: its orders count in new units. What works at the venue is to be looked at, because not all of it
 * is restated there; one of which no lot is left is cancelled, and never becomes an order of nothing.
 */
export function restateOrders(
  { instruments, note }: Pick<DeskOptions, 'instruments' | 'note'>,
  orders: TrackedOrders,
  { symbol, value }: Pick<CorporateActionEvent, 'symbol' | 'value'>,
): void {
  const instrument = instruments[symbol]!;
  const lots = new Grid(instrument.lot);
  for (const tracked of orders.working) {
    if (tracked.symbol !== symbol) continue;
    const order = tracked.order.afterSplit(value, lots, priceGridOf(instrument));
    if (order.quantity === 0) {
      tracked.cancelWanted = true;
      note(`order ${tracked.sequence} (${instrument.symbol}): after the split no lot of it is left: it is cancelled`);
      continue;
    }
    tracked.split(order, value, lots);
    if (tracked.amended > 0) orders.nameChange(tracked);
  }
}
