import type { BarView } from '../bar-view.ts';
import { HOLD, ruleSignal, type Signal, type SymbolStrategy } from '../strategy.ts';

/**
 * Acts when a difference crosses zero: the previous bar was at or beyond the other side and this bar is strictly beyond.
 * NaN means warming up: neither bar of a cross may be one.
 * @param words what crosses what, for the reasons: `SMA(10)` and `SMA(30)`
 */
export function crossStrategy(words: readonly [string, string], difference: (view: BarView) => number): SymbolStrategy {
  const buy = ruleSignal('BUY', `${words[0]} crossed above ${words[1]}`);
  const sell = ruleSignal('SELL', `${words[0]} crossed below ${words[1]}`);
  let previous = NaN;
  return {
    decide(view): Signal {
      const now = difference(view);
      const before = previous;
      previous = now;
      if (now > 0 && before <= 0) return buy;
      if (now < 0 && before >= 0) return sell;
      return HOLD;
    },
  };
}
