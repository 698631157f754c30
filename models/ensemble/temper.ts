import { fitSigmoid } from './calibration.ts';
import { logit, sigmoid } from './logit.ts';

/** Log-odds of probabilities less those of the base rate that their member was trained on. */
export function aboveBase(probability: Float64Array, baseLogit: (row: number) => number): Float64Array {
  return probability.map((value, row) => logit(value) - baseLogit(row));
}

/**
 * How far to trust a member's boldness, from its out-of-fold log-odds above the base rate: the slope of a sigmoid calibration (drawn to 1,
 * never below 0). Without it a network that happens to end its training early or late sets the ensemble's spread: its log-odds deviated by
 * 0.43 in one fold and by 0.02 in another of the same series.
 */
export function memberSlope(observed: { score: Float64Array; y: Float64Array; weight: Float64Array }): number {
  const fitted = fitSigmoid(observed);
  return fitted.kind === 'sigmoid' ? fitted.slope : 1;
}

/** Probabilities whose log-odds above the base rate are multiplied by `slope`. */
export function temper(probability: Float64Array, slope: number, baseLogit: (row: number) => number): Float64Array {
  return probability.map((value, row) => sigmoid(baseLogit(row) + slope * (logit(value) - baseLogit(row))));
}
