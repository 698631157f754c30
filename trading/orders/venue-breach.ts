import type { Instrument } from '../../features/instrument.ts';
import type { Account } from '../portfolio/portfolio.ts';
import { refused, type OrderFields, type RefusedOrder } from './approved-order.ts';

const ROUNDING = 1e-9;

/** An order as its venue sees it: of one that is amended, with what was executed of it. */
type Seen = Pick<OrderFields, 'symbol' | 'quantity' | 'fraction' | 'reduces' | 'terms'>;

/**
 * Why the venue of an instrument does not take an order, by its rules and the last price; null where it does. What only
 * closes is always taken. Steps of price and size are none of it: orders are made on them.
 */
export function venueBreach(order: Seen, { rules }: Instrument, account: Account): RefusedOrder | null {
  if (rules === undefined || order.reduces) return null;
  if (rules.enabled === false) return refused('venue-disabled');
  const { minimumQuantity = 0, maximumQuantity = Infinity, minimumNotional = 0, band = Infinity } = rules;
  const last = account.price[order.symbol]!;
  const asked = priceOf(order, last);
  const units = unitsOf(order, last, account);
  if (units < minimumQuantity) return refused('venue-minimum', units, minimumQuantity);
  if (units > maximumQuantity) return refused('venue-maximum', units, maximumQuantity);
  const value = units * asked;
  if (value < minimumNotional) return refused('venue-notional', value, minimumNotional);
  const away = Math.abs(asked - last) / last;
  // A limit at the band itself is within it, whatever rounding makes of it.
  return away > band * (1 + ROUNDING) ? refused('price-band', away, band) : null;
}

/** The limit of an order that has one; else the last price. */
function priceOf({ terms }: Seen, last: number): number {
  if (terms?.type === 'limit') return terms.price;
  return terms?.type === 'stop-limit' ? terms.conditions!.limit : last;
}

/** Units that an order is to trade; of one that is sized at the fill, about as many. */
function unitsOf({ symbol, quantity, fraction }: Seen, last: number, account: Account): number {
  if (fraction === 0) return Math.abs(quantity);
  const { cash, open, quantity: held, price } = account;
  let equity = cash;
  for (let at = 0; at < open.count; at++) equity += held[open.symbols[at]!]! * price[open.symbols[at]!]!;
  return Math.abs(held[symbol]!) + (fraction * Math.max(0, equity)) / last;
}
