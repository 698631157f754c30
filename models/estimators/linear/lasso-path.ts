import { gramOf, priorLogOdds, scoreOf, sigmoid } from './linear-problem.ts';
import type { LinearProblem, LinearScore } from './linear-problem.ts';

/** Rounds of majorisation at one penalty; a weak signal needs about ten, separable data would go on for ever. */
const ROUNDS_MAX = 200;
const SWEEPS_MAX = 100;
const TOLERANCE = 1e-6;

export interface Penalty {
  /** Total strength: the loss is mean log-loss + `strength * (l1 |b| + (1 - l1) b^2 / 2)`. */
  readonly strength: number;
  readonly l1Ratio: number;
}

/**
 * Penalised logistic regression by coordinate descent on a quadratic bound of the loss: its curvature is at most 1/4
 * (Boehning and Lindsay 1988), so one Gram matrix serves every round of every penalty. The intercept is not penalised.
 */
export class PenalisedLogistic {
  readonly #problem: LinearProblem;
  readonly #gram: Float64Array;

  constructor(problem: LinearProblem) {
    this.#problem = problem;
    this.#gram = gramOf(
      problem,
      problem.weight.map((weight) => weight / 4),
    );
  }

  /** Smallest strength at which every coefficient is zero. */
  strengthMax(l1Ratio: number): number {
    const { width } = this.#problem;
    const gradient = this.#gradient({ intercept: priorLogOdds(this.#problem), coefficients: new Float64Array(width) });
    let largest = 0;
    for (let j = 0; j < width; j++) largest = Math.max(largest, Math.abs(gradient[j]!));
    return largest / Math.max(l1Ratio, 1e-3);
  }

  /** Minimises from `start`; coefficients that `active` excludes stay zero. */
  fit(penalty: Penalty, start: LinearScore | null, active?: (feature: number) => boolean): LinearScore {
    const { width } = this.#problem;
    let current: LinearScore = start ?? {
      intercept: priorLogOdds(this.#problem),
      coefficients: new Float64Array(width),
    };
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const step = this.#descend(current, this.#gradient(current), penalty, active ?? ((): boolean => true));
      current = step.score;
      if (step.change < TOLERANCE) break;
    }
    return current;
  }

  /** Negative gradient of the mean log-loss by coefficient, the intercept last. */
  #gradient(score: LinearScore): Float64Array {
    const { width, stretches, y, weight } = this.#problem;
    const gradient = new Float64Array(width + 1);
    stretches.each((z, from, to) => {
      for (let row = from; row < to; row++) {
        const at = (row - from) * width;
        const residual = weight[row]! * (y[row]! - sigmoid(scoreOf(score, z, at)));
        for (let j = 0; j < width; j++) gradient[j]! += residual * z[at + j]!;
        gradient[width]! += residual;
      }
    });
    return gradient;
  }

  /** Minimises the bound around `current` by sweeps over the coordinates. */
  #descend(
    current: LinearScore,
    gradient: Float64Array,
    penalty: Penalty,
    active: (feature: number) => boolean,
  ): { score: LinearScore; change: number } {
    const { width } = this.#problem;
    const size = width + 1;
    const gram = this.#gram;
    const theta = new Float64Array(size);
    theta.set(current.coefficients);
    theta[width] = current.intercept;
    const before = Float64Array.from(theta);
    const l1 = penalty.strength * penalty.l1Ratio;
    const l2 = penalty.strength * (1 - penalty.l1Ratio);
    // `gradient` is kept as the negative gradient of the bound at `theta`.
    const slope = Float64Array.from(gradient);
    for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
      let largest = 0;
      for (let j = 0; j < size; j++) {
        const curvature = gram[j * size + j]!;
        if (curvature <= 0 || (j < width && !active(j))) continue;
        const pull = slope[j]! + curvature * theta[j]!;
        const next = j === width ? pull / curvature : softThreshold(pull, l1) / (curvature + l2);
        const step = next - theta[j]!;
        if (step === 0) continue;
        theta[j] = next;
        for (let k = 0; k < size; k++) slope[k]! -= step * gram[k * size + j]!;
        largest = Math.max(largest, Math.abs(step));
      }
      if (largest < TOLERANCE / 10) break;
    }
    let change = 0;
    for (let j = 0; j < size; j++) change = Math.max(change, Math.abs(theta[j]! - before[j]!));
    return { score: { intercept: theta[width]!, coefficients: theta.slice(0, width) }, change };
  }
}

function softThreshold(value: number, threshold: number): number {
  return value > threshold ? value - threshold : value < -threshold ? value + threshold : 0;
}
