import type { Timeframe } from '../../../features/timeframe.ts';
import type { StrategyLimits } from '../../portfolio/strategy-limits.ts';
import type { ExecutionRules } from '../../../models/experiment/execution/execution-schema.ts';
import type { Strategy } from '../strategy.ts';

/** One of the strategies that share an account. */
export interface OwnedStrategy {
  readonly name: string;
  readonly strategy: Strategy;
  /** Fraction of the account that it begins with. */
  readonly allocation: number;
  /** Symbols that it is shown, in the order of the universe; undefined for all. */
  readonly symbols?: readonly string[] | undefined;
  /** Longer bars than the session's, made of them; undefined for the session's own. */
  readonly timeframe?: Timeframe | undefined;
  readonly limits: StrategyLimits;
  /** How orders of its signals are executed over time. At once by default. */
  readonly execution?: ExecutionRules | undefined;
}

/** When cash moves between the parts so that each has its fraction of the account again. */
export type Rebalanced = 'never' | 'daily' | 'weekly' | 'monthly';
