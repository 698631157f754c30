import type { Timeframe } from '../../../features/timeframe.ts';
import type { Strategy } from '../strategy.ts';

/** What a strategy may hold at most, as fractions of what its part of the account is worth. */
export interface StrategyLimits {
  /** Of one symbol. */
  readonly positionFraction: number;
  /** Sum of absolute positions: above 1 it would spend what others have. */
  readonly exposureFraction: number;
}

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
}

/** When cash moves between the parts so that each has its fraction of the account again. */
export type Rebalanced = 'never' | 'daily' | 'weekly' | 'monthly';
