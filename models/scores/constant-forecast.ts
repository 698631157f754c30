import { scorePredictions } from './prediction-scores.ts';
import { SCORE_NAMES, unscored, type Scorable, type Scores } from './score.ts';

/** Share of class 1; NaN without rows. */
export function shareOfUp(y: Float64Array): number {
  return y.reduce((sum, value) => sum + value, 0) / y.length;
}

const ALIKE = 'A constant puts no row before another';

/**
 * The scores of a forecast that knows the base rate of its training rows and nothing else: of each row `rate` says how
 * likely up is. It has no order, so no correlation, and an AUC of one half.
 */
export function constantScores(
  { y, realisedReturn, decisionTimeMs }: Omit<Scorable, 'score' | 'probability'>,
  rate: (row: number) => number,
): Scores {
  const probability = y.map((_, row) => rate(row));
  const score = new Float64Array(y.length);
  const { scores } = scorePredictions({ score, probability, y, realisedReturn, decisionTimeMs });
  return Object.fromEntries(
    SCORE_NAMES.map((name) => [name, name.endsWith('Coefficient') ? unscored(ALIKE) : scores[name]]),
  ) as Scores;
}
