import type { MarketHours } from '../../../features/timeframe.ts';
import type { BarView } from '../../bar-view.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import { onlyCloses, signalOrder } from '../../orders/signal-order.ts';
import { leadsTo } from '../../execution/slicing/parent-order.ts';
import { LIMIT_SLACK } from '../../portfolio/strategy-limits.ts';
import { SubLedgers, type SharedAccount, type SubLedger } from '../../portfolio/sub-ledgers.ts';
import type { Sizer } from '../../risk/sizing.ts';
import { Wanted } from '../../signals/wanted.ts';
import { SignalGate } from '../../signals/signal-gate.ts';
import type { SignalRules } from '../../signals/signal-validator.ts';
import {
  HOLD,
  type OrderBook,
  type Signal,
  type StrategyAction,
  type StrategySession,
  type SymbolStrategy,
} from '../strategy.ts';
import { fromPlain, toPlain } from '../../plain-values.ts';
import type { Json } from '../memory.ts';
import { AllocatedStrategy } from './allocated-strategy.ts';
import { ownBook, ownedAction } from './own-actions.ts';
import type { OwnedStrategy, Rebalanced } from './owned-strategy.ts';
import { SIZER, type Silence } from '../own/silence.ts';
import { periodOf } from './rebalance-period.ts';

export interface AllocatedOptions {
  readonly strategies: readonly OwnedStrategy[];
  /** Made for each session: a user's file counts what was refused in it. */
  readonly sizer: () => Sizer;
  readonly rules: SignalRules;
  /** Trading day of a close. Default: all are of one day. */
  readonly dayOf?: ((closeTimeMs: number) => number) | undefined;
  readonly rebalanced: Rebalanced;
  /** Of the market, for longer bars; null counts in UTC. */
  readonly hours: MarketHours | null;
}

/**
 * Several strategies on one account in one session. Each is asked at the closes of its symbols, in the order of the
 * experiment; its signals are judged, sized by what its own part of the account is worth, held against its own limits,
 * and become orders of its own, which risk assesses for the account like any other. One that places orders by itself is
 * shown its own part, and risk holds its orders to that and to its limits. Opposite orders of two strategies are both
 * sent and both pay (`both-sent`): nothing crosses inside at a price that no market gave.
 */
export class AllocatedSession implements StrategySession {
  readonly symbols: readonly SymbolStrategy[];
  readonly #options: AllocatedOptions;
  readonly #views: readonly BarView[];
  readonly #strategies: readonly AllocatedStrategy[];
  /** What the signal in hand wants of its strategy's part. */
  readonly #asked = new Wanted();
  #gate: SignalGate;
  #sizer: Sizer;
  #shares: SubLedgers | null = null;
  #account: SharedAccount | null = null;
  /** Close of the moment in hand, and the period of it between two rebalancings. */
  #momentMs = -Infinity;
  #period = NaN;
  /** Strategies that do not answer any more. */
  #silences: readonly Silence[] = [];

  constructor(options: AllocatedOptions, views: readonly BarView[]) {
    this.#options = options;
    this.#views = views;
    const { rules, sizer, dayOf = () => 0 } = options;
    this.#sizer = sizer();
    this.#gate = new SignalGate(rules, { places: options.strategies.length * views.length, dayOf });
    this.#strategies = options.strategies.map(
      (one, at) => new AllocatedStrategy(one, { at, views, hours: options.hours }),
    );
    this.symbols = views.map((_, symbol) => ({
      decide: () => HOLD,
      orders: (_view, book) => this.#orders(symbol, book),
      onFill: (fill) => {
        const owner = this.#shares!.ownerOf(fill.sequence ?? 0);
        if (owner !== undefined) this.#strategies[owner.number - 1]!.hear(symbol, fill);
      },
    }));
  }

  get placesOrders(): boolean {
    return this.#strategies.some(({ session }) => session.symbols.some(({ orders }) => orders !== undefined));
  }

  begin(account: SharedAccount): SubLedgers {
    this.#account = account;
    const allocations = this.#allocations;
    this.#shares = new SubLedgers(
      account,
      this.#strategies.map(({ owner, limits, at }) => ({ owner, limits, allocation: allocations[at]! })),
    );
    return this.#shares;
  }

  failure(): Error | null {
    for (const { session } of this.#strategies) {
      const failure = session.failure?.() ?? null;
      if (failure !== null) return failure;
    }
    return this.#sizer.failure?.() ?? null;
  }

  silences(): readonly Silence[] {
    return this.#silences;
  }

  expect(known: readonly Silence[]): void {
    for (const { owner, session } of this.#strategies) {
      session.expect?.(known.filter(({ by }) => by === owner.number).map((one) => ({ ...one, by: 0 })));
    }
    this.#sizer.expect?.(known.filter(({ by }) => by === SIZER));
  }

  notes(): readonly string[] {
    const told = this.#strategies.flatMap(({ owner, session }) =>
      (session.notes?.() ?? []).map((note) => `${owner.name}: ${note}`),
    );
    return [...told, ...(this.#sizer.notes?.() ?? [])];
  }

  save(): Json | null {
    const strategies = this.#strategies.map((strategy) => strategy.save());
    if (strategies.some((one) => one === null)) return null;
    const sizer = this.#sizer.save?.() ?? null;
    return {
      ...(toPlain({ momentMs: this.#momentMs, period: this.#period }) as object),
      strategies,
      sizer,
      gate: this.#gate.save(),
    } as Json;
  }

  restore(state: Json): void {
    const { momentMs, period, strategies, sizer, gate } = state as { readonly [key: string]: Json };
    this.#momentMs = fromPlain(momentMs!) as number;
    this.#period = fromPlain(period!) as number;
    this.#strategies.forEach((strategy, at) => strategy.restore((strategies as Json[])[at]!));
    this.#silences = this.#strategies.flatMap(({ owner, session }) =>
      (session.silences?.() ?? []).map((one) => ({ ...one, by: owner.number })),
    );
    this.#gate.restore(gate!);
    if (sizer !== null) this.#sizer.restore?.(sizer!);
  }

  watch(symbol: number, timeMs: number): void {
    if (timeMs !== this.#momentMs) this.#show(timeMs);
    for (const strategy of this.#strategies) strategy.signals(symbol);
  }

  succeed(other: StrategySession): void {
    if (!(other instanceof AllocatedSession)) throw new TypeError('parts of an account go on with strategies alike');
    this.#account = other.#account;
    this.#shares = other.#shares;
    this.#period = other.#period;
    this.#gate = other.#gate;
    // It has notes of its own, which are told once.
    [this.#sizer, other.#sizer] = [other.#sizer, this.#sizer];
    this.#strategies.forEach((strategy, at) => strategy.succeed(other.#strategies[at]!));
  }

  end(): void {
    for (const { session } of this.#strategies) session.end?.();
  }

  get #allocations(): readonly number[] {
    return this.#options.strategies.map(({ allocation }) => allocation);
  }

  #orders(symbol: number, book: OrderBook): readonly StrategyAction[] {
    if (book.timeMs !== this.#momentMs) this.#begin(book.timeMs);
    const actions: StrategyAction[] = [];
    for (const strategy of this.#strategies) {
      const at = { strategy, symbol, book: this.#bookOf(strategy, symbol, book), all: book, actions };
      for (const said of strategy.signals(symbol)) this.#hear(at, said);
      const own = strategy.orders(symbol, at.book);
      if ('kind' in own) this.#fault(at, own, 'risk');
      else for (const action of own) actions.push(ownedAction(strategy.owner, action));
    }
    return actions;
  }

  #bookOf(strategy: AllocatedStrategy, symbol: number, book: OrderBook): OrderBook {
    const part = this.#shares!.parts[strategy.at]!;
    return ownBook(strategy.owner, part, { symbol, book, lateBars: () => strategy.lateBars(symbol, book) });
  }

  /** A moment at which bars have closed: cash moves where a period is over, and longer bars are shown. */
  #begin(timeMs: number): void {
    this.#show(timeMs);
    const period = periodOf(this.#options.rebalanced, timeMs);
    if (this.#period === this.#period && period !== this.#period) this.#shares!.rebalance(this.#allocations);
    this.#period = period;
    this.#shares!.mark();
  }

  #show(timeMs: number): void {
    this.#momentMs = timeMs;
    for (const strategy of this.#strategies) strategy.take();
  }

  #hear(at: Heard, signal: Signal): void {
    const { strategy, symbol, actions } = at;
    if (signal === HOLD) return;
    const own = { ...signal, reason: `${strategy.owner.name}: ${signal.reason}` };
    actions.push({ do: 'say', owner: strategy.owner, signal: own });
    if (signal.unfit === true) return refuse(at, 'signal', refused('model-unfit'));
    if (signal.fault !== undefined) return this.#fault(at, signal.fault, 'signal');
    if (signal.action === 'HOLD') return;
    const part = this.#shares!.parts[strategy.at]!;
    strategy.settle(symbol, part);
    const { rules } = this.#options;
    const wanted = this.#asked;
    wanted.resizes = strategy.resizes(symbol);
    wanted.hear(signal, strategy.share(symbol), part.quantity[symbol]!, rules.longShort);
    const refusal = this.#gate.refusal(signal, {
      place: strategy.at * this.#views.length + symbol,
      symbol: this.#views[symbol]!.symbol,
      timeMs: at.book.timeMs,
      lateBars: at.book.lateBars,
      barsSinceOrder: strategy.barsSinceOrder(symbol),
      opens: wanted.opens,
    });
    if (refusal !== null) return refuse(at, 'signal', refusal);
    if (this.#meets(at, signal, wanted.side) || wanted.keeps) return;
    const working = part.working[symbol]!;
    if (working !== 0 || at.book.working.length > 0) return refuse(at, 'risk', refused('order-working', working));
    this.#propose(at, signal, wanted.side);
  }

  #fault(at: Heard, fault: RefusedOrder, stage: 'signal' | 'risk'): void {
    const { code, value: waitedMs, limit: asked } = fault;
    if (code === 'strategy-silent') {
      this.#silences = [...this.#silences, { by: at.strategy.owner.number, asked, waitedMs }];
    }
    refuse(at, stage, fault);
  }

  /** What the order of its last signal that is executed in parts becomes by this one; false where there is none. */
  #meets(at: Heard, signal: Signal, side: number): boolean {
    const { strategy, symbol, actions } = at;
    const { owner, execution } = strategy;
    const of = at.all.working.find(
      ({ request, parent }) => parent !== undefined && request.owner?.number === owner.number,
    );
    if (of?.parent === undefined) return false;
    const part = this.#shares!.parts[strategy.at]!;
    const position = part.quantity[symbol]!;
    if (side === leadsTo(of.parent, position)) {
      refuse(at, 'risk', refused('parent-working', of.parent.number));
      return true;
    }
    const targetUnits = this.#sized(at, signal, { side, works: true });
    let next = null;
    if (targetUnits !== null) {
      const { timeMs } = at.book;
      const price = this.#account!.price[symbol]!;
      next = { timeMs, symbol, targetUnits, atFill: false, price, label: strategy.nextLabel, execution };
      strategy.asks(symbol, part, Math.abs(signal.target ?? 1));
    }
    actions.push({ do: 'replace', label: of.request.label, next });
    return true;
  }

  #propose(at: Heard, signal: Signal, side: number): void {
    const { strategy, symbol } = at;
    const part = this.#shares!.parts[strategy.at]!;
    const target = this.#sized(at, signal, { side, works: false });
    if (target === null) return;
    const [held, lots] = [part.quantity[symbol]!, this.#account!.lots[symbol]!];
    const { owner, execution: rules } = strategy;
    const order = signalOrder(owner, strategy.nextLabel, { held, target, rules, lots });
    if (order === null) return;
    strategy.asks(symbol, part, Math.abs(signal.target ?? 1));
    at.actions.push(order);
  }

  /**
   * Units, signed, that a signal's strategy is to hold of a symbol; null where what it holds is to stay, which may
   * change as long as an order of its `works`.
   */
  #sized(at: Heard, signal: Signal, { side, works }: { side: number; works: boolean }): number | null {
    const { strategy, symbol } = at;
    const sizer = this.#sizer;
    const part = this.#shares!.parts[strategy.at]!;
    const price = this.#account!.price[symbol]!;
    const share = Math.abs(signal.target ?? 1);
    const equity = this.#shares!.equityOf(part);
    const units = side === 0 ? 0 : share * sizer.units({ signal, view: this.#views[symbol]!, equity, price });
    const silent = side === 0 ? null : (sizer.silent?.() ?? null);
    if (silent !== null) refuse(at, 'risk', silent);
    // What is held of the other side still closes.
    if (silent !== null && part.quantity[symbol]! * side >= 0) return null;
    const target = silent === null ? side * units : 0;
    const found = this.#wanted(at, part, { target, price, equity, works });
    if (found.refusal !== null) refuse(at, 'risk', found.refusal);
    return found.target;
  }

  /** The target on the lot, signed, or null; one that is refused still closes what is held of the other side. */
  #wanted(
    { strategy, symbol }: Heard,
    part: SubLedger,
    { target, price, equity, works }: { target: number; price: number; equity: number; works: boolean },
  ): { readonly target: number | null; readonly refusal: RefusedOrder | null } {
    const position = part.quantity[symbol]!;
    const lots = this.#account!.lots[symbol]!;
    const only = (refusal: RefusedOrder): { target: number | null; refusal: RefusedOrder } => ({
      target: position * target < 0 ? 0 : null,
      refusal,
    });
    if (!Number.isFinite(target) || !(price > 0)) return { target: null, refusal: refused('not-finite') };
    if (onlyCloses(position, target)) {
      const asked = Math.abs(target - position);
      if (works || asked === 0 || lots.nearest(target - position) !== 0) return { target, refusal: null };
      return { target: null, refusal: refused('below-lot', asked, lots.step) };
    }
    if (!(equity > 0)) return only(refused('no-equity', equity));
    const size = lots.floor(Math.abs(target));
    const isThere = !works && size <= position * Math.sign(target);
    if (size === 0 || isThere) return only(refused('below-lot', Math.abs(target), lots.step));
    const { positionFraction, exposureFraction } = strategy.limits;
    const held = (size * price) / equity;
    if (held > positionFraction * LIMIT_SLACK) return only(refused('strategy-position', held, positionFraction));
    const exposure = held + this.#shares!.exposureBeside(part, symbol) / equity;
    if (exposure > exposureFraction * LIMIT_SLACK)
      return only(refused('strategy-exposure', exposure, exposureFraction));
    return { target: Math.sign(target) * size, refusal: null };
  }
}

/** What one strategy said of a symbol, and the list that takes what comes of it. */
interface Heard {
  readonly strategy: AllocatedStrategy;
  readonly symbol: number;
  /** Of the strategy's own part. */
  readonly book: OrderBook;
  /** Of the account. */
  readonly all: OrderBook;
  readonly actions: StrategyAction[];
}

function refuse({ actions }: Heard, stage: 'signal' | 'risk', refusal: RefusedOrder): void {
  actions.push({ do: 'refuse', stage, refusal });
}
