/** Out-of-fold probabilities of each member, in member order, with what came true. */
export interface OutOfFold {
  readonly memberProbabilities: readonly Float64Array[];
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/**
 * Learned weights move this share of the way to equal ones: they rest on correlated predictions and few effective rows,
 * and no member should stand alone. On planted effects a quarter gave a higher pooled information coefficient than a
 * half or all of it.
 */
export const EQUAL_SHARE = 0.25;

/**
 * Non-negative weights summing to 1 that minimise the weighted log loss of the mixture `sum_m w_m p_m`, by the EM
 * iteration for mixture proportions (monotone, stays on the simplex; the problem is convex, so it ends at the minimum).
 */
export function mixtureWeights(data: OutOfFold): number[] {
  const members = data.memberProbabilities.length;
  let weights = new Array<number>(members).fill(1 / members);
  let total = 0;
  for (const value of data.weight) total += value;
  const likelihoods = likelihoodsOf(data);
  const shares = data.weight.map((weight) => weight / total);
  for (let iteration = 0; iteration < 500; iteration++) {
    const next = expectedShares(likelihoods, shares, weights);
    const sum = next.reduce((a, b) => a + b, 0);
    const moved = Math.max(...next.map((value, m) => Math.abs(value / sum - weights[m]!)));
    weights = next.map((value) => value / sum);
    if (moved < 1e-9) break;
  }
  return weights;
}

/** What each member thought of what came true, member by member within a row: the same in every iteration. */
function likelihoodsOf({ memberProbabilities, y }: OutOfFold): Float64Array {
  const members = memberProbabilities.length;
  const likelihoods = new Float64Array(y.length * members);
  memberProbabilities.forEach((p, m) => {
    for (let row = 0; row < y.length; row++) likelihoods[row * members + m] = y[row] === 1 ? p[row]! : 1 - p[row]!;
  });
  return likelihoods;
}

/**
 * One step: each member's share of what the mixture explains. Arrays of plain numbers, walked once: 500 steps are
 * usual.
 */
function expectedShares(likelihoods: Float64Array, shares: Float64Array, weights: readonly number[]): number[] {
  const members = weights.length;
  if (members === 2) return expectedSharesOfTwo(likelihoods, shares, weights);
  const weight = Float64Array.from(weights);
  const next = new Float64Array(members);
  for (let row = 0, at = 0; row < shares.length; row++, at += members) {
    let mixed = 1e-300;
    for (let m = 0; m < members; m++) mixed += weight[m]! * likelihoods[at + m]!;
    for (let m = 0; m < members; m++) next[m]! += shares[row]! * weight[m]! * (likelihoods[at + m]! / mixed);
  }
  return [...next];
}

/** The same for two members, to the last bit, in a third of the time: their sums are held in registers. */
function expectedSharesOfTwo(likelihoods: Float64Array, shares: Float64Array, weights: readonly number[]): number[] {
  const [a, b] = weights as [number, number];
  let [nextA, nextB] = [0, 0];
  for (let row = 0, at = 0; row < shares.length; row++, at += 2) {
    const share = shares[row]!;
    const likelihoodA = likelihoods[at]!;
    const likelihoodB = likelihoods[at + 1]!;
    const mixed = 1e-300 + a * likelihoodA + b * likelihoodB;
    nextA += share * a * (likelihoodA / mixed);
    nextB += share * b * (likelihoodB / mixed);
  }
  return [nextA, nextB];
}

/** Weights moved the share `toward` of the way to `target`. */
export function shrinkWeights(weights: readonly number[], target: readonly number[], toward: number): number[] {
  return weights.map((value, m) => (1 - toward) * value + toward * target[m]!);
}
