import type { PortfolioParameters } from '../../../models/experiment/rule-parameters.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { portfolioWeights, type Portfolio } from '../../portfolio/construction/portfolio-weights.ts';
import { parseGroups } from '../../portfolio/construction/written-groups.ts';
import { parseViews, viewsPerBar } from '../../portfolio/construction/written-views.ts';
import type { BarView } from '../../bar-view.ts';
import { seenReturns, type SeenReturns } from './seen-returns.ts';

const YEAR_MS = 365.25 * DAY_MS;

/** Weights of the symbols that have returns, with those. */
export interface LatestWeights extends Portfolio, SeenReturns {
  /** As the moments of the returns lie. */
  readonly barsPerYear: number;
}

/** The weights that the bars of the views ask for by now; null where there are too few. */
export function latestWeights(views: readonly BarView[], parameters: PortfolioParameters): LatestWeights | null {
  const seen = seenReturns(views, parameters.lookback);
  if (seen === null) return null;
  const { returns, spanMs } = seen;
  const barsPerYear = (YEAR_MS * returns.rows) / spanMs;
  const opinions = viewsPerBar(parseViews(parameters.views), returns.names, barsPerYear);
  const groups = parseGroups(parameters.groups, parameters);
  return { ...seen, ...portfolioWeights(returns, { ...parameters, opinions, groups }), barsPerYear };
}
