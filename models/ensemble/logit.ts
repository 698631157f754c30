/** Probabilities are kept inside (1e-6, 1 - 1e-6) before their logit is taken. */
const EDGE = 1e-6;

export function logit(probability: number): number {
  const p = Math.min(1 - EDGE, Math.max(EDGE, probability));
  return Math.log(p / (1 - p));
}

export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
