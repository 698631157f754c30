import type { BarColumns } from '../../../features/bar.ts';
import { BarView } from '../../../trading/bar-view.ts';
import type { Strategy } from '../../../trading/strategies/strategy.ts';

/**
 * A view that goes on after its newest bar: -1 is the bar after it. For hunts alone: a session's view refuses that, and
 * a strategy that swallows the refusal looks innocent there.
 */
class OpenView extends BarView {
  readonly #shut: BarView;
  readonly #bars: BarColumns;

  constructor(shut: BarView, bars: BarColumns) {
    super({ bars, last: bars.length - 1 });
    this.#shut = shut;
    this.#bars = bars;
  }

  override get length(): number {
    return this.#shut.length;
  }

  override openTimeMs(barsAgo = 0): number {
    return this.#later('openTimeMs', barsAgo) ?? this.#shut.openTimeMs(barsAgo);
  }

  override closeTimeMs(barsAgo = 0): number {
    return this.#later('closeTimeMs', barsAgo) ?? this.#shut.closeTimeMs(barsAgo);
  }

  override open(barsAgo = 0): number {
    return this.#later('open', barsAgo) ?? this.#shut.open(barsAgo);
  }

  override high(barsAgo = 0): number {
    return this.#later('high', barsAgo) ?? this.#shut.high(barsAgo);
  }

  override low(barsAgo = 0): number {
    return this.#later('low', barsAgo) ?? this.#shut.low(barsAgo);
  }

  override close(barsAgo = 0): number {
    return this.#later('close', barsAgo) ?? this.#shut.close(barsAgo);
  }

  override volume(barsAgo = 0): number {
    return this.#later('volume', barsAgo) ?? this.#shut.volume(barsAgo);
  }

  #later(column: Exclude<keyof BarColumns, 'symbol' | 'length'>, barsAgo: number): number | undefined {
    return barsAgo < 0 ? this.#bars[column][this.#shut.length - 1 - barsAgo] : undefined;
  }
}

/** The strategy of a file, shown `bars` to their end: what it reads of the future it gets. */
export function withOpenViews(strategy: Strategy, bars: readonly BarColumns[]): Strategy {
  const { name, parameters, forSymbol, forSession } = strategy;
  return {
    name,
    parameters,
    forSymbol,
    forSession: (views) => {
      const open = views.map(
        (view) =>
          new OpenView(
            view,
            bars.find(({ symbol }) => symbol === view.symbol)!,
          ),
      );
      const session = forSession!.call(strategy, open);
      const symbols = session.symbols.map(({ decide, orders, onFill }, at) => ({
        decide: () => decide(open[at]!),
        ...(orders === undefined
          ? {}
          : { orders: (_: BarView, book: Parameters<typeof orders>[1]) => orders(open[at]!, book) }),
        ...(onFill === undefined ? {} : { onFill }),
      }));
      return { ...session, symbols, notes: () => session.notes?.() ?? [] };
    },
  };
}
