import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../models/experiment/rule-parameters.ts';
import { simpleReturn } from '../../features/kernels/roc.ts';
import { ruleSignal } from './strategy.ts';
import { seriesKernel } from './kernel-input.ts';
import type { RuleStrategy } from './rule-strategy.ts';
import { zoneStrategy, type ZoneEdges } from './zone.ts';

const parameters = RULE_PARAMETERS.momentum;

/** Returns nearer to the threshold than this are on it: 101 / 100 - 1 is above 0.01 by rounding alone. */
const ON_EDGE = 1e-14;

/** Buys when the return over `lookback` bars rises above `threshold`, sells when it falls below its negative. */
export const momentum: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'momentum',
  parameters,
  forSymbol: ({ lookback, threshold }) => {
    const kernel = seriesKernel(simpleReturn, [lookback]);
    const edges: ZoneEdges = {
      buy: {
        inside: (value) => value > threshold + ON_EDGE,
        signal: ruleSignal('BUY', `return over ${lookback} bars rose above ${threshold}`),
      },
      sell: {
        inside: (value) => value < -threshold - ON_EDGE,
        signal: ruleSignal('SELL', `return over ${lookback} bars fell below ${-threshold}`),
      },
    };
    return zoneStrategy((view) => kernel.next(view.close()), edges, kernel);
  },
};
