import type { OrderTerms } from '../orders/order-terms.ts';
import type { RefusalCode } from '../refusal.ts';

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
}
