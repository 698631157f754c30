import { shapeOf } from '../../brokers/venue/capabilities.ts';
import type { LookUpAnswer } from '../../brokers/venue/venue-broker.ts';
import type { RequestVerdict, VenueOrder } from '../../brokers/venue/request-verdict.ts';
import type { EngineEvent } from '../../effect.ts';
import type { DeskOptions } from '../desk-options.ts';
import { isTakenBack, wasParked } from '../emulated/emulation.ts';
import type { TrackedOrder } from '../tracked-order.ts';
import { dayName, dayOf, firstName } from './day-names.ts';

const PAST: readonly VenueOrder['status'][] = ['expired', 'canceled', 'working', 'pending-cancel'];

/**
 * Orders that the venue takes for the day alone and does not change, as Alpaca does parts of shares: what is to rest
 * longer goes on as another order once the day has ended it, at once, so that it is there when the market opens again;
 * a change is a cancel, and another order once that is proven. Which of its orders it is by now is found by asking for
 * their names, one after the other.
 */
export class DayOrders {
  readonly #options: Pick<DeskOptions, 'broker' | 'instruments'>;

  constructor(options: Pick<DeskOptions, 'broker' | 'instruments'>) {
    this.#options = options;
  }

  /** So many units of it work for the day. */
  #isDay({ symbol, order }: TrackedOrder, units: number): boolean {
    const { broker, instruments } = this.#options;
    return broker.capabilities.dayOnly?.(shapeOf(instruments[symbol]!, units, order.terms)) === true;
  }

  /** Another order of the venue may have followed what it shows. */
  readonly mayGoOn = (tracked: TrackedOrder, { status, quantity }: VenueOrder): boolean =>
    (status === 'expired' || status === 'canceled') &&
    (isTakenBack(tracked) || this.#isDay(tracked, quantity ?? tracked.sent));

  /** It is changed by a cancel and another order. */
  changesByCancel(tracked: TrackedOrder): boolean {
    const isAlone = tracked.pair === null && tracked.legName === null;
    if (isTakenBack(tracked)) return true;
    return isAlone && (this.#isDay(tracked, tracked.sent) || this.#isDay(tracked, Math.abs(tracked.order.quantity)));
  }

  /** The venue has ended an order that goes on as another: it is to leave. */
  goesOn(tracked: TrackedOrder, shown: VenueOrder): boolean {
    const { cancelWanted, pair, legName, amend } = tracked;
    if (cancelWanted || pair !== null || legName !== null || !tracked.hasAllOf(shown)) return false;
    const isChanged = amend === 'due' && this.mayGoOn(tracked, shown);
    const isBecomingDay = amend === 'due' && shown.status === 'canceled' && this.changesByCancel(tracked);
    if (isChanged || isBecomingDay) {
      goOnChanged(tracked);
      return true;
    }
    if (wasParked(tracked, shown) && this.mayGoOn(tracked, shown)) {
      goOn(tracked);
      return true;
    }
    if (shown.status !== 'expired' || !this.mayGoOn(tracked, shown) || !this.#rests(tracked)) return false;
    goOn(tracked);
    return true;
  }

  /** An order that has several at the venue, of which this is the name of one. */
  isOneOf(tracked: TrackedOrder, name: string): boolean {
    return tracked.isAnother || dayOf(name) > 0;
  }

  /** What is told late of an order of before, which is proven to have ended: also how it had worked until then. */
  isPast(tracked: TrackedOrder, { clientOrderId, status }: VenueOrder): boolean {
    if (!tracked.isAnother || !PAST.includes(status)) return false;
    const [name, now] = [firstName(clientOrderId), firstName(tracked.venueName)];
    if (name === now) return dayOf(clientOrderId) < dayOf(tracked.venueName);
    return changeOf(tracked, name) < tracked.since.change;
  }

  /**
   * What an answer means: one that shows only an order of before says that the one of now was not there when that was
   * asked; null where it was asked before that had left.
   */
  heard(tracked: TrackedOrder, answer: LookUpAnswer, beganMs: number): LookUpAnswer | null {
    if (answer.found !== 'order' || !this.isPast(tracked, answer.order)) return answer;
    return tracked.leaving === 'sent' && beganMs > tracked.tryMs ? { found: 'absent' } : null;
  }

  /** It was asked to work for longer than the day. */
  #rests({ order, symbol, sent }: TrackedOrder): boolean {
    const { tif } = shapeOf(this.#options.instruments[symbol]!, sent, order.terms);
    return tif === 'gtc' || tif === 'gtd';
  }

  /** What was found by asking is its order of another day. */
  found(tracked: TrackedOrder, { clientOrderId }: VenueOrder, earlier: number): void {
    if (dayOf(clientOrderId) === 0 || tracked.isLeg || tracked.legName !== null) return;
    tracked.venueName = clientOrderId;
    tracked.earlier = earlier;
    tracked.since = { change: changeOf(tracked), earlier };
  }

  /** The venue does not take what it was changed to: it goes on as it was before. */
  *takeBack(tracked: TrackedOrder, verdict: RequestVerdict, timeMs: number): Generator<EngineEvent, boolean> {
    const { sequence, cameFrom, shown } = tracked;
    const isRefused = verdict.result === 'refused' && verdict.name !== 'duplicate-id' && verdict.name !== 'not-sent';
    if (cameFrom === null || shown || !isRefused || tracked.state !== 'PENDING_UPDATE') return false;
    tracked.venueName = cameFrom;
    goOn(tracked);
    yield { kind: 'outcome', sequence, timeMs, of: 'amend', result: 'refused' };
    return true;
  }
}

/** All that was executed is booked: it goes on as the order of another day. */
function goOn(tracked: TrackedOrder): void {
  const { venueName } = tracked;
  tracked.cameFrom = null;
  leaveAs(tracked, dayName(firstName(venueName), dayOf(venueName) + 1));
}

/** It was cancelled to be changed: it goes on as it is by now. */
function goOnChanged(tracked: TrackedOrder): void {
  tracked.cameFrom = tracked.venueName;
  tracked.restating = 'none';
  tracked.amend = 'none';
  leaveAs(tracked, tracked.nameOf(tracked.amended));
}

function leaveAs(tracked: TrackedOrder, name: string): void {
  const { executed } = tracked;
  tracked.venueName = name;
  tracked.since = { change: changeOf(tracked), earlier: executed };
  tracked.earlier = executed;
  tracked.leaving = 'held';
  tracked.shown = false;
  tracked.missing = false;
  tracked.cancelling = false;
  tracked.ending = null;
  tracked.emulation.parking = 'none';
  tracked.tryMs = tracked.askMs = tracked.cancelMs = -Infinity;
  tracked.absences = tracked.pendingCancels = 0;
  tracked.absentSinceMs = Infinity;
}

/** The change that the name is of. */
function changeOf(tracked: TrackedOrder, name = firstName(tracked.venueName)): number {
  let change = tracked.amended;
  while (change > 0 && tracked.nameOf(change) !== name) change -= 1;
  return change;
}
