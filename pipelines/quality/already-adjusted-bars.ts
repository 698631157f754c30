import { describeUnmarked, UnmarkedSplits } from '../adjustments/already-adjusted.ts';
import { nothingLeft, type QualityCheckDefinition } from './quality-check.ts';

/**
 * A split on record that the prices do not show: an error everywhere, because adjusting would put a jump in. Who stands
 * by the actions overrides it (`trustActions`).
 */
export const alreadyAdjustedBars: QualityCheckDefinition = {
  name: 'already-adjusted',
  description: 'splits on record that the prices do not show',
  create: ({ actions = [] }, report) => {
    const splits = new UnmarkedSplits(actions);
    return {
      inspect: (bars) => {
        splits.inspect(bars, (split) => {
          const { problem, remedy } = describeUnmarked(split);
          report({ severity: 'error', openTimeMs: split.openTimeMs, bars: 1, message: `${problem} ${remedy}` });
        });
      },
      finish: nothingLeft,
    };
  },
};
