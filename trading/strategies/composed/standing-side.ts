import type { BarView } from '../../bar-view.ts';
import { ruleSignal, HOLD, type Signal, type SymbolStrategy } from '../strategy.ts';

/** The side that a rule stands on: 1 after a BUY, -1 after a SELL, 0 before either. */
export function standingSide(rule: SymbolStrategy): (view: BarView) => number {
  let side = 0;
  return (view) => {
    const { action } = rule.decide(view);
    if (action !== 'HOLD') side = action === 'BUY' ? 1 : -1;
    return side;
  };
}

/** Says a target once, where it differs from the one before; it begins flat. */
export function changedTarget(words: string): (target: number) => Signal {
  let said = 0;
  return (target) => {
    if (target === said || Number.isNaN(target)) return HOLD;
    said = target;
    return { ...ruleSignal(target > 0 ? 'BUY' : 'SELL', `${words}: target ${target.toFixed(2)}`), target };
  };
}
