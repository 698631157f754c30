/** What a strategy may hold at most, as fractions of what its part of the account is worth. */
export interface StrategyLimits {
  /** Of one symbol. */
  readonly positionFraction: number;
  /** Sum of absolute positions: above 1 it would spend what others have. */
  readonly exposureFraction: number;
}

/** A size at the very limit is within it, whatever the rounding of the products. */
export const LIMIT_SLACK = 1 + 1e-9;
