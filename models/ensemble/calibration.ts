import { sigmoid } from './logit.ts';
import { fitLogistic } from './newton-logistic.ts';

/**
 * Map from score to probability. Plain data. A score is the log-odds of the members' combined probability less the
 * log-odds of the base rate they were trained on: 0 says that the features know nothing.
 */
export type Calibration =
  /** `sigmoid(score + intercept)`: the combined probability as it is; the intercept is the base rate's log-odds. */
  | { readonly kind: 'none'; readonly intercept: number }
  /** `sigmoid(slope x score + intercept)`, slope >= 0. */
  | { readonly kind: 'sigmoid'; readonly slope: number; readonly intercept: number }
  /** Linear between points, flat beyond them; both arrays ascend. */
  | { readonly kind: 'isotonic'; readonly score: readonly number[]; readonly probability: readonly number[] };

interface Observed {
  readonly score: Float64Array;
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/** Platt's targets (1999, section 2.2): (n1 + 1) / (n1 + 2) and 1 / (n0 + 2) instead of 1 and 0. */
function plattTargets(y: Float64Array): Float64Array {
  let up = 0;
  for (const value of y) up += value;
  const high = (up + 1) / (up + 2);
  const low = 1 / (y.length - up + 2);
  return y.map((value) => (value === 1 ? high : low));
}

/**
 * Weight of the belief that penalised members are neither too bold nor too timid (slope 1), as 1 / variance: a
 * deviation of 0.5.
 */
const SLOPE_PRECISION = 4;

/**
 * Platt scaling of the score, with the slope drawn to 1: a training window says little about the slope of weak effects
 * (standard error 0.4 on 1,500 days and probabilities that deviate by 0.03), and folds whose slopes differ by chance
 * spoil the pooled order. A slope below zero is refused: the score has shown no skill, its order is kept out of the
 * probability and the base rate remains.
 */
export function fitSigmoid(observed: Observed): Calibration {
  const base = { target: plattTargets(observed.y), weight: observed.weight };
  const [intercept, slope] = fitLogistic({
    ...base,
    x: observed.score,
    width: 1,
    prior: [1],
    penalty: SLOPE_PRECISION,
  });
  if (slope! > 0) return { kind: 'sigmoid', slope: slope!, intercept: intercept! };
  const [alone] = fitLogistic({ ...base, x: new Float64Array(0), width: 0, prior: [], penalty: 0 });
  return { kind: 'sigmoid', slope: 0, intercept: alone! };
}

interface Block {
  readonly weight: number;
  readonly up: number;
  readonly score: number;
}

/** The rows of each distinct score as one point, in rising order: sums do not depend on the order of the rows. */
function pointsOf({ score, y, weight }: Observed): Block[] {
  const order = Int32Array.from(score.keys()).sort(
    (i, j) => score[i]! - score[j]! || y[i]! - y[j]! || weight[i]! - weight[j]!,
  );
  const points: Block[] = [];
  for (let from = 0; from < order.length;) {
    const level = score[order[from]!]!;
    let [total, up] = [0, 0];
    let to = from;
    for (; to < order.length && (to === from || score[order[to]!] === level); to++) {
      total += weight[order[to]!]!;
      up += weight[order[to]!]! * y[order[to]!]!;
    }
    points.push({ weight: total, up, score: level });
    from = to;
  }
  return points;
}

/**
 * Isotonic regression by pooling adjacent violators (Ayer et al. 1955) over the distinct scores: rows of equal scores
 * are one weighted point (de Leeuw, Hornik and Mair 2009, section 2.1, secondary ties). One point per block at the
 * weighted mean of its scores, with the block's weighted share of class 1, drawn by one row of each class so that no
 * probability is 0 or 1.
 */
export function fitIsotonic(observed: Observed): Calibration {
  const blocks: Block[] = [];
  for (const point of pointsOf(observed)) {
    let block = point;
    for (let previous = blocks.at(-1); previous !== undefined; previous = blocks.at(-1)) {
      if (previous.up / previous.weight < block.up / block.weight) break;
      blocks.pop();
      const weight = previous.weight + block.weight;
      const score = previous.score + (block.score - previous.score) * (block.weight / weight);
      block = { weight, up: previous.up + block.up, score };
    }
    blocks.push(block);
  }
  const probability: number[] = [];
  for (const { up, weight } of blocks) probability.push(Math.max((up + 1) / (weight + 2), probability.at(-1) ?? 0));
  return { kind: 'isotonic', score: blocks.map(({ score }) => score), probability };
}

/**
 * Fits the asked kind of calibration on out-of-fold scores. `baseLogit` is the log-odds of the training rows' base
 * rate.
 */
export function fitCalibration(kind: Calibration['kind'], observed: Observed, baseLogit: number): Calibration {
  if (kind === 'none') return { kind, intercept: baseLogit };
  return kind === 'sigmoid' ? fitSigmoid(observed) : fitIsotonic(observed);
}

function interpolate(at: number, xs: readonly number[], ys: readonly number[]): number {
  let low = 0;
  let high = xs.length - 1;
  if (at <= xs[low]!) return ys[low]!;
  if (at >= xs[high]!) return ys[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= at) low = middle;
    else high = middle;
  }
  return ys[low]! + ((at - xs[low]!) / (xs[high]! - xs[low]!)) * (ys[high]! - ys[low]!);
}

/** Calibrated probability of a score. Never decreasing in the score. */
export function calibrate(calibration: Calibration, score: number): number {
  switch (calibration.kind) {
    case 'none':
      return sigmoid(score + calibration.intercept);
    case 'sigmoid':
      return sigmoid(calibration.slope * score + calibration.intercept);
    case 'isotonic':
      return interpolate(score, calibration.score, calibration.probability);
  }
}
