import type { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { RULE_PARAMETERS } from '../../../models/experiment/rule-parameters.ts';
import type { BarView } from '../../bar-view.ts';
import type { RuleStrategy } from '../rule-strategy.ts';
import { HOLD } from '../strategy.ts';
import { symbolsTogether } from '../together.ts';
import { changedTarget } from './standing-side.ts';

const parameters = RULE_PARAMETERS.pairs;

/**
 * How far the newest close of `y` lies from its regression on `x` over the last `lookback` bars, in standard deviations
 * of the residuals: the first step of Engle and Granger (1987), rolling. NaN while warming up, where the two do not
 * close together, do not move together (a slope of 0 or less), or where the regression leaves nothing.
 */
function spreadScore(y: BarView, x: BarView, lookback: number): number {
  if (Math.min(y.length, x.length) < lookback || y.closeTimeMs() !== x.closeTimeMs()) return NaN;
  let [sumX, sumY] = [0, 0];
  for (let ago = 0; ago < lookback; ago++) {
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
    const [sayY, sayX] = [changedTarget(`spread to ${x.symbol}`), changedTarget(`spread of ${y.symbol}`)];
    let side = 0;
    return symbolsTogether(views, () => {
      const score = spreadScore(y, x, lookback);
      if (Math.abs(score) <= exitZScore) side = 0;
      else if (score >= entryZScore) side = -1;
      else if (score <= -entryZScore) side = 1;
      return views.map((view) => (view === y ? sayY(side) : view === x ? sayX(0 - side) : HOLD));
    });
  },
};
