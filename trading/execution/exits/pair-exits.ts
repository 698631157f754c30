import { shapeOf, type OrderShape } from '../../brokers/venue/capabilities.ts';
import type { DeskOptions } from '../desk-options.ts';
import { isOver } from '../find-order.ts';
import type { TrackedOrder } from '../tracked-order.ts';
import type { TrackedOrders } from '../tracked-orders.ts';

/** Two exits that were decided together, and that the venue can pair, leave as one request. */
export function pairExits(
  tracked: TrackedOrder,
  orders: Pick<TrackedOrders, 'get'>,
  { broker, instruments }: Pick<DeskOptions, 'broker' | 'instruments'>,
): void {
  const { order, sequence, symbol } = tracked;
  const before = orders.get(sequence - 1);
  const group = order.terms?.group ?? 0;
  const isPair =
    group !== 0 && order.reduces && before?.order.reduces === true && before.pair === null && before.symbol === symbol;
  if (!isPair || before.order.terms?.group !== group || before.order.timeMs !== order.timeMs) return;
  if (before.order.quantity !== order.quantity || before.leaving !== tracked.leaving) return;
  const [target, stop] = order.terms?.type === 'limit' ? [tracked, before] : [before, tracked];
  const shape = (one: TrackedOrder): OrderShape =>
    shapeOf(instruments[symbol]!, Math.abs(one.order.quantity), one.order.terms);
  if (broker.capabilities.pair(shape(target), shape(stop)).how === 'native') target.pairWith(stop);
}

/**
 * One of a pair was ended by the venue and not by us: the other one is asked for, and the end counts once that one has
 * ended, too, or was seen to work after this end was seen. Two that ended for nothing do not wait for each other.
 * `beganMs`: when this one was asked for; null where the venue told by itself.
 */
export function awaitsPair(tracked: TrackedOrder, beganMs: number | null): boolean {
  const { pair, cancelWanted } = tracked;
  if (pair === null || pair.ended || cancelWanted || pair.cancelWanted) return false;
  if (tracked.ending === null) {
    pair.missing = true;
    pair.askMs = -Infinity;
    return true;
  }
  return beganMs === null || pair.missing || (pair.ending !== null && !pairIsOver(tracked));
}

/** The other of a pair has ended for nothing at the venue, or there is none. */
export function pairIsOver({ pair }: TrackedOrder): boolean {
  if (pair === null || pair.leaving === 'held') return true;
  return pair.ending !== null && isOver(pair.ending) && pair.executed === 0;
}

/** Why an exit cannot rest beside another that closes the same units, null where it can. */
export function crowdOf(
  { order, symbol, sequence, pair, emulation }: TrackedOrder,
  working: readonly TrackedOrder[],
  { broker: { capabilities }, instruments }: Pick<DeskOptions, 'broker' | 'instruments'>,
): string | null {
  const group = order.terms?.group ?? 0;
  if (group === 0 || !order.reduces || capabilities.exitsPerPosition > 1) return null;
  const beside = working.find(
    (one) => one.order.terms?.group === group && one.symbol === symbol && one !== pair && one.sequence < sequence,
  );
  if (beside === undefined || beside.cancelWanted || emulation.beside === beside.sequence) return null;
  const shape = (one: TrackedOrder['order']) => shapeOf(instruments[symbol]!, Math.abs(one.quantity), one.terms);
  const found = capabilities.pair(shape(order), shape(beside.order));
  return found.how === 'refused' ? found.why : 'its pair was not placed together with it';
}
