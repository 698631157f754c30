import type { ApprovedOrder } from '../orders/approved-order.ts';
import type { PlaceOrder } from '../orders/order-request.ts';
import type { OrderBook, WorkingOrder } from '../strategies/strategy.ts';
import type { EngineParts } from './engine-parts.ts';

/** An order of a strategy's own: working, or waiting for the one that triggers it (`order` is null). */
interface OwnOrder {
  readonly request: PlaceOrder;
  readonly order: ApprovedOrder | null;
}

/** What a strategy that places orders knows of `symbol` and of its account. `own`: its orders, oldest first. */
export function strategyBook(
  { portfolio, orders }: Pick<EngineParts, 'portfolio' | 'orders'>,
  symbol: number,
  { timeMs, lateBars, own }: Pick<OrderBook, 'timeMs' | 'lateBars'> & { readonly own: ReadonlyMap<string, OwnOrder> },
): OrderBook {
  return {
    position: portfolio.quantity[symbol]!,
    averagePrice: portfolio.averagePrice[symbol]!,
    cash: portfolio.cash,
    equity: portfolio.equity,
    timeMs,
    lateBars,
    get working(): readonly WorkingOrder[] {
      return [...own.values()].map(({ request, order }) => ({
        request,
        units: order === null ? 0 : orders.orderedOf(order.sequence),
        filled: order === null ? 0 : orders.filledOf(order.sequence),
        waiting: order === null,
      }));
    },
  };
}
