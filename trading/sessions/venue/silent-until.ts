import { HOLD, type Strategy, type SymbolStrategy } from '../../strategies/strategy.ts';

/**
 * The same strategy, which sees the bars that close until `untilMs` and says HOLD to them: what it remembers is there
 * when it begins to trade, and nothing of the past is traded. Only for one that places no orders by itself.
 */
export function silentUntil(strategy: Strategy, untilMs: number): Strategy {
  const silent = (inner: SymbolStrategy): SymbolStrategy => {
    if (inner.orders !== undefined) throw new Error(`${strategy.name} places orders: it cannot be kept silent`);
    return {
      decide: (view) => {
        const signal = inner.decide(view);
        return view.closeTimeMs() <= untilMs ? HOLD : signal;
      },
      onFill: (fill) => inner.onFill?.(fill),
      ...(inner.save === undefined ? {} : { save: () => inner.save!(), restore: (state) => inner.restore!(state) }),
    };
  };
  const { forSession } = strategy;
  return {
    name: strategy.name,
    parameters: strategy.parameters,
    forSymbol: (symbol) => silent(strategy.forSymbol(symbol)),
    ...(forSession === undefined
      ? {}
      : {
          forSession: (views) => {
            const session = forSession.call(strategy, views);
            return {
              symbols: session.symbols.map(silent),
              failure: () => session.failure?.() ?? null,
              notes: () => session.notes?.() ?? [],
              end: () => session.end?.(),
              ...(session.save === undefined
                ? {}
                : { save: () => session.save!(), restore: (state) => session.restore!(state) }),
            };
          },
        }),
  };
}
