import type { ApprovedOrder, RefusedOrder } from '../../orders/approved-order.ts';
import type { OrderRegister } from '../../orders/order-register.ts';
import type { RefusalCode } from '../../refusal.ts';
import type { OrderSplit } from '../../risk/asked-order.ts';
import type { RiskManager } from '../../risk/risk-manager.ts';

/** What would become of an order if it were asked for now. */
interface ForeseenOrder {
  readonly kind: 'foreseen';
  /** Units without a sign, and the price that they are valued at. */
  readonly quantity: number;
  readonly price: number;
  /** Nothing would be opened or increased. */
  readonly reduces: boolean;
  /** The limit that would cut it, if any. */
  readonly clippedBy: RefusalCode | null;
  /** It would be executed in parts. */
  readonly inParts: boolean;
}

export type Foreseen = ForeseenOrder | RefusedOrder;

/**
 * What risk would answer now. It is asked as for any order, and all that its answer changed is taken back to the last
 * bit: neither a later decision nor a replay knows that it was asked. No order comes out of it.
 */
export function foresee(
  { orders, risk }: { readonly orders: OrderRegister; readonly risk: Pick<RiskManager, 'state' | 'reservations'> },
  ask: () => ApprovedOrder | RefusedOrder,
): Foreseen {
  const undo = [orders.mark(), risk.reservations.mark(), risk.state.mark()];
  try {
    const decided = ask();
    if (decided.kind === 'refused') return decided;
    const { quantity, price, reduces, clippedBy } = decided;
    return { kind: 'foreseen', quantity: Math.abs(quantity), price, reduces, clippedBy, inParts: false };
  } finally {
    for (const one of undo) one();
  }
}

/** The same of an order that would be executed in parts. */
export function foreseenParts(split: OrderSplit | RefusedOrder, price: number): Foreseen {
  if (split.kind === 'refused') return split;
  const { closing, opening, clippedBy } = split;
  return { kind: 'foreseen', quantity: closing + opening, price, reduces: opening === 0, clippedBy, inParts: true };
}
