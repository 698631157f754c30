import { exp, log } from '../arithmetic.ts';
import { ROUNDING } from '../rounding.ts';

/**
 * A hidden Markov model whose states each have normal values: Hamilton, Econometrica 57(2), 1989; Rabiner, Proceedings
 * of the IEEE 77(2), 1989. Arrays have a place per state.
 */
export interface HiddenMarkov {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** Probability of going from state i to state j, at i * states + j. */
  readonly transition: Float64Array;
  /** Of the state of the first value. */
  readonly initial: Float64Array;
}

export interface HiddenMarkovOptions {
  /** Steps of the climb; it ends earlier when one gains less than `tolerance` a value. */
  readonly steps?: number;
  readonly tolerance?: number;
  /** No state may shrink to a single value. */
  readonly varianceMin?: number;
  /** Bounds of the probability of staying: a state that is never left or never met would stay so for ever. */
  readonly stay?: readonly [least: number, most: number];
}

export interface HiddenMarkovFit {
  readonly model: HiddenMarkov;
  /** Of the values under the model before the last step. */
  readonly logLikelihood: number;
  readonly steps: number;
}

const HALF_LN_2_PI = 0.9189385332046727;
const STEPS = 60;
const TOLERANCE = 1e-7;

/**
 * Says after each value how probable each state is. What is said after a value knows none that follows. All memory is
 * in `probabilities` and `started`.
 */
export class MarkovFilter {
  readonly model: HiddenMarkov;
  /** Of each state, after the last value. */
  readonly probabilities: Float64Array;
  readonly densities: Float64Array;
  readonly before: Float64Array;
  /** -ln deviation - ln(2 pi) / 2 of each state. */
  readonly peaks: Float64Array;
  started = false;

  constructor(model: HiddenMarkov) {
    const states = model.mean.length;
    this.model = model;
    this.probabilities = new Float64Array(states);
    this.densities = new Float64Array(states);
    this.before = new Float64Array(states);
    this.peaks = model.variance.map((variance) => -0.5 * log(variance) - HALF_LN_2_PI);
  }

  /** Takes the next value; returns the logarithm of its density given the values before it. */
  next(value: number): number {
    const { model, probabilities, densities, before, peaks } = this;
    const states = probabilities.length;
    if (this.started) predict(model.transition, probabilities, before);
    else before.set(model.initial);
    this.started = true;
    let largest = -Infinity;
    for (let k = 0; k < states; k++) {
      const distance = value - model.mean[k]!;
      densities[k] = peaks[k]! - (distance * distance) / (2 * model.variance[k]!);
      if (before[k]! > 0 && densities[k]! > largest) largest = densities[k]!;
    }
    // Densities beside the largest: however far a value is from every state, they stay apart.
    let sum = 0;
    for (let k = 0; k < states; k++) {
      const weight = before[k]! > 0 ? before[k]! * exp(densities[k]! - largest) : 0;
      probabilities[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < states; k++) probabilities[k]! /= sum;
    return largest + log(sum);
  }
}

/** Probabilities of the states one step after `now`, into `next`. */
export function predict(transition: Float64Array, now: Float64Array, next: Float64Array): void {
  const states = now.length;
  for (let j = 0; j < states; j++) {
    let sum = 0;
    for (let i = 0; i < states; i++) sum += now[i]! * transition[i * states + j]!;
    next[j] = sum;
  }
}

/** Log-likelihood of `values` under `model`. */
export function markovLikelihood(values: Float64Array, model: HiddenMarkov): number {
  const filter = new MarkovFilter(model);
  let sum = 0;
  for (const value of values) sum += filter.next(value);
  return sum;
}

/**
 * Fits a model to `values` by expectation and maximisation (Baum and Welch) from `start`. States keep the order of
 * `start`; `byVariance` sorts them.
 */
export function fitHiddenMarkov(
  values: Float64Array,
  start: HiddenMarkov,
  { steps = STEPS, tolerance = TOLERANCE, varianceMin = 0, stay = [0, 1] }: HiddenMarkovOptions = {},
): HiddenMarkovFit {
  let model = start;
  let logLikelihood = -Infinity;
  let step = 0;
  for (; step < steps; step++) {
    const found = improved(values, model, { varianceMin, stay });
    if (found.logLikelihood - logLikelihood < tolerance * values.length) break;
    logLikelihood = found.logLikelihood;
    model = found.model;
  }
  return { model, logLikelihood, steps: step };
}

/**
 * Where a fit of `states` may begin: all with the mean of the values, variances from half of theirs to twice it, calm
 * states that last 50 values and wild ones that last 20. Null where the values do not vary.
 */
export function volatilityStart(values: Float64Array, states: number): HiddenMarkov | null {
  const n = values.length;
  let [mean, variance] = [0, 0];
  for (const value of values) mean += value / n;
  for (const value of values) variance += ((value - mean) * (value - mean)) / n;
  if (!(variance > ROUNDING * ROUNDING * mean * mean)) return null;
  const rank = (k: number): number => (2 * k) / (states - 1) - 1;
  const leave = (k: number): number => 0.035 + 0.015 * rank(k);
  const transition = new Float64Array(states * states);
  let total = 0;
  for (let i = 0; i < states; i++) {
    total += 1 / leave(i);
    for (let j = 0; j < states; j++) transition[i * states + j] = i === j ? 1 - leave(i) : leave(i) / (states - 1);
  }
  return {
    mean: new Float64Array(states).fill(mean),
    variance: Float64Array.from({ length: states }, (_, k) => variance * exp(rank(k) * Math.LN2)),
    transition,
    initial: Float64Array.from({ length: states }, (_, k) => 1 / leave(k) / total),
  };
}

/** The model with its states in ascending order of variance. */
export function byVariance({ mean, variance, transition, initial }: HiddenMarkov): HiddenMarkov {
  const states = mean.length;
  const order = Array.from(mean.keys()).sort((a, b) => variance[a]! - variance[b]! || a - b);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(order, (k) => values[k]!);
  return {
    mean: pick(mean),
    variance: pick(variance),
    transition: Float64Array.from(order.flatMap((i) => order.map((j) => transition[i * states + j]!))),
    initial: pick(initial),
  };
}

type Bounds = Required<Pick<HiddenMarkovOptions, 'varianceMin' | 'stay'>>;

/** Log-likelihood of `values` under `model`, and what one step of the fit makes of it. */
function improved(values: Float64Array, model: HiddenMarkov, bounds: Bounds): Omit<HiddenMarkovFit, 'steps'> {
  const n = values.length;
  const states = model.mean.length;
  const filter = new MarkovFilter(model);
  const filtered = new Float64Array(n * states);
  let logLikelihood = 0;
  for (let t = 0; t < n; t++) {
    logLikelihood += filter.next(values[t]!);
    filtered.set(filter.probabilities, t * states);
  }
  // Smoothed backwards in place (Kim 1994): probabilities given all values, and expected changes of state.
  const changes = new Float64Array(states * states);
  const ahead = new Float64Array(states);
  for (let t = n - 2; t >= 0; t--) {
    const now = filtered.subarray(t * states, (t + 1) * states);
    predict(model.transition, now, ahead);
    for (let j = 0; j < states; j++) {
      ahead[j] = ahead[j]! > 0 ? filtered[(t + 1) * states + j]! / ahead[j]! : 0;
    }
    for (let i = 0; i < states; i++) {
      let sum = 0;
      for (let j = 0; j < states; j++) {
        const change = now[i]! * model.transition[i * states + j]! * ahead[j]!;
        changes[i * states + j]! += change;
        sum += change;
      }
      now[i] = sum;
    }
  }
  const transition = model.transition.slice();
  for (let i = 0; i < states; i++) countedRow(transition, changes, { state: i, states, stay: bounds.stay });
  const moments = weightedMoments(values, filtered, { model, varianceMin: bounds.varianceMin });
  return { logLikelihood, model: { ...moments, transition, initial: filtered.slice(0, states) } };
}

/** Probabilities of leaving `state` by the expected changes; left as they are where it was never met. */
function countedRow(
  transition: Float64Array,
  changes: Float64Array,
  { state, states, stay: [least, most] }: { state: number; states: number; stay: readonly [number, number] },
): void {
  const from = state * states;
  let total = 0;
  for (let j = 0; j < states; j++) total += changes[from + j]!;
  if (!(total > 0)) return;
  const stays = changes[from + state]! / total;
  const kept = Math.min(most, Math.max(least, stays));
  for (let j = 0; j < states; j++) {
    const share = changes[from + j]! / total;
    if (j === state) transition[from + j] = kept;
    else if (kept === stays) transition[from + j] = share;
    else transition[from + j] = stays < 1 ? (share * (1 - kept)) / (1 - stays) : (1 - kept) / (states - 1);
  }
}

/** Mean and variance of each state by the weight of every value in it. */
function weightedMoments(
  values: Float64Array,
  weights: Float64Array,
  { model, varianceMin }: { model: HiddenMarkov; varianceMin: number },
): Pick<HiddenMarkov, 'mean' | 'variance'> {
  const states = model.mean.length;
  const mean = model.mean.slice();
  const variance = model.variance.slice();
  for (let k = 0; k < states; k++) {
    let [weight, sum, squares] = [0, 0, 0];
    for (let t = 0; t < values.length; t++) {
      weight += weights[t * states + k]!;
      sum += weights[t * states + k]! * values[t]!;
    }
    if (!(weight > 0)) continue;
    const centre = sum / weight;
    for (let t = 0; t < values.length; t++) {
      const distance = values[t]! - centre;
      squares += weights[t * states + k]! * distance * distance;
    }
    mean[k] = centre;
    variance[k] = Math.max(varianceMin, squares / weight);
  }
  return { mean, variance };
}
