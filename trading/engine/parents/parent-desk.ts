import type { Fill } from '../../effect.ts';
import type { Instrument } from '../../../features/instrument.ts';
import { nextMove, type Move } from '../../execution/slicing/next-move.ts';
import {
  newParent,
  reduces,
  splitParent,
  unplaced,
  type NextOrder,
  type ParentOrder,
} from '../../execution/slicing/parent-order.ts';
import { wakeMs } from '../../execution/slicing/slice-schedule.ts';
import { volumeShares } from '../../execution/slicing/volume-profile.ts';
import { Grid } from '../../grid.ts';
import type { MarketStep } from '../../market.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import type { LastQuotes } from '../../quotes/last-quotes.ts';
import type { RefusalCode } from '../../refusal.ts';
import type { OwnOrder } from '../../risk/asked-order.ts';
import type { EngineParts } from '../engine-parts.ts';
import { emitOrder } from '../own-order.ts';
import type { Guard } from '../position-guard.ts';
import { wardOf } from '../shared-guard.ts';
import { endOfChild } from './child-end.ts';
import { childTerms } from './child-terms.ts';
import { shown } from './parent-record.ts';

/** What a parent is begun with: an order as risk looks at it, and how it is to be executed. */
export interface ParentAsked {
  readonly order: OwnOrder;
  readonly rule: ParentOrder['rule'];
  readonly label: ParentOrder['label'];
  readonly owner: ParentOrder['owner'];
  readonly signal?: ParentOrder['signal'];
}

interface ParentDeskOptions {
  readonly instruments: readonly Instrument[];
  readonly quotes: LastQuotes;
  readonly dayOf: (closeTimeMs: number) => number;
  readonly guard: Guard | null;
  /** Why nothing may open in `symbol` for what is known of the venue, or null. */
  readonly openingBlock: (symbol: number) => RefusedOrder | null;
  /** A parent has ended. */
  readonly ended: (parent: ParentOrder, timeMs: number) => void;
}

/** Reasons that are on record as refusals too: what was wanted and is given up. */
const GIVEN_UP: readonly RefusalCode[] = ['execution-bound', 'execution-time', 'execution-refused'];

/** Orders that are executed by others: it asks risk for each child, and keeps what is not placed yet reserved. */
export class ParentDesk {
  readonly #parts: EngineParts;
  readonly #options: ParentDeskOptions;
  readonly #lots: readonly Grid[];
  readonly #parents = new Map<number, ParentOrder>();
  /** Parents by the sequence of a child, of before too. */
  readonly #byChild = new Map<number, number>();
  #count = 0;

  constructor(parts: EngineParts, options: ParentDeskOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#lots = options.instruments.map(({ lot }) => new Grid(lot));
  }

  /** The parent of number `number`; undefined where it has ended. */
  get(number: number): ParentOrder | undefined {
    return this.#parents.get(number);
  }

  /** The parent that order `sequence` is a child of; undefined where it is none, or the parent has ended. */
  of(sequence: number): ParentOrder | undefined {
    return this.#parents.get(this.#byChild.get(sequence) ?? 0);
  }

  /** When a parent is to be looked at though nothing happens, in ms; Infinity for never. */
  get wakeMs(): number {
    let least = Infinity;
    for (const parent of this.#parents.values()) least = Math.min(least, wakeMs(parent, parent.lookedMs));
    return least;
  }

  /** Begins a parent, cut to what risk allows by now. What is due at once is sent by `look`. */
  begin({ order, rule, label, owner, signal }: ParentAsked): ParentOrder | RefusedOrder {
    const { timeMs, symbol, direction, price: arrival } = order;
    const planned = this.#parts.risk.plan(order);
    if (planned.kind === 'refused') return planned;
    const { opening, clippedBy, own } = planned;
    // Of one of several strategies it closes what that one holds.
    const closing = own?.exit ?? planned.closing;
    const ofAll = own === undefined ? {} : { closingOfAll: planned.closing };
    const bySignal = signal === undefined ? {} : { signal };
    const units = this.#lots[symbol]!.nearest(planned.closing + opening);
    const weights = rule.kind === 'vwap' ? this.#profile(symbol, timeMs, rule) : null;
    if (rule.kind === 'vwap' && weights === null && opening > 0) {
      return refused('no-volume-profile', this.#parts.lanes[symbol]!.view.length, rule.profileDays);
    }
    this.#count += 1;
    const terms = { symbol, direction, units, closing, startMs: timeMs, arrival, rule, label, owner, weights };
    const parent = newParent(this.#count, { ...terms, ...ofAll, ...bySignal });
    this.#parents.set(parent.number, parent);
    this.#parts.emit({ kind: 'parent', timeMs, clippedBy, ...shown(parent) });
    this.#hold(parent);
    return parent;
  }

  #profile(symbol: number, startMs: number, rule: ParentOrder['rule'] & { kind: 'vwap' }): number[] | null {
    const { slices, withinMinutes, profileDays } = rule;
    const { dayOf } = this.#options;
    return volumeShares(this.#parts.lanes[symbol]!.view, { slices, withinMinutes, startMs }, { dayOf, profileDays });
  }

  /** Bars have closed: their volume is known, and what is due by now is sent. */
  onClose({ timeMs, symbols, count }: MarketStep): void {
    if (this.#parents.size === 0) return;
    for (const parent of [...this.#parents.values()]) {
      const { symbol } = parent;
      if (parent.startMs === timeMs || !symbols.subarray(0, count).includes(symbol)) continue;
      const { view } = this.#parts.lanes[symbol]!;
      const volume = view.volume();
      if (view.closeTimeMs() > parent.startMs && volume > 0 && volume < Infinity) parent.volume += volume;
      this.look(parent, timeMs);
    }
  }

  /** The market of `symbol` moved between bars, or (null) time has passed. */
  onMoment(symbol: number | null, timeMs: number): void {
    for (const parent of [...this.#parents.values()]) {
      // Where our clock was put back, it was looked at in what is a time to come.
      if (symbol === null) parent.lookedMs = Math.min(parent.lookedMs, timeMs);
      if (symbol === null) parent.triedMs = Math.min(parent.triedMs, timeMs);
      if (symbol === null || parent.symbol === symbol) this.look(parent, timeMs);
    }
  }

  /** Does what `parent` is to do by now. */
  look(parent: ParentOrder, timeMs: number): void {
    if (!this.#parents.has(parent.number)) return;
    parent.lookedMs = Math.max(parent.lookedMs, timeMs);
    const move = nextMove(parent, this.#moment(parent, timeMs));
    if (move.do === 'send') this.#send(parent, timeMs, move);
    else if (move.do === 'end') this.#end(parent, timeMs, move.why);
    else if (move.do === 'cancel') {
      parent.ending ??= move.ending;
      this.#cancel(parent, timeMs);
    }
  }

  #moment({ symbol, direction }: ParentOrder, timeMs: number) {
    const { lanes } = this.#parts;
    const { quotes, instruments, guard } = this.#options;
    const { bars, last } = lanes[symbol]!.series;
    const close = bars.close[last]!;
    // A quote counts from the newest close on: what is older, that close has overtaken.
    const isNewer = quotes.timeMs[symbol]! >= bars.closeTimeMs[last]!;
    const price = isNewer ? (direction > 0 ? quotes.bid : quotes.ask)[symbol]! : close;
    const lots = this.#lots[symbol]!;
    // Sums of parts miss a lot by rounding.
    const floor = (units: number): number => lots.floor(units + lots.step * 1e-6);
    return { timeMs, price, tick: instruments[symbol]!.tick, floor, guarded: guard !== null };
  }

  #send(parent: ParentOrder, timeMs: number, move: Move & { do: 'send' }): void {
    const { symbol, direction, number } = parent;
    const { risk, portfolio, lanes, emit } = this.#parts;
    const { openingBlock, guard } = this.#options;
    const { units, limit, how } = move;
    parent.triedMs = timeMs;
    const price = Math.max(portfolio.price[symbol]!, limit);
    const terms = childTerms(parent, move, guard !== null);
    risk.ended(-number);
    const blocked = reduces(parent) ? null : openingBlock(symbol);
    const decided = blocked ?? risk.assessOrder({ timeMs, symbol, direction, units, price, terms });
    if (decided.kind === 'refused') return this.#notApproved(parent, timeMs, decided);
    parent.refusal = null;
    const { sequence, quantity } = decided;
    const child = { sequence, units: Math.abs(quantity), filled: 0, limit: decided.terms!.price, how };
    parent.child = { ...child, cancelling: false };
    this.#byChild.set(sequence, number);
    this.#hold(parent);
    if (parent.owner !== null) portfolio.shares?.placed(parent.owner, decided, parent.signal === true);
    if (parent.label === null) {
      lanes[symbol]!.working = sequence;
      lanes[symbol]!.reducing = decided.reduces;
    }
    this.#guardOf(parent)?.uncover(symbol, timeMs);
    emitOrder(this.#parts, decided);
    emit({ kind: 'child', timeMs, symbol, sequence, parent: number });
  }

  /** What protects the position that a signal's order changes: the account's, or the part of its strategy. */
  #guardOf({ label, owner, signal }: ParentOrder): Pick<Guard, 'uncover'> | null {
    const { guard } = this.#options;
    if (label === null) return guard;
    return owner === null ? null : wardOf(guard, { owner, signal });
  }

  /** Said once for each reason: the same child is asked for again. */
  #notApproved(parent: ParentOrder, timeMs: number, why: RefusedOrder): void {
    const { symbol } = parent;
    this.#hold(parent);
    if (parent.refusal !== why.code) this.#parts.refuse('risk', { symbol, timeMs }, why);
    parent.refusal = why.code;
    // What it was to close has been closed by something else.
    if (why.code === 'nothing-to-reduce') this.#end(parent, timeMs, why.code);
  }

  #cancel(parent: ParentOrder, timeMs: number): void {
    const { child, symbol } = parent;
    child!.cancelling = true;
    this.#parts.emit({ kind: 'cancel', timeMs, symbol, sequence: child!.sequence });
  }

  /** What is neither executed nor at the venue stays reserved, so that nothing else closes or spends it. */
  #hold(parent: ParentOrder): void {
    const { number, symbol, direction, closing, closingOfAll = closing, units, arrival, owner } = parent;
    const rest = unplaced(parent);
    const { risk } = this.#parts;
    if (rest === 0) return risk.ended(-number);
    const split = (closes: number) => {
      const exit = Math.min(rest, Math.max(0, closes - (units - rest)));
      return { exit, opening: rest - exit };
    };
    const reserved = { symbol, group: 0, direction, ...split(closingOfAll), price: arrival };
    const own = owner === null ? {} : { own: { owner: owner.number, ...split(closing) } };
    risk.reservations.add(-number, { ...reserved, ...own });
  }

  /** An execution was booked, whatever state its order is in. */
  onFill({ sequence, quantity, takesBack, timeMs }: Fill): void {
    const parent = this.of(sequence);
    if (parent === undefined) return;
    const units = takesBack === true ? -Math.abs(quantity) : Math.abs(quantity);
    parent.filled += units;
    parent.crossed = 0;
    parent.rejected = 0;
    const { child } = parent;
    if (child?.sequence === sequence) {
      child.filled += units;
      this.#parts.risk.filled(sequence, Math.max(0, units));
      if (this.#parts.orders.isFinal(sequence)) return this.onEnd(sequence, timeMs, null);
    }
    this.#hold(parent);
    // More than it had at work: a child that was sent meanwhile is too much.
    if (child !== null && parent.filled + child.units - child.filled > parent.units * (1 + 1e-9)) {
      if (!child.cancelling) this.#cancel(parent, timeMs);
    } else if (child === null) this.look(parent, timeMs);
  }

  /** Order `sequence` has ended, for a reason where the venue or a simulated one gave one. */
  onEnd(sequence: number, timeMs: number, code: RefusalCode | null, isRejected = false): void {
    const parent = this.of(sequence);
    const child = parent?.child;
    if (parent === undefined || child?.sequence !== sequence) return;
    parent.child = null;
    const { risk, portfolio, orders } = this.#parts;
    risk.ended(sequence);
    if (parent.owner !== null) portfolio.shares?.ended(sequence, parent.symbol);
    this.#hold(parent);
    const isWhole = orders.filledOf(sequence) >= child.units * (1 - 1e-9);
    const next = endOfChild(parent, { child, code, isRejected, isWhole });
    if (next === 'go-on') this.look(parent, timeMs);
    else if (next === 'end') this.#end(parent, timeMs, parent.ending ?? code);
  }

  /** Parents end with what they have: all, those that open, or those that a rule picks; of all or of strategy `by`. */
  endAll(
    timeMs: number,
    code: RefusalCode,
    which: 'openings' | 'all' | ((parent: ParentOrder) => boolean),
    by?: number,
  ): void {
    for (const parent of [...this.#parents.values()]) {
      if (by !== undefined && parent.owner?.number !== by) continue;
      const picked = typeof which === 'function' ? which(parent) : which === 'all' || !reduces(parent);
      if (!picked) continue;
      parent.ending ??= code;
      // At the end of the session nothing follows.
      if (code === 'expired') this.#end(Object.assign(parent, { ending: code, next: null }), timeMs, code);
      else this.look(parent, timeMs);
    }
  }

  /** Parent `number` ends with what it has, and `next` has its order then. */
  replace(number: number, next: NextOrder | null, timeMs: number): void {
    const parent = this.get(number);
    if (parent !== undefined) parent.next = next;
    this.endAll(timeMs, 'execution-replaced', (one) => one === parent);
  }

  /** The parent of a child's sequence, or of minus its number, ends with what it has; false where there is none. */
  endOf(key: number, timeMs: number): boolean {
    const found = key < 0 ? this.get(-key) : this.of(key);
    if (found !== undefined) this.endAll(timeMs, 'execution-stopped', (parent) => parent === found);
    return found !== undefined;
  }

  #end(parent: ParentOrder, timeMs: number, why: RefusalCode | null): void {
    const { number, symbol, filled, units, bound } = parent;
    this.#parents.delete(number);
    this.#parts.risk.ended(-number);
    const left = Math.max(0, units - filled);
    const code = left > units * 1e-9 ? why : null;
    if (code !== null && GIVEN_UP.includes(code)) {
      const limit = code === 'execution-bound' ? (bound ?? 0) : units;
      this.#parts.refuse('broker', { symbol, timeMs }, refused(code, left, limit));
    }
    this.#parts.emit({ kind: 'parent-end', timeMs, symbol, parent: number, filled, left, code });
    for (const [sequence, of] of this.#byChild) if (of === number) this.#byChild.delete(sequence);
    this.#options.ended(parent, timeMs);
  }

  /** What strategies hold of `symbol` has changed by none of their orders: what would sell more is cancelled. */
  trim(symbol: number, timeMs: number): void {
    const { portfolio } = this.#parts;
    for (const parent of this.#parents.values()) {
      const { owner, child, direction } = parent;
      if (owner === null || child === null || child.cancelling || parent.symbol !== symbol) continue;
      const held = Math.max(0, -direction * portfolio.heldBy(owner, symbol));
      if (reduces(parent) && child.units - child.filled > held * (1 + 1e-9)) this.#cancel(parent, timeMs);
    }
  }

  /** A split restates what is left and what was done. */
  split(symbol: number, ratio: number): void {
    const { lanes, orders } = this.#parts;
    const lots = this.#lots[symbol]!;
    for (const parent of this.#parents.values()) {
      if (parent.symbol !== symbol) continue;
      splitParent(parent, ratio, (units) => lots.floor(units * (1 + 1e-12)));
      const { child } = parent;
      // The working order of a lane is restated with it.
      if (child !== null && child.sequence !== lanes[symbol]!.working) orders.restate(child.sequence, ratio);
    }
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { parents: [...this.#parents.values()], children: [...this.#byChild], count: this.#count };
  }

  /** Takes up what one of the same options has saved. */
  restore({ parents, children, count }: ReturnType<ParentDesk['save']>): void {
    for (const parent of parents) this.#parents.set(parent.number, parent);
    for (const [sequence, number] of children) this.#byChild.set(sequence, number);
    this.#count = count;
  }
}
