import { shapeOf } from '../../brokers/venue/capabilities.ts';
import type { VenueOrder } from '../../brokers/venue/request-verdict.ts';
import type { EntryExits } from '../../brokers/venue/venue-broker.ts';
import type { DeskOptions } from '../desk-options.ts';
import { hasTermsOf } from '../shown-terms.ts';
import { isLegOf, isOver } from '../find-order.ts';
import type { TrackedOrder } from '../tracked-order.ts';
import { legsOf, type AttachedLegs, type TrackedOrders } from '../tracked-orders.ts';

type Needed = Pick<DeskOptions, 'broker' | 'instruments' | 'patience' | 'positionOf' | 'exitsOf' | 'post' | 'note'>;
type KnownOrders = Pick<TrackedOrders, 'attached' | 'working' | 'named' | 'name' | 'nameChange' | 'isPast'>;

/**
 * Exits that leave with their entry. The venue places them under names of its own once all of the entry is filled,
 * whoever is there then; the exits that the engine decides at that fill take them over instead of leaving themselves.
 * What of them nobody takes over is cancelled: until that is proven, nothing else closes the position.
 */
export class AttachedExits {
  readonly #options: Needed;
  readonly #orders: KnownOrders;

  constructor(options: Needed, orders: KnownOrders) {
    this.#options = options;
    this.#orders = orders;
  }

  get #does(): boolean {
    return this.#options.broker.capabilities.attachesExits;
  }

  /** What leaves with an entry of so many units; undefined where nothing does. It counts as sent from here on. */
  leaveWith(entry: TrackedOrder, quantity: number): EntryExits | undefined {
    const { broker, instruments, positionOf, exitsOf } = this.#options;
    const { symbol, order, sequence } = entry;
    if (!this.#does || order.reduces || positionOf(symbol) !== 0) return undefined;
    if (this.#orders.working.some((one) => one !== entry && one.symbol === symbol)) return undefined;
    const attached = this.#orders.attached.get(symbol);
    if (attached !== undefined && attached.entry !== entry) return undefined;
    const terms = exitsOf(sequence);
    const shapes = terms.map((one) => shapeOf(instruments[symbol]!, quantity, one));
    const own = shapeOf(instruments[symbol]!, quantity, order.terms);
    if (terms.length === 0 || broker.capabilities.attach(own, shapes).how !== 'native') return undefined;
    this.#orders.attached.set(symbol, legsOf(entry));
    const target = terms.find(({ type }) => type === 'limit') ?? null;
    return { target, stop: terms.find((one) => one !== target) ?? null };
  }

  /** What the venue shows of an entry. `beganMs`: it was asked for then, and its legs with it. */
  shown(entry: TrackedOrder, { legs }: VenueOrder, beganMs: number | null): void {
    if (entry.order.reduces) return;
    const { symbol } = entry;
    let attached = this.#orders.attached.get(symbol);
    if (attached?.entry !== entry) {
      if (legs.length === 0 || entry.ended) return;
      // It left with them in a life before.
      attached = legsOf(entry);
      this.#orders.attached.set(symbol, attached);
    }
    if (legs.length > 0) attached.legs = legs;
    else if (beganMs !== null) this.#orders.attached.delete(symbol);
    if (beganMs !== null) attached.seenMs = beganMs;
  }

  /** An entry that has ended is found nowhere: where it never was, nothing hangs on it. */
  gone(entry: TrackedOrder): void {
    const isHere = this.#orders.attached.get(entry.symbol)?.entry === entry;
    if (isHere && entry.ended && !entry.shown && entry.executed === 0) this.#orders.attached.delete(entry.symbol);
  }

  /**
   * The exits of an entry that is filled take over what left with it. Nothing leaves for that: after a restart it is
   * done before the venue agrees with the books, which it may not while what these have executed belongs to nobody.
   */
  takeOver(nowMs: number): void {
    for (const attached of this.#orders.attached.values()) {
      const isDue = this.#does && attached.entry.state === 'FILLED' && this.#exits(attached.entry).length > 0;
      if (!isDue) continue;
      if (attached.legs === null) this.#ask(attached, nowMs);
      else this.#take(attached, nowMs);
    }
  }

  /** An exit is about to leave: true while it does not, because what left with its entry stands for it, or ends. */
  meet(exit: TrackedOrder, nowMs: number): boolean {
    const attached = this.#orders.attached.get(exit.symbol);
    if (attached === undefined || !this.#does || !exit.order.reduces || !attached.entry.ended) return false;
    if (attached.legs === null) {
      this.#ask(attached, nowMs);
      return true;
    }
    return this.#clear(attached, nowMs);
  }

  /** Exits of an entry that has ended, and that nobody has asked for. */
  tidy(nowMs: number): void {
    for (const attached of this.#orders.attached.values()) {
      if (!attached.entry.ended || !this.#does) continue;
      if (this.#exitsOf(attached.entry).length === 0) this.#clear(attached, nowMs);
    }
  }

  /** An execution of a name that is not known may be one of these: what it belongs to is about to be known. */
  mayExplain(symbol: number, name: string | null, nowMs: number): boolean {
    const attached = this.#orders.attached.get(symbol);
    if (attached === undefined || !this.#does) return false;
    const { legs, entry } = attached;
    if (legs === null) {
      this.#ask(attached, nowMs);
      return true;
    }
    if (!legs.some(({ clientOrderId }) => clientOrderId === name)) return false;
    const exits = this.#exitsOf(entry);
    return !entry.ended || exits.some((exit) => exit.legName === null && !exit.shown);
  }

  /** Exits for which what left with an entry may stand. */
  #exitsOf(entry: TrackedOrder): readonly TrackedOrder[] {
    const { symbol } = entry;
    const ownerOf = ({ order }: TrackedOrder): number => order.terms?.owner?.number ?? 0;
    return this.#orders.working.filter(
      (one) =>
        one.symbol === symbol &&
        one.order.reduces &&
        ownerOf(one) === ownerOf(entry) &&
        !this.#orders.isPast(entry, one),
    );
  }

  /** Those of them that have not left. */
  #exits(entry: TrackedOrder): readonly TrackedOrder[] {
    return this.#exitsOf(entry).filter(({ leaving, cancelWanted }) => leaving === 'held' && !cancelWanted);
  }

  /** The exits that were decided are those that left: each takes the name of its own. */
  #take({ entry, legs }: AttachedLegs, nowMs: number): boolean {
    const exits = this.#exits(entry);
    const taken = exits.map((exit) => legs!.find((leg) => this.#fits(exit, leg)));
    const isWhole = exits.length === legs!.length && taken.every((leg) => leg !== undefined);
    if (!isWhole || legs!.every(isOver)) return false;
    const differ = exits.map((exit, place) => !hasTermsOf(exit.order, taken[place]!));
    // One that hangs on its entry alone is not changed there.
    if (exits.length === 1 && differ[0] === true) return false;
    exits.forEach((exit, place) => {
      const { clientOrderId } = taken[place]!;
      exit.takeLeg(clientOrderId, { nowMs, differs: differ[place]!, mayEnd: entry.cancelWanted });
      this.#orders.name(exit, clientOrderId);
      if (differ[place]!) this.#orders.nameChange(exit);
    });
    this.#orders.attached.delete(entry.symbol);
    return true;
  }

  /** Of a pair the one is smaller where the other has been filled in part. */
  #fits(exit: TrackedOrder, leg: VenueOrder): boolean {
    const isFree = this.#orders.named(leg.clientOrderId) === undefined;
    return isFree && isLegOf(exit, leg) && (leg.quantity ?? 0) <= Math.abs(exit.order.quantity);
  }

  /** True until each of them is proven to have ended, or stands for an order of ours. */
  #clear(attached: AttachedLegs, nowMs: number): boolean {
    const { entry, legs, seenMs } = attached;
    attached.endedMs = Math.min(attached.endedMs, nowMs);
    const free = legs?.filter(({ clientOrderId }) => this.#orders.named(clientOrderId) === undefined) ?? null;
    // What was seen while the entry worked says nothing of now.
    if (free === null || (seenMs < attached.endedMs && free.length > 0)) this.#ask(attached, nowMs);
    else if (free.every(({ status }) => status !== 'working' && status !== 'pending-cancel')) {
      this.#orders.attached.delete(entry.symbol);
      return false;
    } else if (this.#ask(attached, nowMs)) this.#cancel(free);
    return true;
  }

  #cancel(legs: readonly VenueOrder[]): void {
    const { broker, note } = this.#options;
    for (const { status, clientOrderId, symbol } of legs) {
      if (status !== 'working') continue;
      note(`${symbol}: an exit that left with its entry is not wanted as it is: it is cancelled`);
      // What came of it is seen by asking.
      void broker.cancel(clientOrderId);
    }
  }

  /** Asks for the entry with its legs, now and then; whether it did. */
  #ask(attached: AttachedLegs, nowMs: number): boolean {
    const { broker, post, patience } = this.#options;
    const { entry } = attached;
    if (entry.asking || nowMs - attached.askMs < patience.againMs) return false;
    entry.asking = true;
    attached.askMs = nowMs;
    const { sequence, venueName } = entry;
    void broker.find(venueName).then((answer) => post({ kind: 'looked-up', sequence, beganMs: nowMs, answer }));
    return true;
  }
}
