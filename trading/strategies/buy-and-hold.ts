import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../models/experiment/rule-parameters.ts';
import { memoryOf } from './memory.ts';
import { HOLD, ruleSignal } from './strategy.ts';
import type { RuleStrategy } from './rule-strategy.ts';

const parameters = RULE_PARAMETERS['buy-and-hold'];

/** Buys at the first bar's close and never says anything again: the baseline of every other strategy. */
export const buyAndHold: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'buy-and-hold',
  parameters,
  forSymbol: () => {
    const buy = ruleSignal('BUY', 'the first bar of a buy-and-hold');
    const hold = HOLD;
    return { ...memoryOf({}), decide: (view) => (view.length === 1 ? buy : hold) };
  },
};
