import { RULE_PARAMETERS, type PortfolioParameters } from '../../../models/experiment/rule-parameters.ts';
import { parseGroups, requireGrouped } from '../../portfolio/construction/written-groups.ts';
import { parseViews, requireViewed } from '../../portfolio/construction/written-views.ts';
import type { RuleStrategy } from '../rule-strategy.ts';
import { symbolsTogether } from '../together.ts';
import { RebalancedWeights } from './rebalanced-weights.ts';

/**
 * Holds all symbols of the session by weights that are estimated from their last bars, long only. A weight is a share
 * of a full position: with a size of all of equity it is one of equity.
 */
export const portfolio: RuleStrategy<PortfolioParameters> = {
  name: 'portfolio',
  parameters: RULE_PARAMETERS.portfolio,
  forSymbol: (parameters) => {
    const weights = new RebalancedWeights(parameters, 1);
    return {
      save: () => weights.save(),
      restore: (state) => weights.restore(state),
      decide: (view) => weights.decide([view])[0]!,
    };
  },
  forSession: (parameters, views) => {
    const symbols = views.map(({ symbol }) => symbol);
    requireViewed(parseViews(parameters.views), symbols);
    requireGrouped(parseGroups(parameters.groups, parameters), symbols);
    const weights = new RebalancedWeights(parameters, views.length);
    // Each symbol's state is all of it: they are decided on together.
    return symbolsTogether(views, (all) => weights.decide(all)).map(({ decide }, symbol) => ({
      resizes: true,
      onFill: ({ quantity }) => weights.onFill(symbol, quantity),
      save: () => weights.save(),
      restore: (state) => weights.restore(state),
      decide,
    }));
  },
};
