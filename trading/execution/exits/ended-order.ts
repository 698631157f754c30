import type { VenueOrder } from '../../brokers/venue/request-verdict.ts';
import type { DayOrders } from '../daily/day-orders.ts';
import type { TrackedOrder } from '../tracked-order.ts';
import type { TrackedOrders } from '../tracked-orders.ts';
import { awaitsPair, pairIsOver } from './pair-exits.ts';

interface With {
  readonly orders: Pick<TrackedOrders, 'leaveAnew' | 'name'>;
  readonly days: DayOrders;
  /** When it was asked for; null where the venue told by itself. */
  readonly beganMs: number | null;
}

/** The venue has ended an order that does not end with that: it leaves again, as another, or waits for its pair. */
export function goesOn(tracked: TrackedOrder, shown: VenueOrder, { orders, days, beganMs }: With): boolean {
  const isCanceled = shown.status === 'canceled';
  if (isCanceled && tracked.outlivesPair) {
    // The other one was wanted no more, and a cancel of one ends both: this one goes again, by itself.
    tracked.unpair();
    tracked.leaving = 'held';
    tracked.shown = false;
  } else if (isCanceled && tracked.anew && tracked.leavesAnew) {
    orders.leaveAnew(tracked);
  } else if (isCanceled && awaitsPair(tracked, beganMs)) {
    tracked.ending = shown;
  } else if (isCanceled && tracked.leavesAnew && pairIsOver(tracked)) {
    orders.leaveAnew(tracked);
  } else if (tracked.hasAllOf(shown) && tracked.hasTurnedBy(shown)) {
    tracked.ending = null;
    tracked.turn(tracked.executed, 'held');
    orders.name(tracked, tracked.turnName);
  } else return days.goesOn(tracked, shown);
  return true;
}
