import { shapeOf, type OrderShape } from '../../brokers/venue/capabilities.ts';
import type { DeskOptions } from '../desk-options.ts';
import type { TrackedOrder } from '../tracked-order.ts';
import type { TrackedOrders } from '../tracked-orders.ts';
import type { SeenPrices } from './seen-prices.ts';

type Needed = Pick<DeskOptions, 'broker' | 'instruments' | 'hours' | 'patience' | 'post' | 'note'>;
type Known = Pick<TrackedOrders, 'working' | 'get'>;

/** Share of a price by which the quotient of two amounts may miss it. */
const ROUNDING = 1e-9;
/** A target whose price is still there may rest this many times as long as one that the price has left. */
const PATIENT_TIMES = 6;
/** Waits between two turns of a target double up to so many times the first. */
const DOUBLINGS_MAX = 6;

interface Turn {
  /** Which of the two is to rest. */
  of: 'stop' | 'target';
  sinceMs: number;
  /** So often the target was in vain. */
  vain: number;
}

interface Two {
  readonly target: TrackedOrder;
  readonly stop: TrackedOrder;
}

const isTarget = ({ order }: TrackedOrder): boolean => order.terms?.type === 'limit';

/** It rests there as it is meant to, or has not left: it may make way. */
const mayMove = ({ leaving, amend, state, ending, emulation }: TrackedOrder): boolean =>
  leaving === 'held' ||
  (leaving === 'sent' &&
    amend === 'none' &&
    ending === null &&
    emulation.parking !== 'asked' &&
    (state === 'ACCEPTED' || state === 'PARTIALLY_FILLED'));

/**
 * A target and a stop of one position where the venue lets only one of them rest, as Alpaca does for parts of shares:
 * the stop does. Once the price of the target is seen the stop is cancelled, and the target leaves when that is proven;
 * where it is not filled soon, the stop takes its place in the same way. Each leaves only while the other is proven not
 * to work, so that there are never two; whichever has its turn leaves, so that it is never none for long.
 */
export class SwappedExits {
  readonly #options: Needed;
  readonly #orders: Known;
  readonly #prices: Pick<SeenPrices, 'for'>;
  /** By the number of the target. A restart finds whose turn it is by what rests. */
  readonly #turns = new Map<number, Turn>();

  constructor(options: Needed, orders: Known, prices: Pick<SeenPrices, 'for'>) {
    this.#options = options;
    this.#orders = orders;
    this.#prices = prices;
  }

  /** An order is on record: it may be the second of two of which one rests at a time. Returns the first then. */
  pair(tracked: TrackedOrder): TrackedOrder | null {
    const { broker, instruments } = this.#options;
    const { order, symbol } = tracked;
    const group = order.terms?.group ?? 0;
    if (group === 0 || !order.reduces || tracked.pair !== null) return null;
    const isOther = (one: TrackedOrder): boolean =>
      one !== tracked && one.symbol === symbol && one.order.terms?.group === group && one.order.reduces;
    const other = this.#orders.working.find((one) => isOther(one) && one.pair === null && one.emulation.beside === 0);
    if (other === undefined) return null;
    const [target, stop] = isTarget(tracked) ? [tracked, other] : [other, tracked];
    const shape = (one: TrackedOrder): OrderShape =>
      shapeOf(instruments[symbol]!, Math.abs(one.order.quantity), one.order.terms);
    if (broker.capabilities.pair(shape(target), shape(stop)).how !== 'emulated') return null;
    // The venue follows the price for one that has left: how far is not known here.
    const isTheirs = stop.order.terms?.type === 'trailing' && stop.emulation.trail === null;
    if (isTheirs && stop.leaving !== 'held' && stop.leaving !== 'kept') return null;
    target.emulation.beside = stop.sequence;
    stop.emulation.beside = target.sequence;
    return other;
  }

  /** It stays here: the other one may work at the venue, or it is that one's turn. */
  waits(tracked: TrackedOrder): boolean {
    const other = this.#other(tracked);
    if (other === null) return false;
    if (other.mayWork) return true;
    if (other.cancelWanted) return false;
    return this.#turnOf(isTarget(tracked) ? tracked : other).of === 'target' ? !isTarget(tracked) : isTarget(tracked);
  }

  /** Decides whose turn it is, by the prices that were seen and by how long a target has been in vain. */
  look(nowMs: number): void {
    for (const target of this.#orders.working) {
      if (target.emulation.beside === 0 || !isTarget(target)) continue;
      const stop = this.#other(target);
      if (stop === null || target.leaving === 'kept' || stop.leaving === 'kept') continue;
      if (target.leaving === 'held' && target.state !== 'ACCEPTED' && target.state !== 'PARTIALLY_FILLED')
        this.#options.post({ kind: 'watched', sequence: target.sequence });
      if (target.cancelWanted || stop.cancelWanted) continue;
      if (this.#turnOf(target, nowMs).of === 'stop') this.#lookForTarget({ target, stop }, nowMs);
      else this.#lookForStop({ target, stop }, nowMs);
    }
  }

  #lookForTarget({ target, stop }: Two, nowMs: number): void {
    const turn = this.#turnOf(target);
    const { patience, note } = this.#options;
    const waitMs = turn.vain === 0 ? 0 : patience.armWithinMs * 2 ** Math.min(turn.vain, DOUBLINGS_MAX);
    if (this.#isReached(target, nowMs) !== true || nowMs - turn.sinceMs < waitMs || !mayMove(stop)) return;
    turn.of = 'target';
    turn.sinceMs = nowMs;
    if (stop.mayWork) stop.emulation.parking = 'asked';
    note(`order ${target.sequence}, a target: its price is reached, and order ${stop.sequence}, the stop, makes way`);
  }

  #lookForStop({ target, stop }: Two, nowMs: number): void {
    const turn = this.#turnOf(target);
    const reached = this.#isReached(target, nowMs);
    const restsMs = nowMs - Math.max(turn.sinceMs, target.tryMs);
    const { armWithinMs } = this.#options.patience;
    if (target.leaving === 'held') {
      // The price went back while the stop made way, or the day has ended the target.
      if (reached !== true) this.#giveUp({ target, stop }, nowMs);
      else if (stop.mayWork && mayMove(stop)) stop.emulation.parking = 'asked';
    } else if (restsMs >= armWithinMs * (reached === false ? 1 : PATIENT_TIMES) && mayMove(target)) {
      target.emulation.parking = 'asked';
      this.#giveUp({ target, stop }, nowMs);
    }
  }

  #giveUp({ target, stop }: Two, nowMs: number): void {
    const turn = this.#turnOf(target);
    turn.of = 'stop';
    turn.sinceMs = nowMs;
    turn.vain += 1;
    const { note } = this.#options;
    note(`order ${target.sequence}, a target, was not filled: order ${stop.sequence}, the stop, rests again`);
  }

  /** The market offers the target's price; null where nothing was seen or is traded. */
  #isReached({ symbol, side, order }: TrackedOrder, nowMs: number): boolean | null {
    const { hours, instruments } = this.#options;
    const price = this.#prices.for(symbol, side);
    if (price === null || hours.isShut(instruments[symbol]!, nowMs)) return null;
    const limit = order.terms!.price;
    return side * (limit - price) >= -limit * ROUNDING;
  }

  #turnOf(target: TrackedOrder, nowMs = -Infinity): Turn {
    let turn = this.#turns.get(target.sequence);
    if (turn === undefined) {
      turn = { of: target.mayWork ? 'target' : 'stop', sinceMs: nowMs, vain: 0 };
      // Of one that may have left before a restart that is not known yet.
      if (!target.mayWork || target.shown) this.#turns.set(target.sequence, turn);
    }
    return turn;
  }

  #other({ emulation }: TrackedOrder): TrackedOrder | null {
    const other = emulation.beside === 0 ? undefined : this.#orders.get(emulation.beside);
    return other === undefined || other.ended ? null : other;
  }
}
