import { HOLD, type Strategy, type StrategySession, type SymbolStrategy } from '../../strategies/strategy.ts';

/**
 * The same strategy, which sees the bars that close until `untilMs`, and whose words about them count for nothing: what
 * it remembers is there when it begins to trade, and nothing of the past is traded, neither by signals nor by orders of
 * its own.
 */
export function silentUntil(strategy: Strategy, untilMs: number): Strategy {
  const silent = (inner: SymbolStrategy): SymbolStrategy => ({
    decide: (view) => {
      const signal = inner.decide(view);
      return view.closeTimeMs() <= untilMs ? HOLD : signal;
    },
    onFill: (fill) => inner.onFill?.(fill),
    ...(inner.resizes === undefined ? {} : { resizes: inner.resizes }),
    ...(inner.save === undefined ? {} : { save: () => inner.save!(), restore: (state) => inner.restore!(state) }),
    ...(inner.orders === undefined
      ? {}
      : {
          orders: (view, book) => {
            const actions = inner.orders!(view, book);
            return view.closeTimeMs() <= untilMs ? [] : actions;
          },
        }),
  });
  const { forSession } = strategy;
  return {
    name: strategy.name,
    parameters: strategy.parameters,
    forSymbol: (symbol) => silent(strategy.forSymbol(symbol)),
    ...(forSession === undefined
      ? {}
      : { forSession: (views) => silentSession(forSession.call(strategy, views), silent) }),
  };
}

/** Each of its methods by name: a session may be an object of a class, of which a copy has none. */
function silentSession(session: StrategySession, silent: (inner: SymbolStrategy) => SymbolStrategy): StrategySession {
  return {
    symbols: session.symbols.map(silent),
    ...(session.placesOrders === undefined ? {} : { placesOrders: session.placesOrders }),
    ...(session.begin === undefined ? {} : { begin: (account) => session.begin!(account) }),
    failure: () => session.failure?.() ?? null,
    silences: () => session.silences?.() ?? [],
    expect: (known) => session.expect?.(known),
    notes: () => session.notes?.() ?? [],
    end: () => session.end?.(),
    ...(session.save === undefined ? {} : { save: () => session.save!(), restore: (state) => session.restore!(state) }),
  };
}
