import type { ApprovedBefore } from '../orders/approved-order.ts';
import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import { firstName } from './daily/day-names.ts';
import type { DeskMessage } from './desk-message.ts';
import { hasTermsOf } from './shown-terms.ts';
import { TrackedOrder } from './tracked-order.ts';

/** Orders that are kept in mind, ended ones among them. */
const ORDERS_MAX = 20_000;
/** Entries of a symbol that are told apart. */
const OPENED_MAX = 64;

type LookedUp = DeskMessage & { readonly kind: 'looked-up' };

interface RestoredBy {
  readonly approved: ApprovedBefore;
  readonly clientOrderId: (sequence: number) => string;
  readonly nowMs: number;
}

/** Exits that left with their entry. */
export interface AttachedLegs {
  readonly entry: TrackedOrder;
  /** As the venue last showed them; null before it did. */
  legs: readonly VenueOrder[] | null;
  /** When that was asked for. */
  seenMs: number;
  /** Since when the entry is known to have ended. */
  endedMs: number;
  askMs: number;
}

/** What left with an entry, of which nothing has been shown. */
export function legsOf(entry: TrackedOrder): AttachedLegs {
  return { entry, legs: null, seenMs: -Infinity, endedMs: Infinity, askMs: -Infinity };
}

/**
 * The orders of a session by sequence and by the names under which the venue knows them. Those that have not ended are
 * kept apart: they are looked at several times a turn, and those that have ended are many.
 */
export class TrackedOrders {
  readonly #max: number;
  readonly #orders = new Map<number, TrackedOrder>();
  readonly #names = new Map<string, TrackedOrder>();
  readonly #open = new Map<number, TrackedOrder>();
  /** By symbol: what left with its newest entry, or may have before a restart, and stands for no exit yet. */
  readonly attached = new Map<number, AttachedLegs>();
  /** By symbol: sequences of the newest orders that have opened something, ascending. */
  readonly #opened = new Map<number, number[]>();
  /** Orders that were being asked for when our clock was put: when that began is not known any more. */
  readonly #outdated = new Set<number>();
  /** Null where it is to be made again. */
  #working: readonly TrackedOrder[] | null = null;

  constructor(max = ORDERS_MAX) {
    this.#max = max;
  }

  /** Orders that have not ended, oldest first. The list is not changed later. */
  get working(): readonly TrackedOrder[] {
    return (this.#working ??= [...this.#open.values()].sort((a, b) => a.sequence - b.sequence));
  }

  /** Our clock was put by `stepMs`: nothing is to wait longer for it, or is proven earlier. */
  clockStepped(stepMs: number): void {
    for (const tracked of this.working) tracked.clockStepped(stepMs);
    for (const attached of this.attached.values()) {
      attached.seenMs += stepMs;
      attached.endedMs += stepMs;
      attached.askMs += stepMs;
    }
    for (const { sequence, asking } of this.#orders.values()) if (asking) this.#outdated.add(sequence);
  }

  /** The answer to a question of before our clock was put proves nothing: it is asked again. */
  heard(told: LookedUp): LookedUp {
    return this.#outdated.delete(told.sequence) ? { ...told, answer: { found: 'unreadable' } } : told;
  }

  save() {
    return [...this.#orders.values()].map((tracked) => tracked.save());
  }

  /** Takes up what was saved of the same session: whether an order has arrived is to be asked for. */
  restore(saved: ReturnType<TrackedOrders['save']>, { approved, clientOrderId, nowMs }: RestoredBy): void {
    for (const one of saved) {
      const { sequence } = one.order;
      const tracked = new TrackedOrder(approved(one.order), clientOrderId(sequence), { nowMs, leaving: 'kept' });
      tracked.restore(one, approved);
      this.add(tracked);
      for (let change = 1; change <= tracked.amended; change++) this.nameChange(tracked, change);
    }
    for (const { order, hangsOn, legName } of saved) {
      const tracked = this.get(order.sequence)!;
      if (hangsOn !== null) this.get(hangsOn)?.pairWith(tracked);
      // A leg of a pair is without a name, unless the venue had named it as one of its entry.
      if (legName !== null) this.name(tracked, legName);
    }
  }

  get(sequence: number): TrackedOrder | undefined {
    return this.#orders.get(sequence);
  }

  /** It is to be cancelled. */
  want(sequence: number): void {
    const tracked = this.get(sequence);
    if (tracked !== undefined) tracked.cancelWanted = true;
  }

  /** The first of a group that is filled ends the others; those of a pair are the venue's to end. */
  endGroupOf({ order, symbol, pair }: TrackedOrder): void {
    const group = order.terms?.group ?? 0;
    if (group === 0) return;
    for (const other of this.working) {
      const isOther = other.order.terms?.group === group && other.symbol === symbol && other !== pair;
      if (isOther) other.cancelWanted = true;
    }
  }

  /** Legs of a symbol whose names are not known are asked for at once; whether there are any. */
  askNameless(symbol: number): boolean {
    const nameless = this.working.filter((one) => one.symbol === symbol && one.isNameless);
    for (const one of nameless) one.askMs = -Infinity;
    return nameless.length > 0;
  }

  /** The order that the venue knows by this name, whoever gave it. */
  named(name: string): TrackedOrder | undefined {
    return this.#names.get(name) ?? this.#names.get(firstName(name));
  }

  /** An exit was found as what left with its entry: it is known by that name from here on. */
  nameLeg(tracked: TrackedOrder, leg: VenueOrder, nowMs: number): void {
    const { clientOrderId } = leg;
    if (this.#names.has(clientOrderId)) return;
    const differs = tracked.amend === 'none' && !hasTermsOf(tracked.order, leg);
    const mayEnd = this.attached.get(tracked.symbol)?.entry.cancelWanted === true;
    tracked.takeLeg(clientOrderId, { nowMs, differs, mayEnd });
    this.name(tracked, clientOrderId);
    if (differs) this.nameChange(tracked);
  }

  /** Its leg has ended: what the venue says of that is said of no order any more. */
  leaveAnew(tracked: TrackedOrder): void {
    if (tracked.legName !== null) this.#names.delete(tracked.legName);
    tracked.leaveAnew();
  }

  add(tracked: TrackedOrder): void {
    this.#orders.set(tracked.sequence, tracked);
    this.#names.set(tracked.clientOrderId, tracked);
    if (!tracked.order.reduces) {
      this.#names.set(tracked.turnName, tracked);
      if (tracked.leaving === 'kept') this.attached.set(tracked.symbol, legsOf(tracked));
    }
    this.moved(tracked);
    this.#forget();
  }

  /** A change of it will have this name. */
  nameChange(tracked: TrackedOrder, change = tracked.amended): void {
    this.#names.set(tracked.nameOf(change), tracked);
  }

  /** The venue calls it so, too. */
  name(tracked: TrackedOrder, venueName: string): void {
    tracked.venueName = venueName;
    this.#names.set(venueName, tracked);
  }

  /** What left with `entry` does not stand for `exit`: another had opened something when that was decided. */
  isPast(entry: TrackedOrder, exit: TrackedOrder): boolean {
    const opened = this.#opened.get(entry.symbol) ?? [];
    return opened.some((sequence) => sequence > entry.sequence && sequence < exit.sequence);
  }

  #noteOpened({ order, executed, sequence, symbol }: TrackedOrder): void {
    if (order.reduces || executed === 0) return;
    const before = this.#opened.get(symbol) ?? [];
    if (before.includes(sequence)) return;
    const opened = [...before, sequence].sort((a, b) => a - b);
    this.#opened.set(symbol, opened.slice(-OPENED_MAX));
  }

  /** Its state is another: it may have ended, or work after all. */
  moved(tracked: TrackedOrder | undefined): void {
    if (tracked === undefined || !this.#orders.has(tracked.sequence)) return;
    this.#noteOpened(tracked);
    const isOpen = this.#open.has(tracked.sequence);
    if (isOpen !== tracked.ended) return;
    if (isOpen) this.#open.delete(tracked.sequence);
    else this.#open.set(tracked.sequence, tracked);
    this.#working = null;
  }

  /** Orders that ended long ago, with their names: a late word of one is one of an order that is not known. */
  #forget(): void {
    if (this.#orders.size <= this.#max) return;
    for (const [sequence, tracked] of this.#orders) {
      if (this.#orders.size <= this.#max / 2) return;
      if (!tracked.ended) continue;
      this.#orders.delete(sequence);
      for (const name of [tracked.venueName, tracked.turnName]) this.#names.delete(name);
      for (let change = 0; change <= tracked.amended; change++) this.#names.delete(tracked.nameOf(change));
    }
  }
}
