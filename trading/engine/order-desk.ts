import type { Fill, OrderUpdate } from '../effect.ts';
import type { MarketStep } from '../market.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import { requestFault, type AmendOrder, type PlaceOrder } from '../orders/order-request.ts';
import { withExpiry } from '../orders/expiry-date.ts';
import type { OrderTerms } from '../orders/order-terms.ts';
import type { ExecutionRule } from '../../models/experiment/execution/execution-schema.ts';
import type { ParentOrder } from '../execution/slicing/parent-order.ts';
import type { OwnOrder } from '../risk/asked-order.ts';
import { foresee, foreseenParts, type Foreseen } from './emergency/foresee.ts';
import type { OrderOwner } from '../orders/order-owner.ts';
import type { Signal, StrategyAction } from '../strategies/strategy.ts';
import type { EngineParts } from './engine-parts.ts';
import {
  amendOwn,
  askedOrder,
  atOnce,
  changedRequest,
  closingRequest,
  dropWaitingFor,
  emitOrder,
  executionRuleOf,
  followingRequest,
  LABEL_FAULT,
  ownBefore,
  ownExit,
  PARTS_FAULT,
  placeBlock,
  placeFault,
  settleChange,
  splitOwn,
  tooManyExits,
  waitingExits,
  waits,
  type Asked,
  type Own,
} from './own-order.ts';
import { OrderGroups } from './order-groups.ts';
import type { DeskOptions, Moment } from './desk-options.ts';
import { wardOf } from './shared-guard.ts';
import { strategyBook } from './strategy-book.ts';

/**
 * The orders that strategies place by themselves: by label, with what cancels and what triggers what. It asks risk for
 * each, and keeps what waits.
 */
export class OrderDesk {
  readonly #parts: EngineParts;
  readonly #options: DeskOptions;
  readonly #own: readonly Map<string, Own>[];
  readonly #labels = new Map<number, string>();
  readonly #groups: OrderGroups;

  constructor(parts: EngineParts, options: DeskOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#own = parts.lanes.map(() => new Map());
    this.#groups = new OrderGroups(parts.lanes.length);
  }

  /** Strategies whose symbols have closed say what is to become of their orders. */
  onClose(step: MarketStep): void {
    const parentOf = (number: number): ParentOrder | undefined => this.#options.parents.get(number);
    for (let entry = 0; entry < step.count; entry++) {
      const symbol = step.symbols[entry]!;
      const lane = this.#parts.lanes[symbol]!;
      const { strategy, view } = lane;
      const lateBars = step.lateBars + lane.lateBars(step.timeMs);
      const at = { timeMs: step.timeMs, lateBars, own: this.#own[symbol]!, parentOf };
      const actions = strategy.orders?.(view, strategyBook(this.#parts, symbol, at)) ?? [];
      // In an emergency it is asked, so that it goes on knowing its bars, and not heard.
      if (this.#parts.risk.state.isStopped) continue;
      if ('kind' in actions) this.#refuse(symbol, step.timeMs, actions);
      else for (const action of actions) this.#act(symbol, step, action);
    }
  }

  /** An order of the strategy's own works or waits for `symbol`. */
  has(symbol: number): boolean {
    return this.#own[symbol]!.size > 0;
  }

  owns(sequence: number): boolean {
    return this.#labels.has(sequence);
  }

  /** It was placed by this desk, as a part of what a signal wants too. */
  isPlaced(sequence: number): boolean {
    return this.owns(sequence) || this.#options.parents.of(sequence)?.signal === true;
  }

  /** Others wait for the end of order `sequence` to be placed. */
  awaits(sequence: number): boolean {
    const label = this.#labels.get(sequence);
    if (label === undefined) return false;
    const own = [...this.#own[this.#parts.orders.symbolOf(sequence)]!.values()];
    return own.some((one) => waits(one) && one.request.after === label);
  }

  /** Exits that wait for order `sequence` and close all of it; none where others wait for it, too. */
  exitsOf(sequence: number): readonly OrderTerms[] {
    const label = this.#labels.get(sequence);
    return label === undefined ? [] : waitingExits(this.#own[this.#parts.orders.symbolOf(sequence)]!, label);
  }

  /** Which exit a fill of order `sequence` is: as `PositionGuard` says it. */
  exitOf(symbol: number, sequence: number): number {
    return ownExit(this.#own[symbol]!.get(this.#labels.get(sequence) ?? ''));
  }

  /** The fill with whose it is, where several strategies share the account. */
  owned(fill: Fill): Fill {
    const owner = this.#parts.portfolio.shares?.ownerOf(fill.sequence);
    return owner === undefined ? fill : { ...fill, owner };
  }

  /** `units` of order `sequence` were executed and booked; `final`: all of it. */
  onFill(fill: Pick<Fill, 'symbol' | 'sequence' | 'timeMs' | 'price'>, units: number, final: boolean): void {
    this.#parts.risk.filled(fill.sequence, units);
    const own = this.#own[fill.symbol]!.get(this.#labels.get(fill.sequence) ?? '');
    if (own !== undefined) own.executedAt = fill.price;
    if (final) this.onEnd(fill.symbol, fill.sequence, fill.timeMs);
  }

  /**
   * Order `sequence` has ended: what it triggers is placed for as much of it as was executed, from the price of its
   * last execution: inside a bar the close is not known yet.
   */
  onEnd(symbol: number, sequence: number, timeMs: number): void {
    const label = this.#labels.get(sequence);
    if (label === undefined) return;
    this.#labels.delete(sequence);
    this.#parts.risk.ended(sequence);
    this.#parts.portfolio.shares?.ended(sequence, symbol);
    this.#follow(symbol, label, { timeMs, units: this.#parts.orders.filledOf(sequence) });
  }

  /** The order of `label` is over: what waits for it is placed for as many units as were executed. */
  #follow(symbol: number, label: string, { timeMs, units }: { readonly timeMs: number; readonly units: number }): void {
    const own = this.#own[symbol]!;
    const { executedAt = NaN } = own.get(label) ?? {};
    const reference = Number.isNaN(executedAt) ? null : executedAt;
    own.delete(label);
    for (const [name, one] of [...own]) {
      const { request } = one;
      if (!waits(one) || request.after !== label) continue;
      own.delete(name);
      if (units > 0) this.#place(symbol, { timeMs, lateBars: 0 }, { request, units, reference });
      // Neither wanted nor placed: what waits for it waits in vain.
      if (!own.has(name)) dropWaitingFor(own, name);
    }
  }

  /** A change of an order is in force, or was refused: then the order is what it was before. */
  onAmended(update: Pick<OrderUpdate, 'sequence' | 'state' | 'code'>): void {
    const label = update.state === 'ACCEPTED' ? this.#labels.get(update.sequence) : undefined;
    if (label === undefined) return;
    settleChange(this.#own[this.#parts.orders.symbolOf(update.sequence)]!.get(label), update, this.#parts);
  }

  /**
   * Cancels what would open, or everything, of all or of the strategy `by`; what waits for a cancelled order is dropped
   * when that has ended. What closes a strategy's part opens nothing of it, also where it turns the account.
   */
  cancelAll(timeMs: number, which: 'openings' | 'all', by?: number): void {
    const { reservations } = this.#parts.risk;
    this.#own.forEach((own, symbol) => {
      for (const [label, one] of [...own]) {
        const { order, request } = one;
        // What is executed in parts is ended where its children are.
        if (one.parent !== undefined || (by !== undefined && request.owner?.number !== by)) continue;
        if (order === null) {
          if (which === 'openings' && request.reduceOnly === true) continue;
          own.delete(label);
          dropWaitingFor(own, label);
          continue;
        }
        const closes = order.reduces || reservations.of(order.sequence)?.own?.opening === 0;
        if (which === 'all' || !closes) this.#cancel(symbol, timeMs, order.sequence);
      }
    });
  }

  /** What strategies hold of `symbol` has changed by none of their orders: exits of more than is left are cancelled. */
  trim(symbol: number, timeMs: number): void {
    this.#options.parents.trim(symbol, timeMs);
    for (const { sequence, why } of tooManyExits(this.#own[symbol]!, this.#parts)) {
      this.#refuse(symbol, timeMs, why);
      this.#cancel(symbol, timeMs, sequence);
    }
  }

  /** A split restates what works and what waits. */
  split(symbol: number, ratio: number): void {
    for (const own of this.#own[symbol]!.values()) splitOwn(own, ratio, this.#parts);
    this.#parts.risk.reservations.split(symbol, ratio);
  }

  /** Places what somebody outside of the session asks for: no bar led to it. */
  ask({ timeMs, symbol }: { readonly timeMs: number; readonly symbol: number }, request: PlaceOrder): void {
    this.#act(symbol, { timeMs, lateBars: 0 }, request);
  }

  /** What would become of that: nothing is placed. */
  foresee(at: { readonly timeMs: number; readonly symbol: number }, request: PlaceOrder): Foreseen {
    const { symbol, timeMs } = at;
    const fault = placeFault(this.#own[symbol]!, request, this.#parts.lanes[symbol]!.isConverted);
    const moment = { symbol, lateBars: 0, opensNothing: request.reduceOnly === true };
    const blocked = fault ?? placeBlock(this.#parts, this.#options, moment);
    if (blocked !== null) return blocked;
    const order = askedOrder(this.#parts, at, { request, units: null, reference: null }, 0);
    const { risk } = this.#parts;
    return executionRuleOf(this.#parts, request, timeMs) === null
      ? foresee(this.#parts, () => risk.assessOrder(order))
      : foreseenParts(risk.plan(order), order.price);
  }

  #act(symbol: number, step: Moment, action: StrategyAction): void {
    const { timeMs } = step;
    if (action.do === 'refuse') return this.#parts.refuse(action.stage, { symbol, timeMs }, action.refusal);
    if (action.do === 'say') return this.#say(symbol, step, action);
    const own = this.#own[symbol]!.get(action.label);
    if (action.do === 'replace') return this.#options.parents.replace(own?.parent ?? 0, action.next, timeMs);
    if (action.do === 'place') {
      const request = withExpiry(action, this.#options.dayOf);
      const why = placeFault(this.#own[symbol]!, request, this.#parts.lanes[symbol]!.isConverted);
      if (why !== null) return this.#refuse(symbol, timeMs, why);
      if (action.after === undefined) {
        return this.#place(symbol, step, { request, units: null, reference: null });
      }
      this.#own[symbol]!.set(action.label, { request, order: null, executedAt: NaN });
      return;
    }
    if (own === undefined) return this.#refuse(symbol, timeMs, refused('order-request', LABEL_FAULT));
    if (action.do === 'amend') return this.#amend(symbol, timeMs, own, action);
    if (own.order !== null) return this.#cancel(symbol, timeMs, own.order.sequence);
    if (own.parent !== undefined) return void this.#options.parents.endOf(-own.parent, timeMs);
    this.#own[symbol]!.delete(action.label);
    dropWaitingFor(this.#own[symbol]!, action.label);
  }

  /** Records what one of several strategies says: as a signal of its symbol, with its owner. */
  #say(symbol: number, step: Moment, { signal, owner }: { signal: Signal; owner: OrderOwner }): void {
    this.#options.signals.note(symbol, step, signal);
    if (signal.action !== 'HOLD') this.#parts.emit({ kind: 'signal', timeMs: step.timeMs, symbol, signal, owner });
  }

  #place(symbol: number, at: Moment, asked: Asked): void {
    const { request } = asked;
    const { risk } = this.#parts;
    const { timeMs, lateBars } = at;
    const opensNothing = request.reduceOnly === true;
    const blocked = placeBlock(this.#parts, this.#options, { symbol, lateBars, opensNothing });
    if (blocked !== null) return this.#refuse(symbol, timeMs, blocked);
    const group = request.group === undefined ? 0 : this.#groups.numberOf(symbol, request.group);
    const order = askedOrder(this.#parts, { symbol, timeMs }, asked, group);
    const guard = wardOf(this.#options.guard, request);
    const bare = guard?.refusalOf(order) ?? null;
    if (bare !== null) {
      this.#refuse(symbol, timeMs, bare);
      // What is held of the other side still closes.
      const units = guard!.opposite(symbol, order.direction);
      return units > 0 ? this.#place(symbol, at, { ...asked, units, request: atOnce(request) }) : undefined;
    }
    const rule = executionRuleOf(this.#parts, request, timeMs);
    if (rule !== null) return this.#begin(order, request, rule);
    const decided = risk.assessOrder(order);
    if (decided.kind === 'refused') return this.#refuse(symbol, timeMs, decided);
    this.#own[symbol]!.set(request.label, { request, order: decided, executedAt: NaN });
    this.#labels.set(decided.sequence, request.label);
    if (request.owner !== undefined)
      this.#parts.portfolio.shares?.placed(request.owner, decided, request.signal === true);
    guard?.uncover(symbol, timeMs);
    emitOrder(this.#parts, decided);
  }

  /** All that `owner` holds of a symbol is closed at the next price: what is executed in parts there ends. */
  closePart(owner: OrderOwner, { symbol, timeMs }: { readonly symbol: number; readonly timeMs: number }): void {
    this.#options.parents.endAll(timeMs, 'execution-stopped', (parent) => parent.symbol === symbol, owner.number);
    const asked = { request: closingRequest(owner, symbol, this.#parts), units: null, reference: null };
    this.#place(symbol, { timeMs, lateBars: 0 }, asked);
  }

  /** It is executed in parts: children take the next prices, or limits, for it. */
  #begin(order: OwnOrder, request: PlaceOrder, rule: ExecutionRule): void {
    const { symbol, timeMs } = order;
    const { label, owner = null, signal } = request;
    const parent = this.#options.parents.begin({ order, rule, label, owner, signal });
    if ('code' in parent) return this.#refuse(symbol, timeMs, parent);
    if (owner !== null && signal === true) this.#parts.portfolio.shares!.begun(owner, parent);
    this.#own[symbol]!.set(request.label, { request, order: null, executedAt: NaN, parent: parent.number });
    this.#options.parents.look(parent, timeMs);
  }

  /** A part of what `parent` executes was executed. */
  noteExecuted({ symbol, label }: ParentOrder, price: number): void {
    const own = this.#own[symbol]!.get(label ?? '');
    if (own !== undefined) own.executedAt = price;
  }

  /** An order that was executed in parts has ended. */
  onParentEnd({ symbol, label, filled, owner, next, ending }: ParentOrder, timeMs: number): void {
    // At the end of the session nothing is placed any more.
    if (ending === 'expired') return void this.#own[symbol]!.delete(label!);
    this.#follow(symbol, label!, { timeMs, units: filled });
    const request = next === null || owner === null ? null : followingRequest(owner, next, this.#parts);
    if (request === null) return;
    this.#place(symbol, { timeMs, lateBars: 0 }, { request, units: null, reference: next!.price });
  }

  #amend(symbol: number, timeMs: number, own: Own, change: AmendOrder): void {
    const { request, order } = own;
    const changed = changedRequest(request, change);
    const fault = requestFault(changed, this.#parts.lanes[symbol]!.isConverted);
    if (fault > 0) return this.#refuse(symbol, timeMs, refused('order-request', fault));
    if (own.parent !== undefined) return this.#refuse(symbol, timeMs, refused('order-request', PARTS_FAULT));
    if (order === null) {
      own.request = changed;
      return;
    }
    const refusal = amendOwn(own, order, { change, changed, at: { symbol, timeMs } }, this.#parts);
    if (refusal !== null) this.#refuse(symbol, timeMs, refusal);
  }

  #cancel(symbol: number, timeMs: number, sequence: number): void {
    this.#parts.emit({ kind: 'cancel', timeMs, symbol, sequence });
  }

  #refuse(symbol: number, timeMs: number, refusal: RefusedOrder): void {
    this.#parts.refuse('risk', { symbol, timeMs }, refusal);
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return {
      own: this.#own.map((own) => [...own]),
      labels: [...this.#labels],
      ...this.#groups.save(),
    };
  }

  /** Takes up what one of the same options has saved. */
  restore({ own, labels, ...groups }: ReturnType<OrderDesk['save']>): void {
    own.forEach((some, symbol) => {
      for (const [label, one] of some) this.#own[symbol]!.set(label, ownBefore(one, this.#parts.risk.approvedBefore));
    });
    for (const [sequence, label] of labels) this.#labels.set(sequence, label);
    this.#groups.restore(groups);
  }
}
