/** Out-of-fold probabilities of each member, in member order, with what came true. */
export interface OutOfFold {
  readonly memberProbabilities: readonly Float64Array[];
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/**
 * Learned weights move this share of the way to equal ones: they rest on correlated predictions and few effective rows, and no member should
 * stand alone. On planted effects a quarter gave a higher pooled information coefficient than a half or all of it.
 */
export const EQUAL_SHARE = 0.25;

/**
 * Non-negative weights summing to 1 that minimise the weighted log loss of the mixture `sum_m w_m p_m`, by the EM iteration for
 * mixture proportions (monotone, stays on the simplex; the problem is convex, so it ends at the minimum).
 */
export function mixtureWeights(data: OutOfFold): number[] {
  const members = data.memberProbabilities.length;
  let weights = new Array<number>(members).fill(1 / members);
  let total = 0;
  for (const value of data.weight) total += value;
  // What each member thought of what came true: the same in every iteration, and no function is made per row (that took three quarters
  // of a training of cheap members).
  const likelihoods = data.memberProbabilities.map((p) =>
    p.map((value, row) => (data.y[row] === 1 ? value : 1 - value)),
  );
  for (let iteration = 0; iteration < 500; iteration++) {
    const next = new Array<number>(members).fill(0);
    for (let row = 0; row < data.y.length; row++) {
      const share = data.weight[row]! / total;
      let mixed = 1e-300;
      for (let m = 0; m < members; m++) mixed += weights[m]! * likelihoods[m]![row]!;
      for (let m = 0; m < members; m++) next[m]! += share * weights[m]! * (likelihoods[m]![row]! / mixed);
    }
    const sum = next.reduce((a, b) => a + b, 0);
    const moved = Math.max(...next.map((value, m) => Math.abs(value / sum - weights[m]!)));
    weights = next.map((value) => value / sum);
    if (moved < 1e-9) break;
  }
  return weights;
}

/** Weights moved the share `toward` of the way to `target`. */
export function shrinkWeights(weights: readonly number[], target: readonly number[], toward: number): number[] {
  return weights.map((value, m) => (1 - toward) * value + toward * target[m]!);
}
