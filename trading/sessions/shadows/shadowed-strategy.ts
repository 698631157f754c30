import type { BarView } from '../../bar-view.ts';
import type { Signal, Strategy, StrategySession, SymbolStrategy } from '../../strategies/strategy.ts';
import type { ShadowSignal } from './shadow-store.ts';

/** A model or a strategy that runs beside a session's own. */
export interface Shadow {
  readonly name: string;
  readonly strategy: Strategy;
}

export interface ShadowedOptions {
  readonly symbols: readonly string[];
  readonly shadows: readonly Shadow[];
  /** Bars that close until then only warm shadows up. */
  readonly untilMs: number;
  readonly record: (signal: ShadowSignal) => void;
  readonly note: (text: string) => void;
}

/**
 * The same strategy, beside which shadows are asked at each close, after it. What they say is recorded where one of the
 * two asks for something, and goes nowhere else. One that fails is left out from then on, and said to be: it never
 * touches the session.
 */
export function shadowed(strategy: Strategy, options: ShadowedOptions): Strategy {
  return {
    name: strategy.name,
    parameters: strategy.parameters,
    forSymbol: (symbol) => strategy.forSymbol(symbol),
    forSession: (views) => {
      const own = sessionOf(strategy, views, options.symbols);
      const shadows = options.shadows.flatMap((shadow) => startShadow(shadow, views, options));
      const symbols = own.symbols.map((inner, at) => new ShadowedSymbol(inner, at, { ...options, running: shadows }));
      return {
        symbols: symbols.map((one) => one.asStrategy()),
        ...(own.begin === undefined ? {} : { begin: (account) => own.begin!(account) }),
        ...(own.failure === undefined ? {} : { failure: () => own.failure!() }),
        ...(own.silences === undefined ? {} : { silences: () => own.silences!() }),
        ...(own.expect === undefined ? {} : { expect: (known) => own.expect!(known) }),
        ...(own.notes === undefined ? {} : { notes: () => own.notes!() }),
        ...(own.end === undefined ? {} : { end: () => own.end!() }),
      };
    },
  };
}

function sessionOf(strategy: Strategy, views: readonly BarView[], symbols: readonly string[]): StrategySession {
  return strategy.forSession?.(views) ?? { symbols: symbols.map((symbol) => strategy.forSymbol(symbol)) };
}

interface RunningShadow {
  readonly name: string;
  readonly symbols: readonly SymbolStrategy[];
  failed: boolean;
}

function startShadow({ name, strategy }: Shadow, views: readonly BarView[], options: ShadowedOptions): RunningShadow[] {
  try {
    return [{ name, symbols: sessionOf(strategy, views, options.symbols).symbols, failed: false }];
  } catch (error) {
    options.note(`shadow ${name} is left out: ${(error as Error).message}`);
    return [];
  }
}

class ShadowedSymbol {
  readonly #inner: SymbolStrategy;
  readonly #at: number;
  readonly #options: ShadowedOptions & { readonly running: readonly RunningShadow[] };

  constructor(
    inner: SymbolStrategy,
    at: number,
    options: ShadowedOptions & { readonly running: readonly RunningShadow[] },
  ) {
    this.#inner = inner;
    this.#at = at;
    this.#options = options;
  }

  /** Only what the inner one can do is offered. Shadows remember nothing over a restart: the bars are given again. */
  asStrategy(): SymbolStrategy {
    const inner = this.#inner;
    return {
      decide: (view) => this.#decide(view),
      onFill: (fill) => inner.onFill?.(fill),
      ...(inner.resizes === undefined ? {} : { resizes: inner.resizes }),
      ...(inner.orders === undefined ? {} : { orders: (view, book) => inner.orders!(view, book) }),
      ...(inner.save === undefined ? {} : { save: () => inner.save!() }),
      ...(inner.restore === undefined ? {} : { restore: (state) => inner.restore!(state) }),
    };
  }

  #decide(view: BarView): Signal {
    const said = this.#inner.decide(view);
    for (const shadow of this.#options.running) if (!shadow.failed) this.#ask(shadow, view, said);
    return said;
  }

  #ask(shadow: RunningShadow, view: BarView, own: Signal): void {
    const { untilMs, record, note, symbols } = this.#options;
    try {
      const signal = shadow.symbols[this.#at]!.decide(view);
      const timeMs = view.closeTimeMs();
      if (timeMs <= untilMs || signal.fault !== undefined || signal.unfit === true) return;
      if (signal.action === 'HOLD' && own.action === 'HOLD') return;
      record({ shadow: shadow.name, timeMs, symbol: symbols[this.#at]!, signal, own: own.action });
    } catch (error) {
      shadow.failed = true;
      note(`shadow ${shadow.name} is left out from here on: ${(error as Error).message}`);
    }
  }
}
