import { fitSigmoid } from './calibration.ts';
import { logit, sigmoid } from './logit.ts';

// Loops, not maps with a function: code compiled for a function that lives for one call is collected with it, and
// compiled again by the next.

/** Log-odds of probabilities less those of the base rate that their member was trained on. */
export function aboveBase(probability: Float64Array, baseLogit: (row: number) => number): Float64Array {
  const above = new Float64Array(probability.length);
  for (let row = 0; row < above.length; row++) above[row] = logit(probability[row]!) - baseLogit(row);
  return above;
}

/**
 * How far to trust a member's boldness, from its out-of-fold log-odds above the base rate: the slope of a sigmoid
 * calibration (drawn to 1, never below 0). Without it a network that happens to end its training early or late sets the
 * ensemble's spread: its log-odds deviated by 0.43 in one fold and by 0.02 in another of the same series.
 */
export function memberSlope(observed: { score: Float64Array; y: Float64Array; weight: Float64Array }): number {
  const fitted = fitSigmoid(observed);
  return fitted.kind === 'sigmoid' ? fitted.slope : 1;
}

/** Probabilities whose log-odds above the base rate are multiplied by `slope`. */
export function temper(probability: Float64Array, slope: number, baseLogit: (row: number) => number): Float64Array {
  const tempered = new Float64Array(probability.length);
  for (let row = 0; row < tempered.length; row++) {
    const base = baseLogit(row);
    tempered[row] = sigmoid(base + slope * (logit(probability[row]!) - base));
  }
  return tempered;
}
