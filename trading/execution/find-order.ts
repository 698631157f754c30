import type { LookUpAnswer, VenueBroker } from '../brokers/venue/venue-broker.ts';
import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import { dayName, dayOf, firstName } from './daily/day-names.ts';
import type { TrackedOrder } from './tracked-order.ts';

/** Another order of the venue may have followed this one of its. */
type MayGoOn = (tracked: TrackedOrder, shown: VenueOrder) => boolean;

/**
 * The newest of its names under which the venue has an order, and what was executed under those before. `entry`: an
 * exit that is found under none of them may be what left with that.
 */
export async function findNewest(
  broker: VenueBroker,
  tracked: TrackedOrder,
  { entry, mayGoOn }: { readonly entry: TrackedOrder | null; readonly mayGoOn: MayGoOn },
): Promise<{ answer: LookUpAnswer; earlier: number; settled: number; ofEntry: boolean }> {
  let newest: LookUpAnswer | null = null;
  let { earlier: settled } = tracked.since;
  let [earlier, ofEntry] = [settled, false];
  for (let change = tracked.amended; change >= tracked.since.change; change--) {
    const first = await findChange(broker, tracked, change);
    const { found, before } = await followDays(broker, tracked, first, mayGoOn);
    let answer = found;
    earlier += before;
    settled += before;
    const ofItsEntry =
      change === 0 && answer.found === 'absent' && entry !== null ? await legAt(broker, tracked, entry) : null;
    if (ofItsEntry !== null) answer = ofItsEntry;
    ofEntry = ofItsEntry?.found === 'order' && newest === null;
    if (answer.found === 'unreadable') return { answer, earlier: 0, settled: 0, ofEntry: false };
    if (answer.found !== 'order' || (change > 0 && answer.order.status === 'rejected')) continue;
    const [leg] = answer.order.legs;
    if (newest === null && tracked.amended > 0 && tracked.isLeg && leg !== undefined)
      newest = { ...answer, order: leg };
    else if (newest === null) newest = answer;
    else if (!tracked.isLeg) {
      earlier += answer.order.filled;
      // What was cancelled for a change of its own is as over as what the day has ended.
      if (mayGoOn(tracked, answer.order)) settled += answer.order.filled;
    }
  }
  const first = newest?.found === 'order' && !tracked.isLeg && !tracked.turned ? newest.order : null;
  if (first !== null && tracked.hasTurnedBy(first)) {
    const second = await broker.find(tracked.turnName);
    if (second.found !== 'absent') return { answer: second, earlier: first.filled, settled: 0, ofEntry: false };
  }
  return { answer: newest ?? { found: 'absent' }, earlier, settled, ofEntry };
}

/** The order of that change: the first of its days, or the one that it is known to be by now. */
function findChange(broker: VenueBroker, tracked: TrackedOrder, change: number): Promise<LookUpAnswer> {
  const name = tracked.nameOf(change);
  if (dayOf(tracked.venueName) > 0 && firstName(tracked.venueName) === name) return broker.find(tracked.venueName);
  return change === 0 ? findFirst(broker, tracked) : broker.find(name);
}

/** The newest of the orders that followed it day by day, and what was executed of those before. */
async function followDays(
  broker: VenueBroker,
  tracked: TrackedOrder,
  first: LookUpAnswer,
  mayGoOn: MayGoOn,
): Promise<{ readonly found: LookUpAnswer; readonly before: number }> {
  let found = first;
  let before = 0;
  while (found.found === 'order' && mayGoOn(tracked, found.order)) {
    const { clientOrderId, filled } = found.order;
    const next = await broker.find(dayName(firstName(clientOrderId), dayOf(clientOrderId) + 1));
    if (next.found === 'absent') break;
    before += filled;
    found = next;
  }
  return { found, before };
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
