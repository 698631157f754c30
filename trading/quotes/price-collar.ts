import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { OrderTerms } from '../orders/order-terms.ts';
import type { LastQuotes } from './last-quotes.ts';

/** The order in hand, and the last price of its symbol. */
interface Collared {
  readonly timeMs: number;
  readonly symbol: number;
  readonly last: number;
}

/**
 * Why the price of an order that opens lies too far from the market; null where it does not, or where the order takes
 * any price. The collar is around the last price and, where there is a fresh quote, around its middle too: a quote
 * narrows what is allowed and never widens it, so that a wrong one lets nothing through.
 * @param collar share of the price that an order may lie away
 */
export function beyondCollar(
  collar: number,
  { type, price, conditions }: OrderTerms,
  { timeMs, symbol, last }: Collared,
  quotes: LastQuotes | null,
): RefusedOrder | null {
  if (type === 'market') return null;
  const limit = conditions?.limit ?? 0;
  const far = Math.max(away(price, limit, last), away(price, limit, quotes?.middle(symbol, timeMs) ?? 0));
  return far > collar ? refused('price-collar', far, collar) : null;
}

/** Share of `from` by which the farther of price and limit lies away; 0 where there is nothing to measure from. */
function away(price: number, limit: number, from: number): number {
  if (!(from > 0)) return 0;
  return Math.max(Math.abs(price - from), limit > 0 ? Math.abs(limit - from) : 0) / from;
}
