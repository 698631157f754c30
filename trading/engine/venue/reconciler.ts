import type { OrderUpdate } from '../../effect.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import { nextOrderStateCode, orderStateCode, ORDER_STATES, type OrderState } from '../../orders/order-state.ts';
import type { Execution, Snapshot, VenueEvent } from '../../venue-event.ts';
import type { EngineParts } from '../engine-parts.ts';
import { DEFAULT_RECONCILIATION, SMALL_TIMES, type ReconciliationRule } from './reconciliation-rule.ts';

interface At {
  readonly timeMs: number;
  readonly symbol: number;
}

type Reconciled = Extract<
  VenueEvent,
  { kind: 'snapshot' | 'timer' | 'clock-step' | 'connectivity' | 'look-up' | 'recording' }
>;

interface ReconcilerHandlers {
  readonly execution: (execution: Execution) => void;
  readonly update: (update: OrderUpdate) => void;
  readonly adopt: (execution: Execution, why: RefusedOrder) => void;
  readonly stop: (at: At, why: RefusedOrder) => void;
}

/** An order of which it is not known what became, and how often it was looked for in vain. */
export interface Unknown {
  readonly symbol: number;
  absences: number;
  sinceMs: number;
}

/** States in which an order is expected among those that have not ended at the venue. */
const LISTED: readonly OrderState[] = ['ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED'];
/** States of an order of which nothing is known. */
const DOUBTED: readonly OrderState[] = ['UNKNOWN', 'LOST'];
/** States in which a request is on its way: that the order still works says nothing of what becomes of that. */
const REQUESTED: readonly OrderState[] = ['PENDING_CANCEL', 'PENDING_UPDATE'];

/** Share of a position by which two sums of its parts may differ. */
const ROUNDING = 1e-9;

/**
 * Keeps the books in line with what asking the venue finds: a snapshot that is incomplete tells of what is there and
 * never of what is not; one that began before the session learnt of something does not overrule that.
 */
export class Reconciler {
  readonly #parts: EngineParts;
  readonly #rule: ReconciliationRule;
  readonly #handlers: ReconcilerHandlers;
  readonly #unknown = new Map<number, Unknown>();
  /** When the venue last told of each order that has not ended, and of any that had. */
  readonly #heard = new Map<number, number>();
  #endedMs = -Infinity;
  /** When the position of each symbol last changed. */
  readonly #booked: Float64Array;
  /** Differences that are on record already, by symbol. */
  readonly #told = new Map<number, string>();
  /** Small differences that were adjusted, by symbol. */
  readonly #small = new Map<number, number>();
  #away = false;
  /** What happens is on record on this machine alone. */
  #unrecorded = false;

  constructor(parts: EngineParts, rule: Partial<ReconciliationRule> = {}, handlers: ReconcilerHandlers) {
    this.#parts = parts;
    this.#rule = { ...DEFAULT_RECONCILIATION, ...rule };
    this.#handlers = handlers;
    this.#booked = new Float64Array(parts.lanes.length).fill(-Infinity);
  }

  /** Why nothing may open in `symbol`, or null. */
  openingBlock(symbol: number): RefusedOrder | null {
    if (this.#away) return refused('away');
    if (this.#unrecorded) return refused('unrecorded');
    if (this.#unknown.size === 0) return null;
    for (const [sequence, unknown] of this.#unknown) {
      // What was executed of it told what became of it, and no update did.
      if (!DOUBTED.includes(this.#stateOf(sequence))) this.#unknown.delete(sequence);
      else if (unknown.symbol === symbol) return refused('order-unknown', sequence);
    }
    return null;
  }

  /** An order has moved. */
  note({ sequence, state, timeMs }: OrderUpdate): void {
    const { orders } = this.#parts;
    if (state === 'UNKNOWN') {
      this.#unknown.set(sequence, { symbol: orders.symbolOf(sequence), absences: 0, sinceMs: timeMs });
    } else if (state !== 'LOST') this.#unknown.delete(sequence);
    if (orders.isFinal(sequence)) {
      this.#heard.delete(sequence);
      this.#endedMs = Math.max(this.#endedMs, timeMs);
    } else this.#heard.set(sequence, timeMs);
  }

  /** An execution has been told of or taken back, whatever was booked of it. */
  noteExecution({ sequence, symbol, timeMs }: Pick<Execution, 'sequence' | 'symbol' | 'timeMs'>): void {
    this.#booked[symbol] = Math.max(this.#booked[symbol]!, timeMs);
    if (this.#heard.has(sequence)) this.#heard.set(sequence, timeMs);
  }

  /** A split has restated the position of `symbol`. */
  noteSplit({ symbol, timeMs }: At): void {
    this.#booked[symbol] = Math.max(this.#booked[symbol]!, timeMs);
  }

  take(event: Reconciled): void {
    if (event.kind === 'snapshot') this.#onSnapshot(event);
    else if (event.kind === 'timer') this.#giveUp(event.timeMs);
    else if (event.kind === 'clock-step') this.#onClockStep(event.timeMs, event.stepMs);
    else if (event.kind === 'connectivity') this.#onConnection(event.timeMs, event.connected);
    else if (event.kind === 'recording') this.#onRecording(event.timeMs, event.place === 'local-log');
    else {
      const unknown = this.#unknown.get(event.sequence);
      // What was asked while the connection was lost proves nothing.
      if (unknown === undefined || event.found !== 'absent' || this.#away) return;
      if (unknown.absences === 0) unknown.sinceMs = event.timeMs;
      unknown.absences += 1;
      this.#giveUp(event.timeMs);
    }
  }

  /** What is compared with times to come is brought to the clock as it is now: nothing is younger than that. */
  #onClockStep(timeMs: number, stepMs: number): void {
    const now = (beforeMs: number): number => Math.min(beforeMs + stepMs, timeMs);
    for (const unknown of this.#unknown.values()) unknown.sinceMs = now(unknown.sinceMs);
    for (const [sequence, heardMs] of this.#heard) this.#heard.set(sequence, now(heardMs));
    this.#endedMs = now(this.#endedMs);
    for (const [symbol, bookedMs] of this.#booked.entries()) this.#booked[symbol] = now(bookedMs);
  }

  #onConnection(timeMs: number, connected: boolean): void {
    if (connected !== this.#away) return;
    this.#away = !connected;
    for (const unknown of this.#unknown.values()) unknown.absences = 0;
    this.#tell(timeMs, connected ? 'back' : 'away');
  }

  #onRecording(timeMs: number, unrecorded: boolean): void {
    if (unrecorded === this.#unrecorded) return;
    this.#unrecorded = unrecorded;
    this.#tell(timeMs, unrecorded ? 'unrecorded' : 'recorded');
  }

  #tell(timeMs: number, cause: 'away' | 'back' | 'unrecorded' | 'recorded'): void {
    const state = this.#parts.risk.state.killState;
    this.#parts.emit({ kind: 'state', timeMs, state, cause, value: 0, limit: 0 });
  }

  /** Orders that were looked for often and long enough are lost. */
  #giveUp(timeMs: number): void {
    const { absences, absentMs } = this.#rule;
    for (const [sequence, unknown] of this.#unknown) {
      if (unknown.absences < absences || timeMs - unknown.sinceMs < absentMs) continue;
      if (this.#stateOf(sequence) !== 'UNKNOWN') continue;
      const { symbol } = unknown;
      this.#update(sequence, 'LOST', timeMs);
      this.#parts.refuse('broker', { timeMs, symbol }, refused('order-lost', sequence, unknown.absences));
    }
  }

  #onSnapshot(snapshot: Snapshot): void {
    for (const execution of snapshot.executions) this.#handlers.execution({ ...execution, origin: 'query' });
    for (const { sequence, state } of snapshot.orders) this.#onListed(snapshot, sequence, state);
    if (!snapshot.complete) return;
    this.#onMissing(snapshot);
    for (let symbol = 0; symbol < this.#parts.lanes.length; symbol++) this.#comparePosition(snapshot, symbol);
  }

  #onListed({ beganMs, timeMs }: Snapshot, sequence: number, state: OrderState): void {
    const { orders } = this.#parts;
    if (!orders.knows(sequence)) return;
    const before = this.#stateOf(sequence);
    const ended = orders.isFinal(sequence);
    const heardMs = ended ? this.#endedMs : (this.#heard.get(sequence) ?? -Infinity);
    if (beganMs <= heardMs || before === state) return;
    if (REQUESTED.includes(before) && LISTED.includes(state)) return;
    // Parts of an execution come as executions.
    if (nextOrderStateCode(orders.stateOf(sequence), orderStateCode(state)) < 0) return;
    this.#update(sequence, state, timeMs);
    if (!ended && before !== 'LOST') return;
    this.#handlers.stop({ timeMs, symbol: orders.symbolOf(sequence) }, refused('seen-working', sequence));
  }

  /** What should be among the orders that have not ended there and is not: it is to be asked for by its name. */
  #onMissing({ beganMs, timeMs, orders: listed }: Snapshot): void {
    const there = new Set(listed.map(({ sequence }) => sequence));
    for (const [sequence, heardMs] of [...this.#heard]) {
      if (there.has(sequence) || beganMs <= heardMs || !LISTED.includes(this.#stateOf(sequence))) continue;
      this.#update(sequence, 'UNKNOWN', timeMs);
    }
  }

  #comparePosition({ beganMs, timeMs, positions }: Snapshot, symbol: number): void {
    if (beganMs <= this.#booked[symbol]!) return;
    const { portfolio, lanes } = this.#parts;
    const ours = portfolio.quantity[symbol]!;
    const held = positions.find((position) => position.symbol === symbol);
    const theirs = held?.quantity ?? 0;
    const quantity = theirs - ours;
    if (!Number.isFinite(theirs)) return;
    if (Math.abs(quantity) <= Math.max(Math.abs(theirs), Math.abs(ours)) * ROUNDING) {
      this.#told.delete(symbol);
      return;
    }
    const price = held !== undefined && held.price > 0 ? held.price : portfolio.price[symbol]!;
    const isPrice = price > 0 && price < Infinity;
    const isSmall = isPrice && this.#isSmall(symbol, Math.abs(quantity) * price);
    if (isSmall || (isPrice && this.#rule.differences === 'adopt')) {
      const executionId = ['inferred', lanes[symbol]!.view.symbol, ours, theirs, timeMs].join('/');
      const base = { kind: 'execution', sequence: 0, timeMs, symbol, quantity, price, fee: 0 } as const;
      this.#booked[symbol] = timeMs;
      const adopted: Execution = { ...base, executionId, origin: 'inferred' };
      return this.#handlers.adopt(adopted, refused(isSmall ? 'small-difference' : 'position-adopted', theirs, ours));
    }
    const difference = `${ours}/${theirs}`;
    if (this.#told.get(symbol) === difference) return;
    this.#told.set(symbol, difference);
    this.#handlers.stop({ timeMs, symbol }, refused('position-difference', theirs, ours));
  }

  /** Worth so little that it is adjusted, and not for the umpteenth time. */
  #isSmall(symbol: number, amount: number): boolean {
    const times = this.#small.get(symbol) ?? 0;
    if (amount > this.#rule.smallAmount || times >= SMALL_TIMES) return false;
    this.#small.set(symbol, times + 1);
    return true;
  }

  #stateOf(sequence: number): OrderState {
    return ORDER_STATES[this.#parts.orders.stateOf(sequence)]!;
  }

  #update(sequence: number, state: OrderState, timeMs: number): void {
    this.#handlers.update({ kind: 'order-update', sequence, timeMs, state, code: null, value: 0, limit: 0 });
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return {
      unknown: [...this.#unknown],
      heard: [...this.#heard],
      endedMs: this.#endedMs,
      booked: this.#booked,
      told: [...this.#told],
      small: [...this.#small],
      away: this.#away,
      unrecorded: this.#unrecorded,
    };
  }

  /** Takes up what one of the same options has saved. */
  restore({ unknown, heard, endedMs, booked, told, small, away, unrecorded }: ReturnType<Reconciler['save']>): void {
    for (const [sequence, one] of unknown) this.#unknown.set(sequence, one);
    for (const [sequence, timeMs] of heard) this.#heard.set(sequence, timeMs);
    this.#endedMs = endedMs;
    this.#booked.set(booked);
    for (const [symbol, times] of small) this.#small.set(symbol, times);
    for (const [symbol, difference] of told) this.#told.set(symbol, difference);
    this.#away = away;
    this.#unrecorded = unrecorded;
  }
}
