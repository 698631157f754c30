import { isSet } from '../../models/experiment/limits-schema.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { OrderRegister } from '../orders/order-register.ts';

interface OpenOrderOptions {
  readonly limits: RiskLimits;
  readonly instruments: readonly Instrument[];
  readonly orders: OrderRegister;
}

/** How many orders may work at a time: of the session, and of a symbol. */
export class OpenOrderLimit {
  readonly #orders: OrderRegister;
  readonly #ofAll: number;
  readonly #ofSymbol: Float64Array;

  /** Null where no limit counts working orders. */
  static of({ limits, instruments, orders }: OpenOrderOptions): OpenOrderLimit | null {
    const { openOrders, openOrdersPerSymbol, symbols } = limits;
    const ofSymbol = Float64Array.from(instruments, ({ symbol }) => {
      const own = isSet(symbols) && Object.hasOwn(symbols, symbol) ? symbols[symbol]!.openOrders : null;
      return Math.min(openOrdersPerSymbol ?? Infinity, own ?? Infinity);
    });
    const ofAll = openOrders ?? Infinity;
    if (ofAll === Infinity && ofSymbol.every((most) => most === Infinity)) return null;
    return new OpenOrderLimit(orders, ofAll, ofSymbol);
  }

  private constructor(orders: OrderRegister, ofAll: number, ofSymbol: Float64Array) {
    this.#orders = orders;
    this.#ofAll = ofAll;
    this.#ofSymbol = ofSymbol;
  }

  /** Why one more may not work; null where it may. @param replaced orders that the one in hand takes the place of */
  refusal(symbol: number, replaced: 0 | 1): RefusedOrder | null {
    const [all, there] = [this.#orders.open - replaced, this.#orders.openOf(symbol) - replaced];
    if (all >= this.#ofAll) return refused('open-orders', all + 1, this.#ofAll);
    const ofSymbol = this.#ofSymbol[symbol]!;
    return there >= ofSymbol ? refused('open-orders', there + 1, ofSymbol) : null;
  }

  /** Which count of working orders is too large without those of `less`; null where none is. */
  excess(symbol: number, less: { readonly all: number; readonly there: number }): RefusedOrder | null {
    const [all, there] = [this.#orders.open - less.all, this.#orders.openOf(symbol) - less.there];
    if (all > this.#ofAll) return refused('open-orders', all, this.#ofAll);
    const ofSymbol = this.#ofSymbol[symbol]!;
    return there > ofSymbol ? refused('open-orders', there, ofSymbol) : null;
  }
}
