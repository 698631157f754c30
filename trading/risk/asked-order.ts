import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import { termsOnTick, type OrderTerms } from '../orders/order-terms.ts';
import type { PriceGrid } from '../price-grid.ts';
import type { RefusalCode } from '../refusal.ts';
import type { OwnReserved } from './reservations.ts';

/** An order that a strategy places by itself. */
export interface OwnOrder {
  readonly timeMs: number;
  readonly symbol: number;
  readonly direction: 1 | -1;
  /** Asked for, without a sign. */
  readonly units: number;
  /** What it is valued at: the worse of the last price and its own. */
  readonly price: number;
  readonly terms: OrderTerms;
}

/** What of an order closes and what opens, in units. */
export interface OrderSplit {
  readonly kind: 'split';
  readonly closing: number;
  readonly opening: number;
  readonly clippedBy: RefusalCode | null;
  /** The same of the part of its strategy, where several share the account. */
  readonly own?: OwnReserved;
}

/**
 * The terms of an order with every price on the tick, where its numbers and the `position` can be used, and the hours
 * of the market allow it (`shut` is null).
 */
export function usableTerms(
  { direction, units, price, terms }: OwnOrder,
  position: number,
  ticks: PriceGrid | null,
  shut: RefusedOrder | null,
): OrderTerms | RefusedOrder {
  const onTick = termsOnTick(terms, direction, ticks);
  const finite = units - units + (price - price) + (position - position) === 0;
  if (onTick === null || !finite || !(price > 0) || !(units >= 0)) return refused('not-finite');
  return units === 0 ? refused('nothing-to-reduce') : (shut ?? onTick);
}
