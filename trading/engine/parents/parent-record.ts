import { isOfSignal, reduces, type ParentOrder } from '../../execution/slicing/parent-order.ts';
import { givenName } from '../../orders/order-owner.ts';

/** What a record says of a parent that begins. */
export function shown(parent: ParentOrder) {
  const { number, symbol, direction, units, arrival, bound, rule, owner, label } = parent;
  const given = owner === null || label === null ? label : givenName(label);
  const terms = { symbol, parent: number, direction, units, arrival, bound, rule, owner };
  return { ...terms, label: isOfSignal(parent) ? null : given, reduces: reduces(parent) };
}
