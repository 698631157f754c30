import type { Market } from '../../../market.ts';
import type { ApprovedOrder } from '../../../orders/approved-order.ts';
import type { Account } from '../../../portfolio/portfolio.ts';
import type { Report } from '../../broker.ts';
import type { Shortfall } from '../settlement.ts';

const ROUNDING = 1e-9;

/** The rules of a market's instruments; null where none has any: nothing is asked of an order then. */
export function rulebookOf(market: Market, account: Account): VenueRulebook | null {
  return market.instruments.some(({ rules }) => rules !== undefined) ? new VenueRulebook(market, account) : null;
}

/** What a venue takes of orders, by the rules of their instruments. What only closes is always taken. */
export class VenueRulebook {
  readonly #market: Market;
  readonly #account: Account;

  constructor(market: Market, account: Account) {
    this.#market = market;
    this.#account = account;
  }

  /** Refuses an order that the venue does not take, and says why. */
  refuses(order: ApprovedOrder, report: Report): boolean {
    const breach = this.#breach(order);
    if (breach === null) return false;
    const { code, asked, limit } = breach;
    const { sequence, timeMs } = order;
    report({ kind: 'order-update', sequence, timeMs, state: 'REJECTED', code, value: asked, limit });
    return true;
  }

  /** Why the venue refuses an order, by the last price of its symbol; null where it takes it. */
  #breach(order: ApprovedOrder): Shortfall | null {
    const { rules } = this.#market.instruments[order.symbol]!;
    if (rules === undefined || order.reduces) return null;
    if (rules.enabled === false) return { code: 'venue-disabled', asked: 0, limit: 0 };
    const { minimumQuantity = 0, maximumQuantity = Infinity, minimumNotional = 0, band = Infinity } = rules;
    const last = this.#account.price[order.symbol]!;
    const asked = this.#price(order, last);
    const units = this.#units(order, last);
    if (units < minimumQuantity) return { code: 'venue-minimum', asked: units, limit: minimumQuantity };
    if (units > maximumQuantity) return { code: 'venue-maximum', asked: units, limit: maximumQuantity };
    const value = units * asked;
    if (value < minimumNotional) return { code: 'venue-notional', asked: value, limit: minimumNotional };
    const away = Math.abs(asked - last) / last;
    // A limit at the band itself is within it, whatever rounding makes of it.
    return away > band * (1 + ROUNDING) ? { code: 'price-band', asked: away, limit: band } : null;
  }

  /** The limit of an order that has one; else the last price. */
  #price({ terms }: ApprovedOrder, last: number): number {
    if (terms?.type === 'limit') return terms.price;
    return terms?.type === 'stop-limit' ? terms.conditions!.limit : last;
  }

  /** Units that an order is to trade; of one that is sized at the fill, about as many. */
  #units({ symbol, quantity, fraction }: ApprovedOrder, last: number): number {
    if (fraction === 0) return Math.abs(quantity);
    const { cash, open, quantity: held, price } = this.#account;
    let equity = cash;
    for (let at = 0; at < open.count; at++) equity += held[open.symbols[at]!]! * price[open.symbols[at]!]!;
    return Math.abs(held[symbol]!) + (fraction * Math.max(0, equity)) / last;
  }
}
