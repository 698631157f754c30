import { givenName, ownedName, type OrderOwner } from '../../orders/order-owner.ts';
import type { PlaceOrder } from '../../orders/order-request.ts';
import type { SubLedger } from '../../portfolio/sub-ledgers.ts';
import type { OrderBook, StrategyAction } from '../strategy.ts';

/** What one of several strategies does with an order of its own, by names that no order of another has. */
export function ownedAction(owner: OrderOwner, action: StrategyAction): StrategyAction {
  if (action.do === 'say' || action.do === 'refuse' || action.do === 'replace') return action;
  // What is no name is refused where the order is looked at.
  const named = <T>(name: T): T | string => (typeof name === 'string' ? ownedName(owner, name) : name);
  if (action.do !== 'place') return { ...action, label: named(action.label) };
  const { label, group, after } = action;
  return {
    ...action,
    owner,
    label: named(label),
    ...(group === undefined ? {} : { group: named(group) }),
    ...(after === undefined ? {} : { after: named(after) }),
  };
}

/** What a strategy knows of its part of the account: no position and no order of another. */
export function ownBook(owner: OrderOwner, part: SubLedger, { symbol, book, lateBars }: BookedSymbol): OrderBook {
  return {
    position: part.quantity[symbol]!,
    averagePrice: part.averagePrice[symbol]!,
    close: book.close,
    cash: part.cash,
    equity: part.marked,
    timeMs: book.timeMs,
    get lateBars() {
      return lateBars();
    },
    get working() {
      const its = book.working.filter(({ request }) => request.owner?.number === owner.number && !request.signal);
      return its.map((one) => ({ ...one, request: asGiven(one.request) }));
    },
  };
}

interface BookedSymbol {
  readonly symbol: number;
  readonly book: OrderBook;
  /** Whole bars of its own between the newest one and the event: asked for where there is one. */
  readonly lateBars: () => number;
}

function asGiven({ owner: _, ...request }: PlaceOrder): PlaceOrder {
  const { label, group, after } = request;
  return {
    ...request,
    label: givenName(label),
    ...(group === undefined ? {} : { group: givenName(group) }),
    ...(after === undefined ? {} : { after: givenName(after) }),
  };
}
