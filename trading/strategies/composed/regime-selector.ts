import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../../models/experiment/rule-parameters.ts';
import type { BarView } from '../../bar-view.ts';
import { meanReversion } from '../mean-reversion.ts';
import { memoriesOf } from '../memory.ts';
import type { RuleStrategy } from '../rule-strategy.ts';
import { smaCross } from '../sma-cross.ts';
import { changedTarget, standingSide } from './standing-side.ts';

const parameters = RULE_PARAMETERS['regime-selector'];

/** Ratios nearer to the edge than this are on it: rounding alone takes none across. */
const ON_EDGE = 1e-9;

/** Net over total movement of the last `lookback` closes, 0 to 1 (Kaufman 1995); NaN while warming up or flat. */
function efficiency(view: BarView, lookback: number): number {
  if (view.length <= lookback) return NaN;
  let path = 0;
  for (let ago = 0; ago < lookback; ago++) path += Math.abs(view.close(ago) - view.close(ago + 1));
  return Math.abs(view.close() - view.close(lookback)) / path;
}

/**
 * Follows a trend rule (`sma-cross`) while prices go somewhere, and a reversion rule (`mean-reversion`) while they do
 * not: which one decides is Kaufman's efficiency ratio over `lookback` bars, at or above `trending` or below it. Both
 * rules see every bar, so that the one that takes over stands where it would have stood alone.
 */
export const regimeSelector: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'regime-selector',
  parameters,
  forSymbol: ({ lookback, trending, fast, slow }) => {
    const trend = standingSide(smaCross.forSymbol({ fast, slow }));
    const reversion = standingSide(meanReversion.forSymbol(meanReversion.parameters.parse({ lookback })));
    const target = changedTarget('regime');
    return {
      ...memoriesOf({ trend, reversion, target }),
      decide(view) {
        const [following, returning] = [trend.at(view), reversion.at(view)];
        const ratio = efficiency(view, lookback);
        return target.say(Number.isNaN(ratio) ? NaN : ratio >= trending - ON_EDGE ? following : returning);
      },
    };
  },
};
