import type { LookUpAnswer, VenueBroker } from '../brokers/venue/venue-broker.ts';
import type { TrackedOrder } from './tracked-order.ts';

/** The newest of its names under which the venue has an order, and what was executed under those before. */
export async function findNewest(
  broker: VenueBroker,
  tracked: TrackedOrder,
): Promise<{ answer: LookUpAnswer; earlier: number }> {
  let newest: LookUpAnswer | null = null;
  let earlier = 0;
  for (let change = tracked.amended; change >= 0; change--) {
    const answer = change === 0 ? await findOne(broker, tracked) : await broker.find(tracked.nameOf(change));
    if (answer.found === 'unreadable') return { answer, earlier: 0 };
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
    if (second.found !== 'absent') return { answer: second, earlier: first.filled };
  }
  return { answer: newest ?? { found: 'absent' }, earlier };
}

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
