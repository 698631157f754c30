import type { LookUpAnswer, VenueBroker } from '../brokers/venue/venue-broker.ts';
import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { TrackedOrder } from './tracked-order.ts';

/**
 * The newest of its names under which the venue has an order, and what was executed under those before. `entry`: an
 * exit that is found under none of them may be what left with that.
 */
export async function findNewest(
  broker: VenueBroker,
  tracked: TrackedOrder,
  entry: TrackedOrder | null = null,
): Promise<{ answer: LookUpAnswer; earlier: number; ofEntry: boolean }> {
  let newest: LookUpAnswer | null = null;
  let [earlier, ofEntry] = [0, false];
  for (let change = tracked.amended; change >= 0; change--) {
    let answer = change === 0 ? await findFirst(broker, tracked) : await broker.find(tracked.nameOf(change));
    const ofItsEntry =
      change === 0 && answer.found === 'absent' && entry !== null ? await legAt(broker, tracked, entry) : null;
    if (ofItsEntry !== null) answer = ofItsEntry;
    ofEntry = ofItsEntry?.found === 'order' && newest === null;
    if (answer.found === 'unreadable') return { answer, earlier: 0, ofEntry: false };
    if (answer.found !== 'order' || (change > 0 && answer.order.status === 'rejected')) continue;
    const [leg] = answer.order.legs;
    if (newest === null && tracked.amended > 0 && tracked.isLeg && leg !== undefined)
      newest = { ...answer, order: leg };
    else if (newest === null) newest = answer;
    else if (!tracked.isLeg) earlier += answer.order.filled;
  }
  const first = newest?.found === 'order' && !tracked.isLeg && !tracked.turned ? newest.order : null;
  if (first !== null && tracked.hasTurnedBy(first)) {
    const second = await broker.find(tracked.turnName);
    if (second.found !== 'absent') return { answer: second, earlier: first.filled, ofEntry: false };
  }
  return { answer: newest ?? { found: 'absent' }, earlier, ofEntry };
}

/** A leg of an entry is an exit of that kind. */
export function isLegOf({ order: { terms } }: Pick<TrackedOrder, 'order'>, { stop }: VenueOrder): boolean {
  if (terms?.type === 'limit') return stop === null || stop === undefined;
  return (terms?.type === 'stop' || terms?.type === 'stop-limit') && typeof stop === 'number';
}

/** It ended without an execution. */
export const isOver = ({ status, filled }: VenueOrder): boolean =>
  filled === 0 && status !== 'working' && status !== 'pending-cancel';

/**
 * What left with its entry and stands for an exit: where all of the entry was filled, and unless all of them have ended
 * for nothing.
 */
async function legAt(broker: VenueBroker, exit: TrackedOrder, entry: TrackedOrder): Promise<LookUpAnswer> {
  if (!exit.order.reduces || exit.legName !== null) return { found: 'absent' };
  const before = await broker.find(entry.venueName);
  if (before.found !== 'order') return before;
  const { status, legs } = before.order;
  if (status !== 'filled' || legs.every(isOver)) return { found: 'absent' };
  const leg = legs.find((one) => isLegOf(exit, one));
  return leg === undefined ? { found: 'absent' } : { found: 'order', order: leg };
}

const findFirst = (broker: VenueBroker, tracked: TrackedOrder): Promise<LookUpAnswer> =>
  tracked.legName === null ? findOne(broker, tracked) : broker.find(tracked.legName);

/** A leg is found with the order that it hangs on, or under its own name where it went by itself. */
async function findOne(
  broker: VenueBroker,
  { clientOrderId, isLeg, pair, turned, turnName }: TrackedOrder,
): Promise<LookUpAnswer> {
  if (!isLeg) return broker.find(turned ? turnName : clientOrderId);
  const answer = await broker.find(pair!.venueName);
  const isAlone = answer.found === 'absent' || (answer.found === 'order' && answer.order.legs.length === 0);
  return isAlone ? broker.find(clientOrderId) : answer;
}
