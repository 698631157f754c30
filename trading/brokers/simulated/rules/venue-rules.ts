import type { Market } from '../../../market.ts';
import type { ApprovedOrder } from '../../../orders/approved-order.ts';
import { venueBreach } from '../../../orders/venue-breach.ts';
import type { Account } from '../../../portfolio/portfolio.ts';
import type { Report } from '../../broker.ts';

/** The rules of a market's instruments; null where none has any: nothing is asked of an order then. */
export function rulebookOf(market: Market, account: Account): VenueRulebook | null {
  return market.instruments.some(({ rules }) => rules !== undefined) ? new VenueRulebook(market, account) : null;
}

/** What a venue takes of new orders, by the rules of their instruments. Risk asks the same of amendments. */
export class VenueRulebook {
  readonly #market: Market;
  readonly #account: Account;

  constructor(market: Market, account: Account) {
    this.#market = market;
    this.#account = account;
  }

  /** Refuses an order that the venue does not take, and says why. */
  refuses(order: ApprovedOrder, report: Report): boolean {
    const breach = venueBreach(order, this.#market.instruments[order.symbol]!, this.#account);
    if (breach === null) return false;
    const { code, value, limit } = breach;
    const { sequence, timeMs } = order;
    report({ kind: 'order-update', sequence, timeMs, state: 'REJECTED', code, value, limit });
    return true;
  }
}
