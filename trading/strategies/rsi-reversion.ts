import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../models/experiment/rule-parameters.ts';
import { rsi } from '../../features/kernels/rsi.ts';
import { ruleSignal } from './strategy.ts';
import { seriesKernel } from './kernel-input.ts';
import type { RuleStrategy } from './rule-strategy.ts';
import { zoneStrategy, type ZoneEdges } from './zone.ts';

const parameters = RULE_PARAMETERS['rsi-reversion'];

/** Values nearer to an edge than this are on it: rounding alone takes none across. */
const ON_EDGE = 1e-8;

/** Buys when the RSI falls below `oversold`, sells when it rises above `overbought`. */
export const rsiReversion: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'rsi-reversion',
  parameters,
  forSymbol: ({ period, oversold, overbought }) => {
    const kernel = seriesKernel(rsi, [period]);
    const edges: ZoneEdges = {
      buy: {
        inside: (value) => value < oversold - ON_EDGE,
        signal: ruleSignal('BUY', `RSI(${period}) fell below ${oversold}`),
      },
      sell: {
        inside: (value) => value > overbought + ON_EDGE,
        signal: ruleSignal('SELL', `RSI(${period}) rose above ${overbought}`),
      },
    };
    return zoneStrategy((view) => kernel.next(view.close()), edges, kernel);
  },
};
