import type { VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { OrderUpdate } from '../effect.ts';
import type { Grid } from '../grid.ts';
import type { ApprovedBefore, ApprovedOrder } from '../orders/approved-order.ts';
import {
  FINAL_STATES,
  ORDER_STATES,
  orderStateCode,
  stateAfterFill,
  statesTo,
  type OrderState,
} from '../orders/order-state.ts';
import { dayOf } from './daily/day-names.ts';
import { isTakenBack, newEmulation, splitEmulation, type Emulation } from './emulated/emulation.ts';

/** Share of an order's size by which a sum of its parts may miss it. */
const ROUNDING = 1e-9;

const WAITS = ['tryMs', 'askMs', 'cancelMs', 'amendMs'] as const;
const MOMENTS = ['sinceMs', 'heardMs', 'absentSinceMs', 'partMs', ...WAITS] as const;

/**
 * Where an order is on its way. `held`: it has not left, or is proven not to have been processed. `sent`: it may be at
 * the venue. `kept`: it was recorded before a restart, and nobody knows.
 */
type Leaving = 'held' | 'sending' | 'sent' | 'kept';

/** What the edge of a session knows of one order: how the engine has it, and what is under way. */
export class TrackedOrder {
  order: ApprovedOrder;
  /** The name under which we sent it, or would. */
  readonly clientOrderId: string;
  /** The name under which the venue knows it: its own for a leg; empty while that is not known. */
  venueName: string;
  /** The other exit of its position, of which the venue ends one when the other is filled; null where it has none. */
  pair: TrackedOrder | null = null;
  /** It leaves as a leg of `pair`. */
  isLeg = false;
  /** The venue's name of the leg of its entry that it took over; null where it left by itself. */
  legName: string | null = null;
  /** That leg is to end, and it leaves by itself then: the venue does not change it. */
  anew = false;
  /** The entry of that leg was filled while its cancel was under way: the venue may end the leg, which is wanted. */
  mayEnd = false;
  /** Sequence of the order that it was decided to leave with, as its leg. */
  hangsOn: number | null = null;
  sinceMs: number;
  state: OrderState = 'SUBMITTED';
  /** Units executed and booked, without a sign. */
  executed = 0;
  leaving: Leaving;
  /** Units that were sent, without a sign: an exit is cut to what is held. */
  sent: number;
  /** Somebody wants it cancelled: the engine, or we because its time is over or it is in the way. */
  cancelWanted = false;
  cancelling = false;
  asking = false;
  /** The venue has shown it. */
  shown = false;
  /** When it last did. */
  heardMs = -Infinity;
  /** The venue has shown that its cancel is under way, so often in a row: it is not asked for again meanwhile. */
  pendingCancels = 0;
  /** When it is tried, asked for, or asked to be cancelled again. */
  tryMs = -Infinity;
  askMs = -Infinity;
  cancelMs = -Infinity;
  tries = 0;
  absences = 0;
  absentSinceMs = Infinity;
  /** It has ended there, and not all that was executed of it is booked. */
  ending: VenueOrder | null = null;
  /** Changes so far; each is another order of the venue, by `nameOf`. */
  amended = 0;
  /** The last change that is in force, and the one that was asked for and not answered; 0 for none. */
  confirmed = 0;
  asked = 0;
  /** `due`: to be asked for; `denied`: the venue said no, and which order works there is to be seen. */
  amend: 'none' | 'due' | 'sending' | 'asked' | 'denied' = 'none';
  amendMs = -Infinity;
  /** Units executed under the names that it had before. */
  earlier = 0;
  /** Where it goes on as another each day: the change that its name is of, and units executed under those before. */
  since = { change: 0, earlier: 0 };
  /** The name that it had before the change with which it is about to leave. */
  cameFrom: string | null = null;
  /** Its second part, which opens the other side of a position, is under way. */
  turned = false;
  #before: ApprovedOrder | null = null;
  emulation: Emulation;
  /** Since when a part of it is executed and its exits wait for the rest. */
  partMs = Infinity;
  /** People know of it: an exit waits for another order, it waits for the open, the venue has it in other hours. */
  waitIsTold = false;
  shutIsTold = false;
  hoursAreTold = false;
  /** A split has restated it; whether the venue did so is to be seen. `asked`: it is asked to; `failed`: in vain. */
  restating: 'none' | 'look' | 'asked' | 'failed' = 'none';
  /** New units for an old one of all splits since it left. */
  #ratio = 1;
  /** It is not where open orders are listed: to be asked for by its name. */
  missing = false;

  constructor(order: ApprovedOrder, clientOrderId: string, at: { readonly nowMs: number; readonly leaving: Leaving }) {
    this.order = order;
    this.clientOrderId = clientOrderId;
    this.venueName = clientOrderId;
    this.sinceMs = at.nowMs;
    this.leaving = at.leaving;
    this.emulation = newEmulation(at.leaving === 'kept');
    this.sent = Math.abs(order.quantity);
  }

  get sequence(): number {
    return this.order.sequence;
  }

  get symbol(): number {
    return this.order.symbol;
  }

  get side(): 1 | -1 {
    return this.order.quantity < 0 ? -1 : 1;
  }

  get ended(): boolean {
    return FINAL_STATES.includes(this.state);
  }

  /** Its name at the venue has to be asked for: executions of a name that is not known may be its. */
  get isNameless(): boolean {
    return this.venueName === '' && !this.ended && this.leaving !== 'held';
  }

  /** The venue ended it because the other of its pair was wanted no more, while it is. */
  get outlivesPair(): boolean {
    const { pair } = this;
    return this.isLeg && !this.cancelWanted && pair!.cancelWanted && pair!.executed === 0 && this.executed === 0;
  }

  /** Two exits of one position become one request: a limit, and a stop that rests beside it as its leg. */
  pairWith(stop: TrackedOrder): void {
    this.pair = stop;
    stop.pair = this;
    stop.isLeg = true;
    stop.hangsOn = this.sequence;
    stop.venueName = '';
  }

  /** What left with its entry stands for it: how that is, is to be seen. `differs`: it is to be changed. */
  takeLeg(name: string, { nowMs, differs, mayEnd }: { nowMs: number; differs: boolean; mayEnd: boolean }): void {
    this.legName = name;
    this.mayEnd = mayEnd;
    if (differs) {
      this.amended += 1;
      this.restating = 'look';
    }
    this.leaving = 'sent';
    this.sent = Math.abs(this.order.quantity);
    this.tryMs = nowMs;
    this.missing = true;
    this.askMs = -Infinity;
  }

  /** The leg ends or may have ended, and it is wanted all the same. */
  get leavesAnew(): boolean {
    return (this.anew || this.mayEnd) && this.executed === 0 && !this.cancelWanted;
  }

  /** The leg has ended: it goes as it is by now, with the other of its pair. */
  leaveAnew(): void {
    this.anew = false;
    this.mayEnd = false;
    this.ending = null;
    this.legName = null;
    this.venueName = this.isLeg ? '' : this.clientOrderId;
    this.leaving = 'held';
    this.sent = Math.abs(this.order.quantity);
    this.shown = false;
    this.missing = false;
    // Changes were of the leg.
    this.amended = this.asked = 0;
    this.amend = 'none';
  }

  /** What the venue shows, asked for at `beganMs` if at all, is an order by itself and no half of a pair. */
  wentAlone({ clientOrderId, legs }: VenueOrder, beganMs: number | null): boolean {
    if (this.legName !== null) return false;
    return this.isLeg ? clientOrderId === this.clientOrderId : beganMs !== null && legs.length === 0;
  }

  /** From here on each goes by itself, under its own name. */
  unpair(): void {
    for (const one of [this, this.pair]) {
      if (one === null || !one.isLeg) continue;
      one.isLeg = false;
      one.legName = null;
      one.venueName = one.clientOrderId;
    }
    if (this.pair !== null) this.pair.pair = null;
    this.pair = null;
  }

  /** It is to be another order: its terms and size are these from now on, once the venue takes the change. */
  amendTo(order: ApprovedOrder): void {
    this.#before ??= this.order;
    this.order = order;
    this.state = 'PENDING_UPDATE';
    if (this.leaving === 'held') {
      this.sent = Math.abs(order.quantity);
      return;
    }
    this.amended += 1;
    if (this.asked === 0) this.amend = 'due';
  }

  /** What became of its changes is on record. */
  onAmended(refused: boolean): void {
    if (refused && this.#before !== null) this.order = this.#before;
    this.#before = null;
    this.cameFrom = null;
    this.confirmed = refused ? this.confirmed : this.amended;
    this.amend = 'none';
    this.asked = 0;
  }

  /** It was at the venue before, as an order of another day or of other terms. */
  get isAnother(): boolean {
    return this.since.change > 0 || dayOf(this.venueName) > 0;
  }

  /**
   * The name under which its change of that number is known: 0 is the order as it was placed. The first change of what
   * left with its entry has the name that it would have had by itself.
   */
  nameOf(change: number): string {
    if (this.legName !== null && change === 0) return this.legName;
    const own = this.legName === null ? change : change - 1;
    return own === 0 ? this.clientOrderId : `${this.clientOrderId}-a${own}`;
  }

  /** The name of its second part, where it turns a position at a venue that does not do so in one order. */
  get turnName(): string {
    return `${this.clientOrderId}-2`;
  }

  /** With `order`, which is filled, it has closed the old side of the position and is to open the other. */
  hasTurnedBy({ status, quantity }: VenueOrder): boolean {
    if (status !== 'filled' || quantity === null || this.turned || this.cancelWanted || this.isAnother) return false;
    return !this.order.reduces && this.amended === 0 && quantity < Math.abs(this.order.quantity) * (1 - ROUNDING);
  }

  /** What is left of it is another order of the venue. `earlier`: units executed of the first. */
  turn(earlier: number, leaving: Leaving): void {
    this.turned = true;
    this.earlier = earlier;
    this.leaving = leaving;
    this.shown = false;
  }

  /** Another has taken its place, or may have: where a venue changes an order by a cancel, its end is none. */
  gaveWay({ status }: Pick<VenueOrder, 'status'>): boolean {
    const isAsked = this.amend === 'sending' || this.amend === 'asked';
    return (this.amended > 0 && status === 'replaced') || (isAsked && status === 'canceled');
  }

  /** It was changed before it left, and is there as it was changed. */
  get leftChanged(): boolean {
    return this.state === 'PENDING_UPDATE' && this.amend === 'none' && this.amended === this.since.change;
  }

  /** It is counted in new units from here on, and may have to be changed at the venue, under another name. */
  split(order: ApprovedOrder, ratio: number, lots: Grid): void {
    this.order = order;
    this.executed *= ratio;
    this.earlier *= ratio;
    this.since.earlier *= ratio;
    splitEmulation(this.emulation, ratio);
    this.sent = lots.floor(this.sent * ratio * (1 + ROUNDING));
    if (this.leaving === 'held') return;
    this.#ratio *= ratio;
    this.amended += 1;
    this.restating = 'look';
    this.missing = true;
    this.askMs = -Infinity;
  }

  /** Its size is what it was. */
  get keepsSize(): boolean {
    if (this.#before === null) return this.legName !== null && this.#ratio === 1;
    return this.#before.quantity === this.order.quantity;
  }

  /** Our clock was put by `stepMs`: it waits as long as it would have. */
  clockStepped(stepMs: number): void {
    for (const moment of MOMENTS) this[moment] += stepMs;
  }

  /** What a restart has to know of it. What is under way is found by asking. */
  save() {
    const { order, state, executed, cancelWanted, amended, confirmed, sent, hangsOn, restating, legName, mayEnd } =
      this;
    const changes = { amended, confirmed, restating, legName, mayEnd };
    const days = this.isAnother ? { since: this.since, venueName: this.venueName } : {};
    const more = { ...days, ...(isTakenBack(this) ? { emulation: this.emulation } : {}) };
    return { order, before: this.#before, state, executed, cancelWanted, ...changes, sent, hangsOn, ...more };
  }

  /** Takes up what was saved of the same order. */
  restore(saved: ReturnType<TrackedOrder['save']>, approved: ApprovedBefore): void {
    const { order: _, before, emulation, ...known } = saved;
    Object.assign(this, known);
    this.emulation = { ...newEmulation(true), ...emulation, parking: 'maybe' };
    if (this.restating !== 'none') this.restating = 'look';
    this.#before = before === null ? null : approved(before);
    if (this.#before !== null && this.amended > this.confirmed) this.amend = 'due';
  }

  /** It protects a position, and nobody has asked for its end. */
  get losesProtection(): boolean {
    const role = this.order.terms?.role ?? 'order';
    return role !== 'order' && (!this.cancelWanted || this.restating === 'failed');
  }

  /** It may be working at the venue. */
  get mayWork(): boolean {
    return !this.ended && this.leaving !== 'held';
  }

  /** Executions were booked up to what the venue says. */
  hasAllOf({ filled }: VenueOrder): boolean {
    // What was executed before a split may be counted in old units there.
    const most = this.executed * Math.max(1, 1 / this.#ratio);
    return filled + this.earlier <= most * (1 + ROUNDING) + filled * ROUNDING;
  }

  noteFill(units: number, final: boolean): void {
    this.executed += units;
    if (units > 0) this.state = ORDER_STATES[stateAfterFill(orderStateCode(this.state), final)]!;
  }

  /** What tells the engine that it is in `target`, with the states between. */
  *moves(target: OrderState, timeMs: number): Generator<OrderUpdate> {
    const { sequence } = this;
    for (const state of statesTo(this.state, target)) {
      const code = this.losesProtection && FINAL_STATES.includes(state) ? 'protection-ended' : null;
      yield { kind: 'order-update', sequence, timeMs, state, code, value: code === null ? 0 : sequence, limit: 0 };
    }
  }
}
