import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { BarView, lateBars, type BarSeries } from '../bar-view.ts';
import {
  NO_EFFECTS,
  type Command,
  type CorporateActionEvent,
  type Effect,
  type Fill,
  type OrderUpdate,
  type RefusalEffect,
} from '../effect.ts';
import type { Market, MarketStep } from '../market.ts';
import { PositionGuard } from './position-guard.ts';
import { OrderRegister } from '../orders/order-register.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import { RiskManager } from '../risk/risk-manager.ts';
import { SignalHistory } from '../signals/signal-history.ts';
import { validateSignal, type SignalRules } from '../signals/signal-validator.ts';
import type { Sizer } from '../risk/sizing.ts';
import { HOLD, sideOf } from '../strategies/strategy.ts';
import type { Signal, Strategy, StrategySession, SymbolStrategy } from '../strategies/strategy.ts';
import type { RefusedOrder } from '../orders/approved-order.ts';

/** What reaches the engine besides closes. */
export type EngineEvent = Fill | OrderUpdate | Command | CorporateActionEvent;

export interface EngineOptions {
  readonly market: Market;
  readonly strategy: Strategy;
  readonly sizer: Sizer;
  readonly rules: SignalRules;
  readonly limits: RiskLimits;
  readonly capital: number;
  /** Trading day of a close: any number that changes with the day. */
  readonly dayOf: (closeTimeMs: number) => number;
  /** Times of all closes to come in ms, known only in historical runs. */
  readonly markTimes?: Float64Array;
  /** What ends positions by itself. */
  readonly protection?: ProtectionRule | undefined;
}

/** What the engine keeps of a symbol. One object: each further array by symbol cost 2 to 3 ns a bar. */
class Lane {
  readonly strategy: SymbolStrategy;
  readonly series: BarSeries;
  readonly view: BarView;
  /** Sequence of the working order, 0 without one. */
  working = 0;
  /** It only reduces. */
  reducing = false;
  /** Closed bars at the last order. */
  lastOrderBar = -Infinity;
  /** Share of a full position that the last order was for. */
  share = 1;

  constructor(series: BarSeries, view: BarView, strategy: SymbolStrategy) {
    this.strategy = strategy;
    this.series = series;
    this.view = view;
  }
}

/**
 * The one engine of backtest, paper and live: an event in, effects out; no clock, randomness, waiting or I/O. Time is
 * the event's. At a close it marks the portfolio, lets risk look at the equity, then asks each symbol's strategy in
 * universe order, with a view that ends at the bar that has closed; a signal is validated, sized, and assessed by risk.
 * Everything but HOLD leaves effects, refusals included. The session that drives it appends effects to the journal
 * before an approved order goes to the broker; where orders outlive the process, it commits them first and replays the
 * same events into a new engine after a restart (`runPaperSession`).
 */
export class Engine {
  readonly portfolio: Portfolio;
  readonly risk: RiskManager;
  readonly signals: SignalHistory;
  /** Who decides. */
  readonly strategy: StrategySession;
  /** Some strategy hears of fills. */
  readonly #listens: boolean;
  readonly #sizer: Sizer;
  readonly #rules: SignalRules;
  readonly #orders = new OrderRegister();
  readonly #lanes: readonly Lane[];
  readonly #guard: PositionGuard | null;
  /** The shared HOLD: reading an imported binding takes five dependent loads (7 ns a bar). */
  readonly #hold: Signal = HOLD;
  readonly #noEffects = NO_EFFECTS;
  /** Effects of the current event; null until there is one. */
  #effects: Effect[] | null = null;
  #bars = 0;

  constructor(options: EngineOptions) {
    const { market, strategy, capital, limits, dayOf } = options;
    const { instruments } = market;
    this.#sizer = options.sizer;
    this.#rules = options.rules;
    this.portfolio = new Portfolio(instruments, capital, options.markTimes);
    this.risk = new RiskManager({ limits, portfolio: this.portfolio, instruments, orders: this.#orders, dayOf });
    const symbols = instruments.map((instrument) => instrument.symbol);
    this.signals = new SignalHistory(symbols, options.rules.maxAgeBars);
    const views = market.series.map((series, symbol) => new BarView(market.viewed?.[symbol] ?? series));
    this.strategy = strategy.forSession?.(views) ?? { symbols: views.map((view) => strategy.forSymbol(view.symbol)) };
    this.#lanes = market.series.map(
      (series, symbol) => new Lane(series, views[symbol]!, this.strategy.symbols[symbol]!),
    );
    this.#listens = this.strategy.symbols.some(({ onFill }) => onFill !== undefined);
    const { protection } = options;
    this.#guard = protection === undefined ? null : new PositionGuard(protection, this.#lanes);
  }

  /** Closed bars seen. */
  get bars(): number {
    return this.#bars;
  }

  /** Takes one event and returns what it led to, in order. The array belongs to the caller. */
  handle(event: EngineEvent): readonly Effect[] {
    switch (event.kind) {
      case 'fill':
        this.#onFill(event);
        break;
      case 'order-update':
        this.#onUpdate(event);
        break;
      case 'command':
        this.#onCommand(event);
        break;
      case 'action':
        this.#onAction(event);
        break;
    }
    return this.#taken();
  }

  #taken(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = null;
    return effects ?? NO_EFFECTS;
  }

  /** Array literals for the usual one or two effects: `push` would allocate room for 17. */
  #emit(effect: Effect): void {
    const effects = this.#effects;
    if (effects === null) this.#effects = [effect];
    else if (effects.length === 1) this.#effects = [effects[0]!, effect];
    else effects.push(effect);
  }

  /** Bars have closed: like `handle`, kept separate because every bar comes here and few lead to anything. */
  onClose(step: MarketStep): readonly Effect[] {
    const { symbols, index, count } = step;
    const { price } = this.portfolio;
    this.#bars += count;
    for (let entry = 0; entry < count; entry++) {
      const symbol = symbols[entry]!;
      const close = this.#lanes[symbol]!.series.bars.close[index[entry]!]!;
      // An invalid price keeps the last good mark; orders at it are refused below.
      if (close > 0 && close < Infinity) price[symbol] = close;
    }
    this.portfolio.mark(step);
    const breaches = this.risk.state.onMark(step);
    if (breaches !== null) for (const breach of breaches) this.#emit(breach);
    for (let entry = 0; entry < count; entry++) {
      const symbol = symbols[entry]!;
      const lane = this.#lanes[symbol]!;
      const signal = lane.strategy.decide(lane.view);
      if (signal === this.#hold) this.signals.noteHold(symbol, step);
      else this.#hear(symbol, step, signal);
    }
    if (this.risk.state.killState === 'flatten') this.#flatten(step.timeMs);
    return this.#effects === null ? this.#noEffects : this.#taken();
  }

  /** Split from the close so that the path of a quiet bar stays small. */
  #hear(symbol: number, step: MarketStep, signal: Signal): void {
    this.signals.note(symbol, step, signal);
    if (signal.unfit === true) {
      return this.#refuse('signal', step.timeMs, symbol, { kind: 'refused', code: 'model-unfit', value: 0, limit: 0 });
    }
    if (signal.fault !== undefined) {
      return this.#refuse('signal', step.timeMs, symbol, { kind: 'refused', ...signal.fault });
    }
    if (signal.action !== 'HOLD') this.#act(symbol, step, signal);
  }

  #act(symbol: number, { timeMs, lateBars: came }: MarketStep, signal: Signal): void {
    const { view, working, lastOrderBar, share } = this.#lanes[symbol]!;
    this.#emit({ kind: 'signal', timeMs, symbol, signal });
    const side = sideOf(signal, this.#rules.longShort);
    const position = this.portfolio.quantity[symbol]!;
    const held = position > 0 ? 1 : position < 0 ? -1 : 0;
    const resized = signal.target !== undefined && side !== 0 && Math.abs(signal.target) !== share;
    const refusal = validateSignal(signal, this.#rules, {
      lateBars: came + lateBars(view, timeMs),
      barsSinceOrder: view.length - lastOrderBar,
      opens: side !== 0 && (side !== held || (resized && Math.abs(signal.target!) > share)),
    });
    if (refusal !== null) return this.#refuse('signal', timeMs, symbol, refusal);
    if (side === held && !resized) return;
    if (working !== 0) {
      return this.#refuse('risk', timeMs, symbol, { kind: 'refused', code: 'order-working', value: working, limit: 0 });
    }
    this.#propose(symbol, timeMs, side, signal);
  }

  #propose(symbol: number, timeMs: number, side: number, signal: Signal): void {
    const lane = this.#lanes[symbol]!;
    const { view, series, working } = lane;
    const price = series.bars.close[series.last]!;
    const share = Math.abs(signal.target ?? 1);
    // A share of all-in is sized at the decision: only the whole is what is there at the fill.
    const atFill = side !== 0 && this.#sizer.atFill && share === 1 && side * this.portfolio.quantity[symbol]! <= 0;
    const units = side === 0 ? 0 : this.#sizer.units({ signal, view, equity: this.portfolio.equity, price });
    this.#order({ timeMs, symbol, targetUnits: side * (share === 1 ? units : share * units), atFill, price });
    if (lane.working !== working) lane.share = share;
  }

  #order(proposal: Parameters<RiskManager['assess']>[0]): void {
    const { symbol, timeMs } = proposal;
    if (this.#guard !== null && proposal.targetUnits !== 0) {
      const limit = this.#guard.barsNeeded;
      const value = this.#lanes[symbol]!.view.length;
      // Nothing opens that could not be protected as was asked.
      if (value < limit)
        return this.#refuse('risk', timeMs, symbol, { kind: 'refused', code: 'no-protection', value, limit });
    }
    const decided = this.risk.assess(proposal);
    if (decided.kind === 'refused') return this.#refuse('risk', timeMs, symbol, decided);
    const lane = this.#lanes[symbol]!;
    lane.working = decided.sequence;
    lane.reducing = decided.reduces;
    lane.lastOrderBar = lane.view.length;
    if (this.#guard !== null) this.#uncover(symbol, timeMs);
    this.#emit(decided);
  }

  #refuse(stage: RefusalEffect['stage'], timeMs: number, symbol: number, refusal: RefusedOrder): void {
    const { code, value, limit } = refusal;
    this.#emit({ kind: 'refusal', timeMs, symbol, stage, code, value, limit });
  }

  #onFill(fill: Fill): void {
    if (!this.#orders.applyFill(fill.sequence, fill.final)) return this.#unexpected(fill);
    if (this.#listens) this.#lanes[fill.symbol]!.strategy.onFill?.(fill);
    // The path of a session without protection stays small: orders are 12 % slower otherwise.
    if (this.#guard !== null) return this.#onGuardedFill(fill, this.#guard);
    this.portfolio.book(fill, 0);
    this.#emit(fill);
    if (fill.final) this.#finish(fill.sequence);
  }

  /** A protective order that is filled ends its group by itself; any other fill changes what is to be protected. */
  #onGuardedFill(fill: Fill, guard: PositionGuard): void {
    const { symbol, sequence, timeMs, final } = fill;
    this.portfolio.book(fill, guard.exitOf(symbol, sequence));
    this.#emit(fill);
    if (final) this.#finish(sequence);
    if (guard.has(symbol, sequence)) {
      if (final) guard.take(symbol);
      return;
    }
    const { working, reducing } = this.#lanes[symbol]!;
    // What an exit still has to sell is not offered a second time.
    if (working === 0 || !reducing) this.#cover(symbol, timeMs);
  }

  /** Places the orders that protect the position of `symbol`, in place of those that did. */
  #cover(symbol: number, timeMs: number): void {
    const guard = this.#guard!;
    this.#uncover(symbol, timeMs);
    const position = this.portfolio.quantity[symbol]!;
    if (position === 0) return;
    for (const terms of guard.terms(symbol, position, this.portfolio.averagePrice[symbol]!)) {
      const decided = this.risk.protect(timeMs, symbol, terms);
      if (decided.kind === 'refused') {
        this.#refuse('risk', timeMs, symbol, decided);
        continue;
      }
      const { sequence } = decided;
      guard.add(symbol, sequence, terms.role);
      this.#emit(decided);
      this.#emit({ kind: 'terms', timeMs, symbol, sequence, ...decided.terms! });
    }
  }

  #uncover(symbol: number, timeMs: number): void {
    for (const sequence of this.#guard!.take(symbol)) this.#emit({ kind: 'cancel', timeMs, symbol, sequence });
  }

  #onUpdate(update: OrderUpdate): void {
    const { sequence, timeMs, code, value, limit } = update;
    if (!this.#orders.apply(sequence, update.state)) return this.#unexpected(update);
    this.#emit(update);
    if (code !== null) {
      this.#refuse('broker', timeMs, this.#orders.symbolOf(sequence), { kind: 'refused', code, value, limit });
    }
    if (!this.#orders.isFinal(sequence)) return;
    const symbol = this.#orders.symbolOf(sequence);
    const ended = this.#lanes[symbol]!.working === sequence;
    this.#finish(sequence);
    this.#guard?.drop(symbol, sequence);
    // An exit that came to nothing leaves a position; at the end of the session nothing is placed any more.
    if (ended && code !== 'expired' && this.#guard?.isBare(symbol) === true) this.#cover(symbol, timeMs);
  }

  /** Recorded only where there is a position; otherwise it has no effect. */
  #onAction(event: CorporateActionEvent): void {
    const { symbol } = event;
    const held = this.portfolio.quantity[symbol] !== 0;
    const cash = this.portfolio.takeAction(event);
    if (held) this.#emit({ ...event, quantity: this.portfolio.quantity[symbol]!, cash });
  }

  #finish(sequence: number): void {
    const symbol = this.#orders.symbolOf(sequence);
    const lane = this.#lanes[symbol]!;
    if (lane.working !== sequence) return;
    lane.working = 0;
    this.risk.release(symbol);
  }

  /** A report that the order's state does not allow changes nothing but is recorded. */
  #unexpected({ sequence, timeMs }: Fill | OrderUpdate): void {
    const known = sequence >= 1 && sequence <= this.#orders.count;
    const symbol = known ? this.#orders.symbolOf(sequence) : 0;
    this.#refuse('broker', timeMs, symbol, { kind: 'refused', code: 'order-state', value: sequence, limit: 0 });
  }

  #onCommand(command: Command): void {
    this.#emit(this.risk.state.onCommand(command));
    const { timeMs } = command;
    if (command.command === 'reduce' || command.command === 'flatten') {
      this.#lanes.forEach(({ working }, symbol) => {
        if (working !== 0) this.#emit({ kind: 'cancel', timeMs, symbol, sequence: working });
      });
    }
    if (command.command === 'flatten') this.#flatten(timeMs);
  }

  /** Orders to close whatever is open and has no order yet; repeated at every close until all is flat. */
  #flatten(timeMs: number): void {
    const { open, price } = this.portfolio;
    for (let at = 0; at < open.count; at++) {
      const symbol = open.symbols[at]!;
      if (this.#lanes[symbol]!.working !== 0) continue;
      this.#order({ timeMs, symbol, targetUnits: 0, atFill: false, price: price[symbol]! });
    }
  }
}
