import { shapeOf, type OrderShape } from '../brokers/venue/capabilities.ts';
import type { DeskOptions } from './desk-options.ts';
import type { TrackedOrder } from './tracked-order.ts';
import type { TrackedOrders } from './tracked-orders.ts';

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
 * ended, too, or was seen to work after this end was seen. `beganMs`: when this one was asked for; null where the venue
 * told by itself.
 */
export function awaitsPair(tracked: TrackedOrder, beganMs: number | null): boolean {
  const { pair, cancelWanted } = tracked;
  if (pair === null || pair.ended || cancelWanted || pair.cancelWanted) return false;
  if (tracked.ending === null) {
    pair.missing = true;
    pair.askMs = -Infinity;
    return true;
  }
  return beganMs === null || pair.missing || pair.ending !== null;
}
