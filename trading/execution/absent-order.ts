import type { DeskOptions } from './desk-options.ts';
import type { TrackedOrder } from './tracked-order.ts';

/** What it means that an order is found nowhere: it may be sent again, is given up, or is proven not to be there. */
export class AbsentOrder {
  readonly #options: Pick<DeskOptions, 'broker' | 'hours' | 'patience'>;

  constructor(options: Pick<DeskOptions, 'broker' | 'hours' | 'patience'>) {
    this.#options = options;
  }

  /**
   * An order that was found nowhere may be sent again under its id: only where the venue's own rule makes the repeat of
   * one that did arrive no second order, or lets absence prove that it never will, and where it is still wanted.
   */
  mayRepeat(tracked: TrackedOrder, nowMs: number): boolean {
    const { idsUniqueForEver, absenceProvenMs } = this.#options.broker.capabilities;
    if (!idsUniqueForEver && absenceProvenMs === undefined) return false;
    if (tracked.shown || tracked.cancelWanted) return false;
    const { hours, patience } = this.#options;
    const isNew = !tracked.order.reduces && !tracked.isAnother;
    return !isNew || hours.ageMs(tracked.order.timeMs, nowMs) <= patience.openingMs;
  }

  /** Never seen and not to be sent again: cancelled, or too old where its absence is proof. */
  isForgone(tracked: TrackedOrder, nowMs: number): boolean {
    if (tracked.shown || tracked.cancelWanted) return !tracked.shown;
    const { absenceProvenMs } = this.#options.broker.capabilities;
    return absenceProvenMs !== undefined && !this.mayRepeat(tracked, nowMs);
  }

  /**
   * A look-up that began at `beganMs` and found nothing proves that the order never arrived, and never will: no request
   * of it could be taken up any more. Where ids are unique for ever that need not be proven.
   */
  isProven(tracked: TrackedOrder, beganMs: number): boolean {
    const { idsUniqueForEver, absenceProvenMs = Infinity } = this.#options.broker.capabilities;
    return idsUniqueForEver || beganMs - Math.max(tracked.tryMs, tracked.sinceMs) >= absenceProvenMs;
  }
}

/** Something about an order that may be at the venue is not known, or is about to change. */
export function isInDoubt(tracked: TrackedOrder): boolean {
  return (
    tracked.leaving === 'kept' ||
    tracked.state === 'UNKNOWN' ||
    tracked.state === 'LOST' ||
    tracked.missing ||
    tracked.ending !== null ||
    tracked.isNameless ||
    tracked.amend === 'asked' ||
    tracked.amend === 'denied' ||
    tracked.cancelWanted ||
    tracked.cameFrom !== null ||
    tracked.emulation.parking === 'asked' ||
    tracked.anew
  );
}
