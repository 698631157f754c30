import { sigmoid } from './logit.ts';

export interface LogisticProblem {
  /** `rows * width` inputs; an intercept is added and never penalised. */
  readonly x: Float64Array;
  readonly width: number;
  /** Targets in [0, 1]. */
  readonly target: Float64Array;
  readonly weight: Float64Array;
  /** Coefficients are drawn to `prior` with strength `penalty`: + penalty / 2 x |b - prior|^2. */
  readonly prior: readonly number[];
  readonly penalty: number;
}

/**
 * Solves `a x = b` in place by Gaussian elimination with partial pivoting; `a` is row-major `n * n`. Null when
 * singular.
 */
function solve(a: number[][], b: number[]): number[] | null {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i]![k]!) > Math.abs(a[pivot]![k]!)) pivot = i;
    if (!(Math.abs(a[pivot]![k]!) > 1e-12)) return null;
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    [b[k], b[pivot]] = [b[pivot]!, b[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = a[i]![k]! / a[k]![k]!;
      for (let j = k; j < n; j++) a[i]![j]! -= factor * a[k]![j]!;
      b[i]! -= factor * b[k]!;
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) b[k]! -= a[k]![j]! * b[j]!;
    b[k]! /= a[k]![k]!;
  }
  return b;
}

function objective(problem: LogisticProblem, beta: readonly number[]): number {
  const { x, width, target, weight, prior, penalty } = problem;
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    let score = beta[0]!;
    for (let j = 0; j < width; j++) score += beta[j + 1]! * x[row * width + j]!;
    const softplus = score > 0 ? score + Math.log1p(Math.exp(-score)) : Math.log1p(Math.exp(score));
    total += weight[row]! * (softplus - target[row]! * score);
  }
  for (let j = 0; j < width; j++) total += (penalty / 2) * (beta[j + 1]! - prior[j]!) ** 2;
  return total;
}

/** One Newton direction: gradient and Hessian of the penalised likelihood at `beta`. */
function direction(problem: LogisticProblem, beta: readonly number[]): number[] | null {
  const { x, width, target, weight, prior, penalty } = problem;
  const size = width + 1;
  const hessian = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const gradient = new Array<number>(size).fill(0);
  const input = new Array<number>(size).fill(1);
  for (let row = 0; row < target.length; row++) {
    let score = beta[0]!;
    for (let j = 0; j < width; j++) {
      input[j + 1] = x[row * width + j]!;
      score += beta[j + 1]! * input[j + 1]!;
    }
    const p = sigmoid(score);
    const w = weight[row]!;
    for (let i = 0; i < size; i++) {
      gradient[i]! += w * (target[row]! - p) * input[i]!;
      for (let j = 0; j <= i; j++) hessian[i]![j]! += w * p * (1 - p) * input[i]! * input[j]!;
    }
  }
  for (let i = 0; i < size; i++) {
    if (i > 0) {
      gradient[i]! -= penalty * (beta[i]! - prior[i - 1]!);
      hessian[i]![i]! += penalty;
    }
    hessian[i]![i]! += 1e-9;
    for (let j = 0; j < i; j++) hessian[j]![i] = hessian[i]![j]!;
  }
  return solve(hessian, gradient);
}

/** Penalised logistic regression of few inputs by Newton's method with step halving: `[intercept, ...coefficients]`. */
export function fitLogistic(problem: LogisticProblem): number[] {
  let beta = [0, ...problem.prior];
  let best = objective(problem, beta);
  for (let iteration = 0; iteration < 50; iteration++) {
    const step = direction(problem, beta);
    if (step === null) break;
    let scale = 1;
    let improved = false;
    while (scale > 1e-6 && !improved) {
      const next = beta.map((value, i) => value + scale * step[i]!);
      const value = objective(problem, next);
      if (value < best) {
        improved = best - value > 1e-10 * (1 + Math.abs(best));
        beta = next;
        best = value;
        if (!improved) return beta;
      } else scale /= 2;
    }
    if (!improved) break;
  }
  return beta;
}
