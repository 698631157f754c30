import {
  NO_EFFECTS,
  type Effect,
  type EngineEvent,
  type Fill,
  type OrderUpdate,
  type RefusalEffect,
} from '../effect.ts';
import { buyingPower, isSet } from '../../models/experiment/limits-schema.ts';
import type { MarketStep } from '../market.ts';
import { bookAction, type Restated } from './book-action.ts';
import { Closings } from './closings.ts';
import { Financing } from '../financing/financing.ts';
import { lanesOf, twoExits, type Lane, type EngineOptions, type EngineParts } from './engine-parts.ts';
import { bookFill, type FillBookers } from './parents/book-fill.ts';
import { ParentDesk } from './parents/parent-desk.ts';
import { Proposals } from './parents/proposals.ts';
import type { ParentOrder } from '../execution/slicing/parent-order.ts';
import { OwnCode } from './emergency/own-code.ts';
import type { AskedOrders } from './emergency/asked-orders.ts';
import { KillSwitch } from './emergency/kill-switch.ts';
import { OrderDesk } from './order-desk.ts';
import type { Guard } from './position-guard.ts';
import { guardOf } from './shared-guard.ts';
import { LostProtection } from './venue/lost-protection.ts';
import { isPossible } from './venue/told-executions.ts';
import { VenueReports } from './venue/venue-reports.ts';
import { EngineMemory } from './state/engine-memory.ts';
import { boundedRule } from '../orders/traded-hours.ts';
import { OrderRegister } from '../orders/order-register.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { LastQuotes } from '../quotes/last-quotes.ts';
import { RiskManager } from '../risk/risk-manager.ts';
import { SignalHistory } from '../signals/signal-history.ts';
import { SignalGate } from '../signals/signal-gate.ts';
import { HOLD, type Signal, type StrategySession } from '../strategies/strategy.ts';
import { refused, type OrderProposal, type RefusedOrder } from '../orders/approved-order.ts';

/**
 * The one engine of backtest, paper and live: an event in, effects out; no clock, randomness, waiting or I/O. Time is
 * the event's. At a close it marks the portfolio, lets risk look at the equity, then asks each symbol's strategy in
 * universe order, with a view that ends at the bar that has closed; a signal is validated, sized, and assessed by risk.
 * Everything but HOLD leaves effects, refusals included. The session that drives it appends effects to the journal
 * before an approved order goes to the broker; where orders outlive the process, it commits them first. After a restart
 * a new engine takes up the last state (`memory`) and is given what came since (`runPaperSession`).
 */
export class Engine {
  readonly portfolio: Portfolio;
  readonly risk: RiskManager;
  readonly signals: SignalHistory;
  readonly quotes: LastQuotes;
  readonly strategy: StrategySession;
  readonly own: OwnCode;
  readonly #gate: SignalGate;
  readonly #orders = new OrderRegister();
  readonly #lanes: readonly Lane[];
  readonly #parts: EngineParts;
  readonly #guard: Guard | null;
  readonly #lost: LostProtection | null;
  /** Null where no strategy places orders by itself. */
  readonly #desk: OrderDesk | null;
  readonly #reports: VenueReports;
  readonly #closings: Closings;
  readonly #switch: KillSwitch;
  /** Null where nothing is executed over time. */
  readonly #parents: ParentDesk | null;
  readonly #proposals: Proposals;
  readonly #bookers: FillBookers;
  readonly #restated: Restated;
  readonly memory: EngineMemory;
  /** Null where holding costs nothing. */
  readonly financing: Financing | null;
  /** Credit is used: what is held may have to shrink. */
  readonly #onMargin: boolean = false;
  /** What there is to say of rates that were missing. */
  readonly rateNotes: () => readonly string[];
  /** The shared HOLD: reading an imported binding takes five dependent loads (7 ns a bar). */
  readonly #hold: Signal = HOLD;
  readonly #noEffects = NO_EFFECTS;
  /** Effects of the current event where nobody listens to them; null until there is one. */
  #effects: Effect[] | null = null;
  #listener: ((effect: Effect) => void) | null = null;
  /** Orders of a strategy's own wait for the end of that one; which of them are its exits. */
  readonly awaits = (sequence: number): boolean => this.#desk?.awaits(sequence) === true;
  readonly exitsOf = (sequence: number) => this.#desk?.exitsOf(sequence) ?? [];
  /** Closed bars; `QuietBars` counts those that it passes. */
  bars = 0;

  constructor(options: EngineOptions) {
    const { market, strategy, capital, limits, dayOf, sizer, rules, protection, execution, extended } = options;
    const { instruments, rates, rateAges, rateNotes = () => [] } = market;
    this.rateNotes = rateNotes;
    this.#gate = new SignalGate(rules, { places: instruments.length, dayOf });
    const portfolio = (this.portfolio = new Portfolio(instruments, capital, options.markTimes));
    portfolio.buyingPower = buyingPower(limits);
    [this.#lanes, this.strategy] = lanesOf(market, strategy, options.markTimes !== undefined);
    this.own = new OwnCode(this.strategy, sizer);
    const views = this.#lanes.map(({ view }) => view);
    const quotes = (this.quotes = new LastQuotes(instruments.length));
    const seen = { dayOf, views, rates, rateAges, quotes, emergency: options.emergency, extended };
    this.risk = new RiskManager({ limits, portfolio, instruments, orders: this.#orders, ...seen });
    const symbols = instruments.map(({ symbol }) => symbol);
    this.signals = new SignalHistory(symbols, rules);
    const shares = this.strategy.begin?.(this.portfolio);
    if (shares !== undefined) portfolio.share(shares, this.risk.reservations);
    const parts: EngineParts = (this.#parts = {
      lanes: this.#lanes,
      portfolio: this.portfolio,
      risk: this.risk,
      orders: this.#orders,
      boundedAt: extended ? (timeMs) => boundedRule(extended, timeMs, execution?.extendedHours) : null,
      emit: (effect) => this.#emit(effect),
      refuse: (stage, { timeMs, symbol }, why) => this.#refuse(stage, timeMs, symbol, why),
    });
    const guard = (this.#guard = guardOf(protection, parts));
    const all = (proposal: OrderProposal): void => this.#proposals.order(proposal);
    const part: OrderDesk['closePart'] = (owner, at) => this.#desk!.closePart(owner, at);
    const endParent = (timeMs: number, key: number): boolean => this.#parents?.endOf(key, timeMs) === true;
    this.#lost = guard === null ? null : new LostProtection(guard, parts, { all, part, endParent });
    this.#reports = this.#hearVenue(parts, options.reconciliation);
    const openingBlock = (symbol: number): RefusedOrder | null => this.#reports.openingBlock(symbol);
    const places = this.#lanes.some((lane) => lane.strategy.orders !== undefined);
    const ended = (parent: ParentOrder, timeMs: number): void => this.#onParentEnd(parent, timeMs);
    const hasDesk = places || (options.takesOrders === true && guard === null && portfolio.shares === null);
    const sliced = hasDesk || options.execution !== undefined;
    this.#parents = sliced ? new ParentDesk(parts, { instruments, quotes, dayOf, guard, openingBlock, ended }) : null;
    const about = { maxAgeBars: rules.maxAgeBars, signals: this.signals, parents: this.#parents! };
    this.#desk = hasDesk ? new OrderDesk(parts, { ...about, dayOf, openingBlock, guard }) : null;
    if (guard !== null && (this.strategy.placesOrders ?? places)) throw twoExits(strategy.name);
    this.financing = options.financing === undefined ? null : new Financing(options.financing, portfolio, symbols);
    this.#onMargin = isSet(limits.margin);
    this.#proposals = new Proposals(parts, { sizer, guard, execution, parents: this.#parents });
    const cancelOwn = (timeMs: number, which: 'openings' | 'all', by?: number) => this.#cancelOwn(timeMs, which, by);
    this.#closings = new Closings(parts, { instruments, margin: limits.margin, order: all, cancelOwn });
    const foresee: Proposals['foresee'] = (proposal) => this.#proposals.foresee(proposal);
    const stoppable = { cancelOwn, endParent, guard, desk: this.#desk, closings: this.#closings, order: all, foresee };
    this.#switch = new KillSwitch(parts, stoppable);
    this.#bookers = { guard, desk: this.#desk, parents: this.#parents, finish: (one, atMs) => this.#finish(one, atMs) };
    this.#restated = { guard, desk: this.#desk, reports: this.#reports, parents: this.#parents, quotes };
    this.memory = new EngineMemory(this, { ...parts, ...this.#restated, sizer, gate: this.#gate });
  }

  /** When an order that is executed in parts is to be looked at though nothing happens, in ms; Infinity for never. */
  get wakeMs(): number {
    return this.#parents?.wakeMs ?? Infinity;
  }

  /** What would become of an order that is asked for: it is not, and nothing changes. */
  readonly foresee: AskedOrders['foresee'] = (at, order) => this.#switch.asked.foresee(at, order);

  /** From here on each effect goes to `listener` as it comes about, in order, and none is returned. */
  tell(listener: (effect: Effect) => void): void {
    this.#listener = listener;
  }

  /** Takes one event and returns what it led to, in order. The array belongs to the caller. */
  handle(event: EngineEvent): readonly Effect[] {
    if (event.kind === 'quote') {
      this.quotes.take(event);
      if (this.#parents === null) return this.#noEffects;
      this.#parents.onMoment(event.symbol, event.timeMs);
      return this.#taken();
    }
    if (this.financing !== null) this.financing.accrue(event.timeMs, this.#parts.emit);
    if (event.kind === 'fill') {
      if (isPossible(event)) this.#onFill(event);
      else this.#reports.refuseNumbers(event);
    } else if (event.kind === 'order-update') this.#onUpdate(event);
    else if (event.kind === 'command' || event.kind === 'asked') this.#switch.obey(event);
    else if (event.kind === 'condition') this.#switch.onCondition(event);
    else if (event.kind === 'limits') this.#switch.onTightened(event.timeMs, this.risk.change(event.limits));
    else if (event.kind === 'action') bookAction(event, this.#parts, this.#restated);
    else {
      this.#reports.take(event);
      if (event.kind === 'timer' || event.kind === 'clock-step') this.#parents?.onMoment(null, event.timeMs);
    }
    return this.#taken();
  }

  #taken(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = null;
    return effects ?? NO_EFFECTS;
  }

  #emit(effect: Effect): void {
    if (this.#listener !== null) this.#listener(effect);
    else (this.#effects ??= []).push(effect);
  }

  /** Bars have closed: like `handle`, kept separate because every bar comes here and few lead to anything. */
  onClose(step: MarketStep): readonly Effect[] {
    const { symbols, index, count } = step;
    const { price } = this.portfolio;
    if (this.financing !== null) this.financing.accrue(step.timeMs, this.#parts.emit);
    this.bars += count;
    for (let entry = 0; entry < count; entry++) {
      const symbol = symbols[entry]!;
      const close = this.#lanes[symbol]!.series.bars.close[index[entry]!]!;
      // An invalid price keeps the last good mark; orders at it are refused below.
      if (close > 0 && close < Infinity) price[symbol] = close;
    }
    this.portfolio.mark(step);
    const breaches = this.risk.state.onMark(step);
    if (breaches !== null) this.#switch.stopped(step.timeMs, breaches);
    if (this.#onMargin && !this.risk.state.isStopped) this.#closings.callMargin(step.timeMs);
    for (let entry = 0; entry < count; entry++) {
      const symbol = symbols[entry]!;
      const lane = this.#lanes[symbol]!;
      const signal = lane.strategy.decide(lane.view);
      // In an emergency it is asked, so that it goes on knowing its bars, and not heard.
      if (signal === this.#hold || this.risk.state.isStopped) this.signals.noteHold(symbol, step);
      else this.#hear(symbol, step, signal);
    }
    if (this.#desk !== null) this.#desk.onClose(step);
    if (this.#parents !== null) this.#parents.onClose(step);
    if (this.risk.state.flattens) this.#closings.flatten(step.timeMs);
    return this.#effects === null ? this.#noEffects : this.#taken();
  }

  /** The lane of the only symbol, whose quiet bars may pass by themselves; null where there are several symbols. */
  get onlyLane(): Lane | null {
    return this.#lanes.length === 1 ? this.#lanes[0]! : null;
  }

  /** Split from the close so that the path of a quiet bar stays small. */
  #hear(symbol: number, step: MarketStep, signal: Signal): void {
    this.signals.note(symbol, step, signal);
    if (signal.unfit === true) return this.#refuse('signal', step.timeMs, symbol, refused('model-unfit'));
    if (signal.fault !== undefined) return this.#refuse('signal', step.timeMs, symbol, signal.fault);
    if (signal.action !== 'HOLD') this.#act(symbol, step, signal);
  }

  #act(symbol: number, { timeMs, lateBars: came }: MarketStep, signal: Signal): void {
    const lane = this.#lanes[symbol]!;
    this.#emit({ kind: 'signal', timeMs, symbol, signal });
    lane.hear(signal, this.portfolio.quantity[symbol]!, this.#gate.longShort, timeMs);
    const { moment, working } = lane;
    const { side } = lane.wanted;
    moment.lateBars = came + lane.lateBars(timeMs);
    const refusal = this.#gate.refusal(signal, moment);
    if (refusal !== null) return this.#refuse('signal', timeMs, symbol, refusal);
    if (lane.parent !== 0 && this.#proposals.meets(symbol, timeMs, side, signal)) return;
    if (lane.wanted.keeps) return;
    if (working !== 0 || this.#desk?.has(symbol) === true)
      return this.#refuse('risk', timeMs, symbol, refused('order-working', working));
    const blocked = side === 0 ? null : this.#reports.openingBlock(symbol);
    if (blocked !== null) return this.#refuse('risk', timeMs, symbol, blocked);
    this.#proposals.propose(symbol, timeMs, side, signal);
  }

  #refuse(stage: RefusalEffect['stage'], timeMs: number, symbol: number, refusal: RefusedOrder): void {
    const { code, value, limit } = refusal;
    this.#emit({ kind: 'refusal', timeMs, symbol, stage, code, value, limit });
    if (code === 'strategy-silent') this.#switch.onSilence(timeMs, this.own.silent(limit));
  }

  /** Booked in whatever state its order is: what happened has happened. */
  #onFill(fill: Fill): void {
    const { sequence, quantity, final } = fill;
    const fit = this.#orders.applyFill(sequence, quantity < 0 ? -quantity : quantity, final);
    if (fit !== 'expected') return this.#reports.onOddFill(fill, fit);
    this.risk.state.onExecuted();
    this.#lanes[fill.symbol]!.strategy.onFill?.(fill);
    // The path of a session without protection stays small: orders are 12 % slower otherwise.
    if (this.#guard !== null || this.#parents !== null) return bookFill(fill, this.#parts, this.#bookers);
    this.portfolio.book(fill, 0);
    this.#emit(fill);
    if (final) this.#finish(sequence, fill.timeMs);
  }

  /** Orders of strategies, and those that are executed in parts, end: those that would open, or all; of all or one. */
  #cancelOwn(timeMs: number, which: 'openings' | 'all', by?: number): void {
    this.#desk?.cancelAll(timeMs, which, by);
    this.#parents?.endAll(timeMs, 'execution-stopped', which, by);
  }

  /** What follows from the end of an order that was executed in parts. */
  #onParentEnd(parent: ParentOrder, timeMs: number): void {
    const { symbol, label, next } = parent;
    if (label !== null) return this.#desk?.onParentEnd(parent, timeMs);
    this.#lanes[symbol]!.parent = 0;
    if (this.risk.state.flattens) this.#closings.flatten(timeMs);
    else if (next !== null) this.#proposals.follow(next, timeMs);
  }

  /** The session is over: what is not placed yet never will be. */
  expire(timeMs: number): void {
    this.#guard?.end();
    this.#parents?.endAll(timeMs, 'expired', 'all');
  }

  #hearVenue(parts: EngineParts, rule: EngineOptions['reconciliation']): VenueReports {
    return new VenueReports(parts, rule, {
      fill: (fill) => this.#onFill(fill),
      update: (update) => this.#onUpdate(update),
      end: ({ symbol, timeMs }, sequence) => {
        this.#finish(sequence, timeMs);
        this.#guard?.drop(symbol, sequence);
        this.#desk?.onEnd(symbol, sequence, timeMs);
        this.#parents?.onEnd(sequence, timeMs, null);
      },
      moved: (fill) => {
        const { symbol, timeMs } = fill;
        const { strategy, working, reducing } = this.#lanes[symbol]!;
        strategy.onFill?.(fill);
        this.#switch.onMoved(fill);
        if (working === 0 || !reducing) this.#guard?.cover(symbol, timeMs);
        this.#parents?.onFill(fill);
      },
      stop: (timeMs) => {
        const stopped = this.risk.state.onUnexplained(timeMs);
        if (stopped !== null) this.#switch.stopped(timeMs, [stopped]);
      },
    });
  }

  #onUpdate(update: OrderUpdate): void {
    const { sequence, timeMs, code, value, limit } = update;
    if (!this.#orders.apply(sequence, update.state)) return this.#reports.onOddUpdate(update);
    this.#emit(update);
    this.#desk?.onAmended(update);
    const symbol = this.#orders.symbolOf(sequence);
    if (code !== null) this.#refuse('broker', timeMs, symbol, refused(code, value, limit));
    this.#reports.note(update);
    const halted = this.risk.state.onAnswer(update);
    if (halted !== null) this.#switch.stopped(timeMs, [halted]);
    if (!this.#orders.isFinal(sequence)) return;
    const ended = this.#lanes[symbol]!.working === sequence || this.#desk?.isPlaced(sequence) === true;
    this.#finish(sequence, timeMs);
    const role = this.#guard?.roleOf(symbol, sequence) ?? null;
    this.#guard?.drop(symbol, sequence);
    if (role !== null && code === 'protection-ended') this.#lost!.mend({ ...update, symbol, role });
    // At the end of the session nothing is placed any more.
    if (code !== 'expired') this.#desk?.onEnd(symbol, sequence, timeMs);
    // An exit that came to nothing leaves a position.
    if (ended && code !== 'expired' && this.#guard?.isBare(symbol) === true) this.#guard!.cover(symbol, timeMs);
    this.#parents?.onEnd(sequence, timeMs, code, update.state === 'REJECTED');
  }

  #finish(sequence: number, timeMs: number): void {
    const symbol = this.#orders.symbolOf(sequence);
    const lane = this.#lanes[symbol]!;
    if (this.#parents !== null) this.portfolio.shares?.ended(sequence, symbol);
    if (lane.working !== sequence) return;
    lane.working = 0;
    this.risk.release(symbol);
    this.#switch.closeRest(timeMs);
  }
}
