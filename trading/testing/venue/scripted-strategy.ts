import type { ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
import type { PlaceOrder } from '../../orders/order-request.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import { HOLD, type Strategy, type StrategyAction } from '../../strategies/strategy.ts';
import type { Word } from '../walked-engine.ts';
import { spoken } from './session-in-hand.ts';

export const buy: PlaceOrder = { do: 'place', label: 'in', side: 'buy', size: { units: 10 }, type: 'market' };
/** All that is held. */
export const sell: PlaceOrder = { ...buy, label: 'out', side: 'sell', size: 'position', reduceOnly: true };

/** A strategy that does so with its orders at each bar, by its number. */
export function placing(script: readonly (readonly StrategyAction[])[]): Strategy {
  const orders = (view: { readonly length: number }): readonly StrategyAction[] => script[view.length - 1] ?? [];
  return { name: 'placing', parameters: {}, forSymbol: () => ({ decide: () => HOLD, orders }) };
}

interface Speaking {
  /** What it says at each bar. */
  readonly words: readonly Word[];
  readonly execution?: ExecutionRules;
}

/** Strategies that share an account of one symbol, each with the same part of it and orders of ten units. */
export function speakingStrategies(parts: Readonly<Record<string, Speaking>>, longShort = false): Strategy {
  const entries = Object.entries(parts);
  return allocateStrategies({
    strategies: entries.map(([name, { words, execution }]) => ({
      ...{ name, strategy: spoken(words), allocation: 1 / entries.length, execution },
      limits: { positionFraction: 1, exposureFraction: 1 },
    })),
    sizer: () => createSizer({ kind: 'units', units: 10 }, { symbols: 1, barsPerYear: 252 }),
    rules: { ...OPEN_SIGNAL_RULES, longShort },
    rebalanced: 'never',
    hours: null,
  });
}
