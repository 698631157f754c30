import { DECAY } from './ewma.ts';
import { LogSum } from './log-sum.ts';

/** Of a GARCH(1,1): return = mu + e, variance = omega + alpha e^2 + beta variance, of the bar before. */
export interface GarchParameters {
  readonly mu: number;
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Returns as the likelihood reads them, and what bounds the variances, as the `arch` package of Sheppard has it. */
export interface GarchSeries {
  readonly returns: Float64Array;
  /** Stands for the squared residual and the variance before the first return: smoothed squares of the first 75. */
  readonly before: number;
  readonly least: Float64Array;
  readonly most: Float64Array;
}

const FIRST_RETURNS = 75;
const LN_2_PI = 1.8378770664093453;

/**
 * Prepares `returns` with a sample mean of `centre`. Variances stay within a millionth and a million times the smoothed
 * squares up to each bar, and above a 1e-8th of the sample's.
 */
export function garchSeries(returns: Float64Array, centre: number): GarchSeries {
  const n = returns.length;
  const square = (i: number): number => (returns[i]! - centre) * (returns[i]! - centre);
  let [before, weights, weight, variance, largest] = [0, 0, 1, 0, 0];
  for (let i = 0; i < n; i++) {
    if (i < FIRST_RETURNS) {
      before += weight * square(i);
      weights += weight;
      weight *= DECAY;
    }
    variance += square(i) / n;
    largest = Math.max(largest, square(i));
  }
  before /= weights;
  const least = new Float64Array(n);
  const most = new Float64Array(n);
  let smoothed = before;
  for (let i = 0; i < n; i++) {
    least[i] = Math.max(smoothed / 1e6, variance / 1e8);
    most[i] = Math.max(smoothed * 1e6, largest + variance);
    smoothed = DECAY * smoothed + (1 - DECAY) * square(i);
  }
  return { returns, before, least, most };
}

/** Gaussian log-likelihood of the returns, and the variance of the bar after the last. */
export function garchLikelihood(
  { returns, before, least, most }: GarchSeries,
  { mu, omega, alpha, beta }: GarchParameters,
): { logLikelihood: number; nextVariance: number } {
  const logs = new LogSum();
  let squares = 0;
  let h = omega + (alpha + beta) * before;
  for (let i = 0; i < returns.length; i++) {
    if (h < least[i]!) h = least[i]!;
    else if (h > most[i]!) h = most[i]!;
    const e = returns[i]! - mu;
    logs.add(h);
    squares += (e * e) / h;
    h = omega + alpha * e * e + beta * h;
  }
  return { logLikelihood: -0.5 * (returns.length * LN_2_PI + logs.value() + squares), nextVariance: h };
}

/** Slope and curvature of the log-likelihood in mu, omega, alpha, beta; matrices are 4 x 4, row-major. */
export interface GarchCurvature {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  /** Fisher's information in its outer form, which has no negative direction. */
  readonly information: Float64Array;
}

/** Second derivatives of the variance that are not 0 throughout, as places in a 4 x 4 matrix. */
const [MU_MU, MU_ALPHA, MU_BETA, OMEGA_BETA, ALPHA_BETA, BETA_BETA] = [0, 2, 3, 7, 11, 15] as const;

/** Derivatives by the recursion of the variance itself: Fiorentini, Calzolari and Panattoni (1996). */
export function garchCurvature(
  { returns, before, least, most }: GarchSeries,
  { mu, omega, alpha, beta }: GarchParameters,
): GarchCurvature {
  const gradient = new Float64Array(4);
  const hessian = new Float64Array(16);
  const information = new Float64Array(16);
  const slope = Float64Array.of(0, 1, before, before);
  const bend = new Float64Array(16);
  let h = omega + (alpha + beta) * before;
  for (let t = 0; t < returns.length; t++) {
    const bound = h < least[t]! ? least[t]! : h > most[t]! ? most[t]! : h;
    if (bound !== h) {
      h = bound;
      slope.fill(0);
      bend.fill(0);
    }
    const e = returns[t]! - mu;
    const inverse = 1 / h;
    const standard = e * e * inverse;
    const first = 0.5 * (standard - 1) * inverse;
    const second = (0.5 - standard) * inverse * inverse;
    const cross = e * inverse * inverse;
    const outer = 0.5 * inverse * inverse;
    gradient[0]! += e * inverse;
    hessian[0]! -= inverse;
    information[0]! += inverse;
    for (let i = 0; i < 4; i++) {
      gradient[i]! += first * slope[i]!;
      hessian[i]! -= cross * slope[i]!;
      for (let j = i; j < 4; j++) {
        const product = slope[i]! * slope[j]!;
        hessian[i * 4 + j]! += first * bend[i * 4 + j]! + second * product;
        information[i * 4 + j]! += outer * product;
      }
    }
    hessian[0]! -= cross * slope[0]!;
    bend[MU_MU] = 2 * alpha + beta * bend[MU_MU]!;
    bend[MU_ALPHA] = -2 * e + beta * bend[MU_ALPHA]!;
    bend[MU_BETA] = slope[0]! + beta * bend[MU_BETA]!;
    bend[OMEGA_BETA] = slope[1]! + beta * bend[OMEGA_BETA]!;
    bend[ALPHA_BETA] = slope[2]! + beta * bend[ALPHA_BETA]!;
    bend[BETA_BETA] = 2 * slope[3]! + beta * bend[BETA_BETA]!;
    slope[0] = -2 * alpha * e + beta * slope[0]!;
    slope[1] = 1 + beta * slope[1]!;
    slope[2] = e * e + beta * slope[2]!;
    slope[3] = h + beta * slope[3]!;
    h = omega + alpha * e * e + beta * h;
  }
  for (const matrix of [hessian, information]) {
    for (let i = 1; i < 4; i++) for (let j = 0; j < i; j++) matrix[i * 4 + j] = matrix[j * 4 + i]!;
  }
  return { gradient, hessian, information };
}
