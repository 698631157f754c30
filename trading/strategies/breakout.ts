import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../models/experiment/rule-parameters.ts';
import type { BarView } from '../bar-view.ts';
import { memoryOf } from './memory.ts';
import { HOLD, ruleSignal } from './strategy.ts';
import type { RuleStrategy } from './rule-strategy.ts';

const parameters = RULE_PARAMETERS.breakout;

/** Highest high and lowest low of the bars 1 to `lookback` ago. */
function channel(view: BarView, lookback: number): { high: number; low: number } {
  let high = -Infinity;
  let low = Infinity;
  for (let ago = 1; ago <= lookback; ago++) {
    high = Math.max(high, view.high(ago));
    low = Math.min(low, view.low(ago));
  }
  return { high, low };
}

/**
 * Buys at a close above the highest high of the `lookback` bars before, sells at one below their lowest low (Donchian).
 */
export const breakout: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'breakout',
  parameters,
  reads: 'range',
  forSymbol: ({ lookback }) => {
    const buy = ruleSignal('BUY', `close above the highest high of ${lookback} bars`);
    const sell = ruleSignal('SELL', `close below the lowest low of ${lookback} bars`);
    /** A close beyond the channel acts once, until one beyond the other side. */
    const kept = { side: 0 };
    return {
      ...memoryOf(kept),
      decide(view) {
        if (view.length <= lookback) return HOLD;
        const { high, low } = channel(view, lookback);
        const close = view.close();
        const now = close > high ? 1 : close < low ? -1 : kept.side;
        if (now === kept.side) return HOLD;
        kept.side = now;
        return now > 0 ? buy : sell;
      },
    };
  },
};
