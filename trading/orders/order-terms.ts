/** How an order that does not simply take the next price is executed. */
export const ORDER_TYPES = ['limit', 'stop', 'trailing'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** What a protective order is there for. */
export const ORDER_ROLES = ['stop-loss', 'take-profit', 'trailing-stop'] as const;
export type OrderRole = (typeof ORDER_ROLES)[number];

/**
 * Terms of an order that rests at the venue until a price is reached. A `stop` becomes a market order when its price is
 * traded, a `limit` is filled at its price or better, a `trailing` stop follows the best price since it was placed.
 * Prices are on the instrument's tick.
 */
export interface OrderTerms {
  readonly type: OrderType;
  readonly role: OrderRole;
  /** Trigger of a stop, limit of a limit, first trigger of a trailing stop. */
  readonly price: number;
  /** Distance a trailing stop keeps from the best price: in units of price, or as a share of it; 0 where not so. */
  readonly trail: number;
  readonly trailShare: number;
  /** Orders of one symbol and group cancel each other: the first that is filled ends the rest. 0: none. */
  readonly group: number;
}
