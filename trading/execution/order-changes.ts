import { shapeOf } from '../brokers/venue/capabilities.ts';
import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { EngineEvent } from '../effect.ts';
import { firstName } from './daily/day-names.ts';
import type { DeskMessage } from './desk-message.ts';
import type { DeskOptions } from './desk-options.ts';
import { isAsMeant } from './shown-terms.ts';
import type { TrackedOrder } from './tracked-order.ts';
import type { TrackedOrders } from './tracked-orders.ts';

/**
 * Orders that were changed. A change makes another order at the venue, and no answer to the request proves that: it is
 * in force where that order is there, and refused where the one before goes on.
 */
export class OrderChanges {
  readonly #options: Pick<DeskOptions, 'note' | 'patience' | 'broker' | 'instruments'>;
  readonly #orders: TrackedOrders;

  constructor(options: Pick<DeskOptions, 'note' | 'patience' | 'broker' | 'instruments'>, orders: TrackedOrders) {
    this.#options = options;
    this.#orders = orders;
  }

  /** What was found by asking for every name of an order. False while the venue shows neither the old nor the new. */
  *settle(
    tracked: TrackedOrder,
    { answer, earlier = 0, settled = 0 }: DeskMessage & { kind: 'looked-up' },
    nowMs: number,
  ): Generator<EngineEvent, boolean> {
    if (answer.found !== 'order') return false;
    const { clientOrderId, status } = answer.order;
    const name = firstName(clientOrderId);
    const isNewest = name === tracked.nameOf(tracked.amended);
    const isBefore = !isNewest && (tracked.asked === 0 || name !== tracked.nameOf(tracked.asked));
    if (isBefore && status === 'replaced') return false;
    this.#orders.name(tracked, clientOrderId);
    tracked.earlier = earlier;
    // A cancel of the order before was in vain.
    tracked.cancelMs = -Infinity;
    if (isNewest) yield* this.#takeUp(tracked, nowMs);
    else if (!isBefore) this.#askAgain(tracked);
    else if (tracked.amend === 'denied') yield* this.#refuse(tracked, name, nowMs);
    else if (tracked.amend === 'asked') return this.#waitFor(tracked);
    if (earlier > settled && !tracked.cancelWanted) {
      tracked.cancelWanted = true;
      this.#options.note(`order ${tracked.sequence} was filled in part while it was changed: its rest is cancelled`);
    }
    return true;
  }

  *#takeUp(tracked: TrackedOrder, timeMs: number): Generator<EngineEvent> {
    const { sequence, state } = tracked;
    tracked.amend = 'none';
    if (tracked.restating === 'asked') tracked.restating = 'none';
    if (state !== 'PENDING_UPDATE') return;
    yield { kind: 'order-update', sequence, timeMs, state: 'ACCEPTED', code: null, value: 0, limit: 0 };
  }

  /** What was decided before is restored, where that is what works. */
  *#refuse(tracked: TrackedOrder, name: string, timeMs: number): Generator<EngineEvent> {
    const { sequence, state, isLeg, confirmed } = tracked;
    tracked.amend = 'none';
    if (
      tracked.legName === name &&
      tracked.executed === 0 &&
      (tracked.restating === 'asked' || tracked.pair === null)
    ) {
      return this.#endLeg(tracked);
    }
    if (tracked.restating === 'asked') {
      tracked.restating = 'failed';
      tracked.cancelWanted = true;
      this.#options.note(`order ${sequence} could not be restated after a split: it is cancelled`);
    }
    if (!isLeg && name !== tracked.nameOf(confirmed)) tracked.cancelWanted = true;
    if (state === 'PENDING_UPDATE') yield { kind: 'outcome', sequence, timeMs, of: 'amend', result: 'refused' };
  }

  /** What left with its entry stays as it is there: it ends, with the other of its pair, and both leave anew. */
  #endLeg(tracked: TrackedOrder): void {
    for (const one of [tracked, tracked.pair]) {
      if (one === null) continue;
      one.anew = true;
      one.restating = 'none';
    }
    const { sequence } = tracked;
    this.#options.note(`order ${sequence} left with its entry, and the venue does not change it: it is placed anew`);
  }

  /** What the venue shows of an order that works there is compared with what is meant, where that may differ. */
  look(tracked: TrackedOrder, shown: VenueOrder): void {
    if (tracked.restating === 'look') this.#lookAfterSplit(tracked, shown);
    const { sequence, order, sent, symbol } = tracked;
    const meant = shapeOf(this.#options.instruments[symbol]!, sent, order.terms).extended === true;
    if (meant === (shown.extended === true) || tracked.hoursAreTold) return;
    tracked.hoursAreTold = true;
    const [there, here] = meant ? ['regular hours alone', 'extended hours'] : ['extended hours', 'regular hours alone'];
    this.#options.note(`order ${sequence} works in ${there} at the venue, and in ${here} by what was decided`);
  }

  /** Where the venue has not restated an order as the split does, it is asked to. */
  #lookAfterSplit(tracked: TrackedOrder, shown: VenueOrder): void {
    if (tracked.amend !== 'none') return;
    tracked.restating = isAsMeant(tracked, shown) ? 'none' : 'asked';
    if (tracked.restating === 'none') return;
    this.#askAgain(tracked);
    this.#options.note(`order ${tracked.sequence} rests at the venue on other terms than were decided: it is changed`);
  }

  /** The new order may be shown late; where it never is, it is asked for again by the same name. */
  #waitFor(tracked: TrackedOrder): false {
    tracked.absences += 1;
    if (tracked.absences < this.#options.patience.absences) return false;
    // Only where a name is refused for ever a second request makes no second order.
    if (this.#options.broker.capabilities.idsUniqueForEver) this.#askAgain(tracked);
    else tracked.amend = 'denied';
    return false;
  }

  #askAgain(tracked: TrackedOrder): void {
    tracked.absences = 0;
    tracked.amend = 'due';
    tracked.asked = 0;
  }
}
