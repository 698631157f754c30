import type { BarColumns } from '../../../features/bar.ts';
import { BarView, type BarSeries } from '../../../trading/bar-view.ts';
import { HOLD, type Signal, type Strategy } from '../../../trading/strategies/strategy.ts';
import type { WalkWindow } from './walk-windows.ts';

/** What a window chose; null where nothing could be chosen, and then it holds. */
export interface ChosenRule {
  readonly window: WalkWindow;
  readonly strategy: Strategy | null;
}

/** The signals of a symbol by close. */
export type SignalsByClose = ReadonlyMap<number, Signal>;

/**
 * What each window's choice says over its test, bar by bar. It has seen every bar before, as it would have live, so
 * that its averages are warm; nothing it said before its test counts.
 */
export function walkedSignals(bars: BarColumns, chosen: readonly ChosenRule[]): SignalsByClose {
  const signals = new Map<number, Signal>();
  for (const { window, strategy } of chosen) {
    if (strategy === null) continue;
    const rule = strategy.forSymbol(bars.symbol);
    const series: BarSeries = { bars, last: -1 };
    const view = new BarView(series);
    for (let row = 0; row < bars.length && bars.closeTimeMs[row]! <= window.testToMs; row++) {
      series.last = row;
      const signal = rule.decide(view);
      const close = bars.closeTimeMs[row]!;
      if (close >= window.testFromMs && signal.action !== 'HOLD') signals.set(close, signal);
    }
  }
  return signals;
}

/**
 * Says what was worked out for each close. Over the bars of all tests it is one session in which parameters change from
 * window to window, and a position is kept until the parameters in charge say otherwise.
 */
export function walkedStrategy(
  name: string,
  signals: ReadonlyMap<string, SignalsByClose>,
  parameters: Strategy['parameters'] = {},
): Strategy {
  return {
    name,
    parameters,
    forSymbol: (symbol) => {
      const own = signals.get(symbol);
      return { decide: (view) => own?.get(view.closeTimeMs()) ?? HOLD };
    },
  };
}
