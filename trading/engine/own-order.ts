import type { OrderUpdate } from '../effect.ts';
import type { ApprovedOrder } from '../orders/approved-order.ts';
import type { PlaceOrder } from '../orders/order-request.ts';
import type { Reserved } from '../risk/reservations.ts';
import type { EngineParts } from './engine-parts.ts';

/** An order of a strategy's own: working, or waiting for the one that triggers it (`order` is null). */
export interface Own {
  request: PlaceOrder;
  order: ApprovedOrder | null;
  /** What it was before changes of which the venue has not said what became. */
  before?: BeforeChange | null;
  /** Price of its last execution; NaN before the first. */
  executedAt: number;
}

/** What an order goes back to where the venue does not take a change. */
interface BeforeChange {
  readonly request: PlaceOrder;
  readonly order: ApprovedOrder;
  /** Units ordered and executed, without a sign. */
  readonly ordered: number;
  readonly filled: number;
  readonly reserved: Reserved | null;
}

/** An order as it is, to be restored where a change of it is refused. */
export function beforeChange(
  { request, order }: { readonly request: PlaceOrder; readonly order: ApprovedOrder },
  { orders, risk }: Pick<EngineParts, 'orders' | 'risk'>,
): BeforeChange {
  const { sequence } = order;
  const [ordered, filled] = [orders.orderedOf(sequence), orders.filledOf(sequence)];
  return { request, order, ordered, filled, reserved: risk.reserved(sequence) };
}

/** The venue has said what became of the changes of an order: they are in force, or it is what it was before them. */
export function settleChange(
  own: Own | undefined,
  { sequence, code }: Pick<OrderUpdate, 'sequence' | 'code'>,
  { orders, risk }: Pick<EngineParts, 'orders' | 'risk'>,
): void {
  const before = own?.before ?? null;
  if (own === undefined || before === null) return;
  own.before = null;
  if (code !== 'amend-refused') return;
  own.request = before.request;
  own.order = before.order;
  const filled = orders.filledOf(sequence);
  orders.amend(sequence, before.ordered - filled);
  risk.restore(sequence, before.reserved, filled - before.filled);
}
