import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../models/experiment/rule-parameters.ts';
import { zscore } from '../../features/kernels/zscore.ts';
import { ruleSignal } from './strategy.ts';
import { seriesKernel } from './kernel-input.ts';
import type { RuleStrategy } from './rule-strategy.ts';
import { zoneStrategy, type ZoneEdges } from './zone.ts';

const parameters = RULE_PARAMETERS['mean-reversion'];

/** Scores nearer to an edge than this are on it: a price two deviations away must be so at any size of prices. */
const ON_EDGE = 1e-9;

/**
 * Buys when the close falls `entryZScore` standard deviations below its mean over `lookback` bars, and sells once it is
 * back within `exitZScore` of it. With short positions allowed the sale goes short.
 */
export const meanReversion: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'mean-reversion',
  parameters,
  forSymbol: ({ lookback, entryZScore, exitZScore }) => {
    const kernel = seriesKernel(zscore, [lookback]);
    const edges: ZoneEdges = {
      buy: {
        inside: (value) => value <= -entryZScore + ON_EDGE,
        signal: ruleSignal('BUY', `close fell ${entryZScore} deviations below its ${lookback}-bar mean`),
      },
      sell: {
        inside: (value) => value >= -exitZScore - ON_EDGE,
        signal: ruleSignal('SELL', `close returned to within ${exitZScore} deviations of its ${lookback}-bar mean`),
      },
    };
    return zoneStrategy((view) => kernel.next(view.close()), edges, kernel);
  },
};
