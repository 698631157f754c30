import type { OrderOwner } from './order-owner.ts';
import type { PriceGrid } from '../price-grid.ts';

/**
 * How an order is executed: at the next price, at a price or better, or once a price was traded. Records hold the
 * position in this list: append, never reorder.
 */
export const ORDER_TYPES = ['limit', 'stop', 'trailing', 'market', 'stop-limit'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/**
 * What an order is there for: one of those that protect a position, or (`order`) what a strategy placed by itself.
 * Records hold the position in this list.
 */
export const ORDER_ROLES = ['stop-loss', 'take-profit', 'trailing-stop', 'order'] as const;
export type OrderRole = (typeof ORDER_ROLES)[number];

/** How long an order works. Records hold the position in this list. */
export const TIMES_IN_FORCE = ['gtc', 'day', 'gtd', 'ioc', 'fok', 'on-open', 'on-close'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/**
 * Terms of an order that does not simply take the next price. A `stop` becomes a market order when its price is traded,
 * a `stop-limit` a limit order, a `limit` is filled at its price or better, a `trailing` stop follows the best price
 * since it was placed. Prices are on the instrument's tick.
 */
export interface OrderTerms {
  readonly type: OrderType;
  readonly role: OrderRole;
  /** Trigger of a stop or stop-limit, limit of a limit, first trigger of a trailing stop, 0 of a market order. */
  readonly price: number;
  /** Distance a trailing stop keeps from the best price: in units of price, or as a share of it; 0 where not so. */
  readonly trail: number;
  readonly trailShare: number;
  /** Orders of one symbol and group cancel each other: the first that is filled ends the rest. 0: none. */
  readonly group: number;
  /** Of an account that several strategies share: whose order it is. */
  readonly owner?: OrderOwner;
  /** Number of the order that it executes a part of. */
  readonly parent?: number;
  /** Null: it works until it is filled or cancelled, on whatever terms the market gives. */
  readonly conditions: OrderConditions | null;
}

/** What an order asks for besides its price. */
export interface OrderConditions {
  readonly tif: TimeInForce;
  /** `gtd`: it works in bars that open before this; else 0. */
  readonly expiresMs: number;
  /** Limit of a stop-limit once it is triggered; price from which on a trailing stop follows; else 0. */
  readonly limit: number;
  /** It may only add to the book: where it would be filled at once it is refused instead. */
  readonly postOnly: boolean;
  /** It closes at most what is held, and never opens the other side. */
  readonly reduceOnly: boolean;
}

/** No more than a price. */
export const NO_CONDITIONS: OrderConditions = Object.freeze({
  tif: 'gtc',
  expiresMs: 0,
  limit: 0,
  postOnly: false,
  reduceOnly: false,
});

/** The same terms in units after a split of `ratio` new units for an old one, with every price on the tick. */
export function termsAfterSplit(
  terms: OrderTerms,
  ratio: number,
  { direction, ticks }: { readonly direction: 1 | -1; readonly ticks: PriceGrid | null },
): OrderTerms {
  const { conditions } = terms;
  const restated = {
    ...terms,
    price: terms.price / ratio,
    trail: terms.trail / ratio,
    conditions: conditions === null ? null : { ...conditions, limit: conditions.limit / ratio },
  };
  return termsOnTick(restated, direction, ticks) ?? restated;
}

/**
 * The price of an order on the tick, never better for it than was asked: a sale stops below the market and takes its
 * profit above it. `ticks` is null where the tick is a guess: the price stays.
 */
export function levelOnTick(
  { type, price }: Pick<OrderTerms, 'type' | 'price'>,
  direction: 1 | -1,
  ticks: PriceGrid | null,
): number {
  if (ticks === null || !(price > 0 && price < Infinity)) return price;
  return ticks.beside(price, direction < 0 === (type === 'limit'));
}

/** The terms with every price on the tick; null where one is not a positive number. */
export function termsOnTick(terms: OrderTerms, direction: 1 | -1, ticks: PriceGrid | null): OrderTerms | null {
  if (terms.type === 'market') return terms;
  const { conditions, trail, trailShare } = terms;
  const price = levelOnTick(terms, direction, ticks);
  const asked = conditions?.limit ?? 0;
  const limit = asked === 0 ? 0 : levelOnTick({ type: 'limit', price: asked }, direction, ticks);
  const finite = price - price + (limit - limit) + (trail - trail) + (trailShare - trailShare) === 0;
  if (!finite || !(price > 0)) return null;
  return { ...terms, price, conditions: conditions === null ? null : { ...conditions, limit } };
}
