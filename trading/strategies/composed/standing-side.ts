import type { BarView } from '../../bar-view.ts';
import { memoriesOf, memoryOf, type Memory } from '../memory.ts';
import { HOLD, ruleSignal, type Remembering, type Signal } from '../strategy.ts';

/** The side that a rule stands on: 1 after a BUY, -1 after a SELL, 0 before either. */
export interface StandingSide extends Memory {
  at(view: BarView): number;
}

/** Asks a rule at each bar and remembers on which side it stands. */
export function standingSide(rule: Remembering): StandingSide {
  const kept = { side: 0 };
  return {
    ...memoriesOf({ stands: memoryOf(kept), rule }),
    at: (view) => {
      const { action } = rule.decide(view);
      if (action !== 'HOLD') kept.side = action === 'BUY' ? 1 : -1;
      return kept.side;
    },
  };
}

/** Says a target once. */
export interface ChangedTarget extends Memory {
  say(target: number): Signal;
}

/** Says a target where it differs from the one before; it begins flat. */
export function changedTarget(words: string): ChangedTarget {
  const kept = { said: 0 };
  return {
    ...memoryOf(kept),
    say: (target) => {
      if (target === kept.said || Number.isNaN(target)) return HOLD;
      kept.said = target;
      return { ...ruleSignal(target > 0 ? 'BUY' : 'SELL', `${words}: target ${target.toFixed(2)}`), target };
    },
  };
}
