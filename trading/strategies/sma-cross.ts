import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../models/experiment/rule-parameters.ts';
import { CrossStrategy } from './cross.ts';
import { ExactAverages } from './exact-averages.ts';
import { simpleCrosses } from './planned/cross-plans.ts';
import type { RuleStrategy } from './rule-strategy.ts';

const parameters = RULE_PARAMETERS['sma-cross'];

/** Long while the fast simple average of closes is above the slow one; acts at crosses, compared exactly. */
export const smaCross: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'sma-cross',
  parameters,
  forSymbol: ({ fast, slow }) =>
    new CrossStrategy([`SMA(${fast})`, `SMA(${slow})`], new ExactAverages(fast, slow), (bars) =>
      simpleCrosses(bars)({ fast, slow }),
    ),
};
