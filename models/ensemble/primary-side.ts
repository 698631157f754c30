import { InputError } from '../../infra/errors.ts';
import { nearestName } from '../../features/expressions/nearest-name.ts';

/** What a primary model would do: 1 long, -1 short, 0 no position. */
export type Side = -1 | 0 | 1;

/** The side that a feature's value means: its sign; none for 0 and for a missing value. */
export function sideOf(value: number): Side {
  if (value > 0) return 1;
  return value < 0 ? -1 : 0;
}

/** Place of the feature that `labels.meta.side` names. InputError with the nearest name where there is none. */
export function sideColumnOf(featureNames: readonly string[], feature: string): number {
  const at = featureNames.indexOf(feature);
  if (at >= 0) return at;
  const nearest = nearestName(feature, featureNames);
  throw new InputError(
    `labels.meta.side: there is no feature "${feature}"${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    `Name a column of the experiment's features. Features are: ${featureNames.join(', ')}.`,
  );
}

/** The side of each of `rows` rows of row-major `x`, unscaled. */
export function sidesOf(x: Float64Array, size: { rows: number; width: number; column: number }): Int8Array {
  const sides = new Int8Array(size.rows);
  for (let row = 0; row < size.rows; row++) sides[row] = sideOf(x[row * size.width + size.column]!);
  return sides;
}

/**
 * Probability of up, from that of the side being right: itself long, what it lacks to 1 short, one half without a side.
 */
export function probabilityOfUp(probability: number, side: number): number {
  if (side === 0) return 0.5;
  return side > 0 ? probability : 1 - probability;
}

/**
 * Score of up, from the log-odds of the side being right above those of the base rate: the log-odds of up. The base
 * rate goes back in, because how often the side is right says where to; 0 without a side.
 */
export function scoreOfUp(score: number, baseLogit: number, side: number): number {
  if (side === 0) return 0;
  return side > 0 ? score + baseLogit : -(score + baseLogit);
}

/** Probabilities of the sides being right as probabilities of up, row by row. */
export function probabilitiesOfUp(probability: Float64Array, sides: Int8Array): Float64Array {
  return probability.map((value, row) => probabilityOfUp(value, sides[row]!));
}

/** Scores of the sides being right as scores of up, row by row. */
export function scoresOfUp(score: Float64Array, baseLogit: (row: number) => number, sides: Int8Array): Float64Array {
  return score.map((value, row) => scoreOfUp(value, baseLogit(row), sides[row]!));
}
