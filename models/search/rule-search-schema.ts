import { z } from 'zod';

/** How a search of rules chooses what to try next; the first where nothing is said. */
export const RULE_METHODS = ['grid', 'random', 'genetic', 'sequential'] as const;
export type RuleMethod = (typeof RULE_METHODS)[number];

/** What a search of rules can make large: figures of `backtest --json`; the first where nothing is said. */
export const RULE_OBJECTIVES = [
  'sharpe',
  'sortino',
  'calmar',
  'cagr',
  'totalReturn',
  'profitFactor',
  'expectancy',
  'winRate',
] as const;
export type RuleObjective = (typeof RULE_OBJECTIVES)[number];

const bound = z.number().min(0).optional();

/** Bounds that a trial must keep to be chosen, each on the figure and the side that its name says. */
export const RULE_CONSTRAINTS = {
  /** Depth as a positive fraction: 0.2 is a fall by 20 %. */
  maxDrawdown: bound,
  minTrades: bound,
  maxTrades: bound,
  minExposure: bound,
  maxExposure: bound,
  maxTurnover: bound,
  maxVolatility: bound,
  minWinRate: bound,
  minProfitFactor: bound,
};
export type ConstraintName = keyof typeof RULE_CONSTRAINTS;

/** Bounds by name. */
export type RuleConstraints = Readonly<Partial<Record<ConstraintName, number | undefined>>>;
