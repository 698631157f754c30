/** Probabilities are kept inside (1e-6, 1 - 1e-6) before their logit is taken. */
const EDGE = 1e-6;
/** The same for others: an exported number is read again, and tested, at every turn of a loop. */
export const LOGIT_EDGE = EDGE;

export function logit(probability: number): number {
  const p = Math.min(1 - EDGE, Math.max(EDGE, probability));
  return Math.log(p / (1 - p));
}

export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** Log-odds of the weighted share of class 1, with half a row of each class added: finite for one class. */
export function baseLogitOf(y: Float64Array, weight: Float64Array): number {
  let total = 1;
  let up = 0.5;
  for (let row = 0; row < y.length; row++) {
    total += weight[row]!;
    up += weight[row]! * y[row]!;
  }
  return logit(up / total);
}
