import type { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { RULE_PARAMETERS } from '../../../models/experiment/rule-parameters.ts';
import type { BarView } from '../../bar-view.ts';
import { memoriesOf, memoryOf } from '../memory.ts';
import { isPrice } from '../priced-bars.ts';
import type { RuleStrategy } from '../rule-strategy.ts';
import { HOLD } from '../strategy.ts';
import { symbolsTogether } from '../together.ts';
import { changedTarget } from './standing-side.ts';

const parameters = RULE_PARAMETERS.pairs;

/**
 * How far the newest close of `y` lies from its regression on `x` over the last `lookback` bars, in standard deviations
 * of the residuals: the first step of Engle and Granger (1987), rolling. NaN while warming up, where the two do not
 * close together, do not move together (a slope of 0 or less), where the regression leaves nothing, or where one of
 * the closes is no price.
 */
function spreadScore(y: BarView, x: BarView, lookback: number): number {
  if (Math.min(y.length, x.length) < lookback || y.closeTimeMs() !== x.closeTimeMs()) return NaN;
  let [sumX, sumY] = [0, 0];
  for (let ago = 0; ago < lookback; ago++) {
    if (!isPrice(x.close(ago)) || !isPrice(y.close(ago))) return NaN;
    sumX += x.close(ago);
    sumY += y.close(ago);
  }
  const [meanX, meanY] = [sumX / lookback, sumY / lookback];
  let [xx, xy, yy] = [0, 0, 0];
  for (let ago = 0; ago < lookback; ago++) {
    const [dx, dy] = [x.close(ago) - meanX, y.close(ago) - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const slope = xy / xx;
  const left = yy - slope * xy;
  // What is below the rounding of the sums is nothing.
  if (!(slope > 0) || !(left > 1e-12 * yy)) return NaN;
  return (y.close() - meanY - slope * (x.close() - meanX)) / Math.sqrt(left / (lookback - 2));
}

/**
 * Trades the spread of the session's first two symbols: where it is `entryZScore` deviations wide it sells the dear leg
 * and buys the cheap one, and closes both once it is back within `exitZScore`. Without short positions only the cheap
 * leg is held. Both legs have the size that the session gives a full position; further symbols are not traded.
 */
export const pairs: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'pairs',
  parameters,
  forSymbol: () => {
    throw new InputError('pairs decides on two symbols together', 'Give bars of two symbols.');
  },
  forSession: ({ lookback, entryZScore, exitZScore }, views) => {
    const [y, x] = views;
    if (y === undefined || x === undefined) {
      throw new InputError('pairs trades two symbols', 'Give bars of two symbols, the two legs first.');
    }
    const [legY, legX] = [changedTarget(`spread to ${x.symbol}`), changedTarget(`spread of ${y.symbol}`)];
    const kept = { side: 0 };
    const asked = symbolsTogether(views, () => {
      const score = spreadScore(y, x, lookback);
      if (Math.abs(score) <= exitZScore) kept.side = 0;
      else if (score >= entryZScore) kept.side = -1;
      else if (score <= -entryZScore) kept.side = 1;
      return views.map((view) => (view === y ? legY.say(kept.side) : view === x ? legX.say(0 - kept.side) : HOLD));
    });
    // Each symbol's state is all of it: the legs decide together.
    const memory = memoriesOf({ spread: memoryOf(kept), legY, legX });
    return asked.map(({ decide }) => ({ ...memory, decide }));
  },
};
