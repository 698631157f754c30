import type { MemberExplanation } from './explain-member.ts';

export interface ExplainedFeature {
  readonly name: string;
  /** The feature as it was, unscaled; NaN when it was missing. */
  readonly value: number;
  /** How many spreads of the training rows it stood from their median: at most 6. */
  readonly distance: number;
  /** What it adds to the score. */
  readonly contribution: number;
}

export interface ExplainedMember extends MemberExplanation {
  readonly name: string;
  readonly kind: string;
  readonly probability: number;
  /** What the member as a whole adds to the score. */
  readonly share: number;
}

/** The side that a primary model took, and the feature that says it. */
export interface ExplainedSide {
  readonly feature: string;
  readonly value: number;
  readonly direction: 'long' | 'short' | 'none';
}

/** One prediction of an ensemble taken apart. */
export interface EnsembleExplanation {
  /** Calibrated probability of up, and the one that the model gives when nothing is known. */
  readonly probability: number;
  readonly baseProbability: number;
  /**
   * Scores are log-odds above those of the training base rate; `score` is `baseScore` plus all contributions and
   * undivided members.
   */
  readonly score: number;
  readonly baseScore: number;
  /** In the order of the model's features. */
  readonly features: readonly ExplainedFeature[];
  readonly members: readonly ExplainedMember[];
  /** The primary side of a model that learned whether that side is right; what is told above is of up all the same. */
  readonly side?: ExplainedSide;
}
