import { InputError } from '../../../infra/errors.ts';
import type { ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
import type { MarketHours } from '../../../features/timeframe.ts';
import type { BarView } from '../../bar-view.ts';
import type { OrderOwner } from '../../orders/order-owner.ts';
import type { RefusedOrder } from '../../orders/approved-order.ts';
import type { StrategyLimits } from '../../portfolio/strategy-limits.ts';
import type { SubLedger } from '../../portfolio/sub-ledgers.ts';
import type { HeardFill, OrderBook, Signal, StrategyAction, StrategySession } from '../strategy.ts';
import { fromPlain, toPlain } from '../../plain-values.ts';
import type { Json } from '../memory.ts';
import { restoreStrategies, saveStrategies, type SavedStrategies } from '../../engine/state/saved-strategies.ts';
import { LongerBars } from './longer-bars.ts';
import type { OwnedStrategy } from './owned-strategy.ts';

/** What a strategy has to do with one symbol. */
interface OwnedSymbol {
  /** Position among the symbols that it is shown. */
  readonly place: number;
  readonly view: BarView;
  readonly longer: LongerBars | null;
  /** What it said at the longer bars that closed at this moment. */
  said: Signal[];
  share: number;
  lastOrderBar: number;
  /** What was asked for last, until it is seen whether it was approved. */
  asked: { readonly share: number; readonly bar: number; readonly newest: number } | null;
}

interface AllocatedState {
  readonly orders: number;
  readonly symbols: readonly (Pick<OwnedSymbol, 'share' | 'lastOrderBar' | 'asked'> | null)[];
  readonly strategies: SavedStrategies;
}

/** One of the strategies of an account in one session: its decision makers, and what it has asked for. */
export class AllocatedStrategy {
  readonly at: number;
  readonly owner: OrderOwner;
  readonly session: StrategySession;
  readonly limits: StrategyLimits;
  readonly execution: ExecutionRules | undefined;
  /** By symbol of the account; null where it is not shown that symbol. */
  readonly #symbols: readonly (OwnedSymbol | null)[];
  #orders = 0;

  /** @throws InputError for a symbol that there is not, and what making the strategy throws. */
  constructor(
    { name, strategy, symbols: wanted, timeframe, limits, execution }: OwnedStrategy,
    { at, views, hours }: { at: number; views: readonly BarView[]; hours: MarketHours | null },
  ) {
    this.at = at;
    this.owner = Object.freeze({ number: at + 1, name });
    this.limits = limits;
    this.execution = execution;
    const strange = wanted?.find((symbol) => views.every((view) => view.symbol !== symbol));
    if (strange !== undefined) {
      throw new InputError(`${name} is to trade ${strange}, which the session has no bars of`, 'Correct its symbols.');
    }
    let shown = 0;
    this.#symbols = views.map((view) => {
      if (wanted?.includes(view.symbol) === false) return null;
      const longer = timeframe === undefined ? null : new LongerBars(view, timeframe, hours);
      const none = { said: [], share: 1, lastOrderBar: -Infinity, asked: null };
      return { place: shown++, view: longer?.view ?? view, longer, ...none };
    });
    const own = this.#symbols.flatMap((one) => (one === null ? [] : [one.view]));
    this.session = strategy.forSession?.(own) ?? { symbols: own.map(({ symbol }) => strategy.forSymbol(symbol)) };
  }

  /** Shows the longer bars that have closed, all symbols of one together, and asks about each. */
  take(): void {
    for (const one of this.#symbols) {
      if (one !== null) one.said = [];
      one?.longer?.take();
    }
    for (;;) {
      const shown = this.#symbols.filter((one) => one?.longer?.show() === true) as OwnedSymbol[];
      if (shown.length === 0) return;
      for (const one of shown) one.said.push(this.session.symbols[one.place]!.decide(one.view));
    }
  }

  /** What it says of a symbol whose bar has closed. */
  signals(symbol: number): readonly Signal[] {
    const one = this.#symbols[symbol]!;
    if (one === null) return [];
    return one.longer === null ? [this.session.symbols[one.place]!.decide(one.view)] : one.said;
  }

  /** What it does with orders of its own in a symbol whose bar has closed, by a book that shows its part alone. */
  orders(symbol: number, book: OrderBook): readonly StrategyAction[] | RefusedOrder {
    const one = this.#symbols[symbol]!;
    if (one === null || (one.longer !== null && one.said.length === 0)) return [];
    return this.session.symbols[one.place]!.orders?.(one.view, book) ?? [];
  }

  hear(symbol: number, fill: HeardFill): void {
    const one = this.#symbols[symbol]!;
    if (one !== null) this.session.symbols[one.place]!.onFill?.(fill);
  }

  /** Share of a full position that the last order was for. */
  share(symbol: number): number {
    return this.#symbols[symbol]!.share;
  }

  /** A target that is said again brings the position back to it. */
  resizes(symbol: number): boolean {
    return this.session.symbols[this.#symbols[symbol]!.place]!.resizes === true;
  }

  barsSinceOrder(symbol: number): number {
    const { view, lastOrderBar } = this.#symbols[symbol]!;
    return view.length - lastOrderBar;
  }

  /** Whole bars, of its own, between the newest one and the event. */
  lateBars(symbol: number, { timeMs, lateBars }: Pick<OrderBook, 'timeMs' | 'lateBars'>): number {
    const { longer, view } = this.#symbols[symbol]!;
    if (longer === null) return lateBars;
    return Math.floor((timeMs - view.closeTimeMs()) / (view.closeTimeMs() - view.openTimeMs()));
  }

  /** It asks for an order now; whether it was approved shows in its part of the account. */
  asks(symbol: number, { newest }: SubLedger, share: number): void {
    this.#orders += 1;
    const one = this.#symbols[symbol]!;
    one.asked = { share, bar: one.view.length, newest: newest[symbol]! };
  }

  /** Takes note of the last order that was asked for, where it was approved. */
  settle(symbol: number, { newest }: SubLedger): void {
    const one = this.#symbols[symbol]!;
    const { asked } = one;
    if (asked === null) return;
    one.asked = null;
    if (newest[symbol] === asked.newest) return;
    one.share = asked.share;
    one.lastOrderBar = asked.bar;
  }

  /** Goes on with what another of the same symbols and timeframe, whose views end where its own do, has asked for. */
  succeed(other: AllocatedStrategy): void {
    this.#orders = other.#orders;
    this.#symbols.forEach((one, symbol) => {
      if (one === null) return;
      const { share, lastOrderBar, asked } = other.#symbols[symbol]!;
      Object.assign(one, { share, lastOrderBar, asked });
    });
  }

  /** What the next order that it asks for is called. */
  get nextLabel(): string {
    return `${this.owner.number}/${this.#orders + 1}`;
  }

  /** What it has asked for and what its decision makers remember; null where one of them cannot tell. */
  save(): Json | null {
    const strategies = saveStrategies(this.session, this.session.symbols);
    if (strategies === null) return null;
    const symbols = this.#symbols.map((one) => {
      return one === null ? null : { share: one.share, lastOrderBar: one.lastOrderBar, asked: one.asked };
    });
    return toPlain({ orders: this.#orders, symbols, strategies }) as Json;
  }

  /** Takes up what one of the same options has saved, where the views ended. */
  restore(state: Json): void {
    const { orders, symbols, strategies } = fromPlain(state) as AllocatedState;
    this.#orders = orders;
    this.#symbols.forEach((one, at) => {
      if (one === null) return;
      Object.assign(one, symbols[at]);
      one.longer?.restore();
    });
    restoreStrategies(this.session, this.session.symbols, strategies);
  }
}
