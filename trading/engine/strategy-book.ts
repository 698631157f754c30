import type { ParentOrder } from '../execution/slicing/parent-order.ts';
import type { ApprovedOrder } from '../orders/approved-order.ts';
import type { PlaceOrder } from '../orders/order-request.ts';
import type { OrderBook, WorkingOrder } from '../strategies/strategy.ts';
import type { EngineParts } from './engine-parts.ts';

/** An order of a strategy's own: working, or waiting for the one that triggers it (`order` is null). */
interface OwnOrder {
  readonly request: PlaceOrder;
  readonly order: ApprovedOrder | null;
  readonly parent?: number;
}

/** A moment, and the orders of a symbol by then, oldest first. */
interface BookedAt extends Pick<OrderBook, 'timeMs' | 'lateBars'> {
  readonly own: ReadonlyMap<string, OwnOrder>;
  /** An order that is executed in parts, by number. */
  readonly parentOf: (number: number) => ParentOrder | undefined;
}

/** What a strategy that places orders knows of `symbol` and of its account. `own`: its orders, oldest first. */
export function strategyBook(
  { portfolio, orders, lanes }: Pick<EngineParts, 'portfolio' | 'orders' | 'lanes'>,
  symbol: number,
  { timeMs, lateBars, own, parentOf }: BookedAt,
): OrderBook {
  const { series } = lanes[symbol]!;
  return {
    position: portfolio.quantity[symbol]!,
    averagePrice: portfolio.averagePrice[symbol]!,
    close: series.bars.close[series.last]!,
    cash: portfolio.cash,
    equity: portfolio.equity,
    timeMs,
    lateBars,
    get working(): readonly WorkingOrder[] {
      return [...own.values()].map(({ request, order, parent }) => {
        if (order === null) {
          const by = parent === undefined ? undefined : parentOf(parent);
          const { units = 0, filled = 0 } = by ?? {};
          const told = by?.signal === true ? { parent: by } : {};
          return { request, units, filled, waiting: parent === undefined, ...told };
        }
        const { sequence } = order;
        return { request, units: orders.orderedOf(sequence), filled: orders.filledOf(sequence), waiting: false };
      });
    },
  };
}
