/**
 * A hidden Markov model of two states with normal returns, calm (0) and turbulent (1): Hamilton, "A New Approach to the
 * Economic Analysis of Nonstationary Time Series", Econometrica 57(2), 1989; Rabiner, Proceedings of the IEEE 77(2),
 * 1989.
 */
export interface TwoStates {
  /** Mean and variance of a period's return in each state; the first has the smaller variance. */
  readonly mean: readonly [number, number];
  readonly variance: readonly [number, number];
  /** Probability of staying in each state from one period to the next. */
  readonly stay: readonly [number, number];
  /** Of the first period. */
  readonly initial: readonly [number, number];
}

const STEPS_MAX = 60;
const TOLERANCE = 1e-7;
/** No state may shrink to a single value. */
const VARIANCE_SHARE_MIN = 1e-3;

/** Where a fit begins: half of the variance and twice it, states that last 50 and 20 periods. */
function firstGuess(returns: Float64Array): TwoStates {
  const [centre, variance] = momentsOf(returns);
  return { mean: [centre, centre], variance: [variance / 2, variance * 2], stay: [0.98, 0.95], initial: [0.7, 0.3] };
}

function momentsOf(returns: Float64Array): readonly [mean: number, variance: number] {
  let [sum, squares] = [0, 0];
  for (const value of returns) sum += value;
  const centre = sum / returns.length;
  for (const value of returns) squares += (value - centre) ** 2;
  return [centre, squares / returns.length];
}

/** Density of a normal distribution, but for the factor that both states share. */
function density(value: number, centre: number, variance: number): number {
  return Math.exp((-(value - centre) * (value - centre)) / (2 * variance)) / Math.sqrt(variance);
}

/** One step of the forward recursion: the probability of the turbulent state given the returns up to this one. */
interface Filter {
  /** Takes the next return; the probability of the turbulent state after it. */
  next(value: number): number;
  /** Scale of the last step, for the likelihood. */
  readonly scale: number;
}

/** Filters returns one by one: what is said after a return knows none that follows. */
export function turbulenceFilter(model: TwoStates): Filter {
  let turbulent = NaN;
  let scale = 1;
  return {
    next(value) {
      const before = Number.isNaN(turbulent)
        ? model.initial[1]
        : turbulent * model.stay[1] + (1 - turbulent) * (1 - model.stay[0]);
      const calm = (1 - before) * density(value, model.mean[0], model.variance[0]);
      const wild = before * density(value, model.mean[1], model.variance[1]);
      scale = calm + wild;
      // Too far from both for the densities to be told from 0: the wider one is nearer.
      turbulent = scale > 0 ? wild / scale : 1;
      return turbulent;
    },
    get scale() {
      return scale;
    },
  };
}

/**
 * Fits the two states to `returns` by expectation and maximisation (Baum and Welch), from `start` or a first guess.
 * Null where returns do not vary or are fewer than 30. Ends when the likelihood gains less than 1e-7 a period.
 */
export function fitTwoStates(returns: Float64Array, start: TwoStates | null = null): TwoStates | null {
  if (returns.length < 30) return null;
  const guess = firstGuess(returns);
  const spread = guess.variance[0] * 2;
  if (!(spread > 1e-18)) return null;
  let model = start ?? guess;
  let likelihood = -Infinity;
  for (let step = 0; step < STEPS_MAX; step++) {
    const found = improved(returns, model, VARIANCE_SHARE_MIN * spread);
    if (found.likelihood - likelihood < TOLERANCE * returns.length) break;
    likelihood = found.likelihood;
    model = found.model;
  }
  return ordered(model);
}

/** Parameters that two states have beyond a single normal distribution: mean, variance, two of staying, the first. */
const EXTRA_PARAMETERS = 5;

/** Whether two states explain `returns` better than one, by the Bayesian information criterion (Schwarz 1978). */
export function explainsMore(model: TwoStates, returns: Float64Array): boolean {
  const n = returns.length;
  const [centre, variance] = momentsOf(returns);
  const filter = turbulenceFilter(model);
  let gain = 0;
  for (const value of returns) {
    filter.next(value);
    gain += Math.log(filter.scale) - Math.log(density(value, centre, variance));
  }
  return gain > (EXTRA_PARAMETERS / 2) * Math.log(n);
}

/** The calm state first. */
function ordered(model: TwoStates): TwoStates {
  if (model.variance[0] <= model.variance[1]) return model;
  const swap = ([a, b]: readonly [number, number]): [number, number] => [b, a];
  return {
    mean: swap(model.mean),
    variance: swap(model.variance),
    stay: swap(model.stay),
    initial: swap(model.initial),
  };
}

/** Log-likelihood of `returns` (but for a constant) under `model`, and what one step of the fit makes of it. */
function improved(
  returns: Float64Array,
  model: TwoStates,
  varianceMin: number,
): { model: TwoStates; likelihood: number } {
  const n = returns.length;
  const filtered = new Float64Array(n);
  const filter = turbulenceFilter(model);
  let likelihood = 0;
  for (let at = 0; at < n; at++) {
    filtered[at] = filter.next(returns[at]!);
    likelihood += Math.log(Math.max(filter.scale, Number.MIN_VALUE));
  }
  // Smoothed backwards (Kim 1994): probabilities given all returns, and of each change of state.
  const [stayCalm, stayWild] = model.stay;
  let after = filtered[n - 1]!;
  const sums = { calmStays: 0, calmFrom: 0, wildStays: 0, wildFrom: 0 };
  const smoothed = new Float64Array(n);
  smoothed[n - 1] = after;
  for (let at = n - 2; at >= 0; at--) {
    const wild = filtered[at]!;
    const nextWild = wild * stayWild + (1 - wild) * (1 - stayCalm);
    const toWild = nextWild > 0 ? after / nextWild : 0;
    const toCalm = nextWild < 1 ? (1 - after) / (1 - nextWild) : 0;
    const wildWild = wild * stayWild * toWild;
    const wildCalm = wild * (1 - stayWild) * toCalm;
    const calmCalm = (1 - wild) * stayCalm * toCalm;
    const calmWild = (1 - wild) * (1 - stayCalm) * toWild;
    sums.wildStays += wildWild;
    sums.wildFrom += wildWild + wildCalm;
    sums.calmStays += calmCalm;
    sums.calmFrom += calmCalm + calmWild;
    after = wildWild + wildCalm;
    smoothed[at] = after;
  }
  return { likelihood, model: modelOf(returns, smoothed, { sums, model, varianceMin }) };
}

interface Sums {
  readonly calmStays: number;
  readonly calmFrom: number;
  readonly wildStays: number;
  readonly wildFrom: number;
}

/** The model whose states hold each return with the weight `wild` of the turbulent one. */
function modelOf(
  returns: Float64Array,
  wild: Float64Array,
  { sums, model, varianceMin }: { sums: Sums; model: TwoStates; varianceMin: number },
): TwoStates {
  let [calmWeight, wildWeight, calmSum, wildSum] = [0, 0, 0, 0];
  for (let at = 0; at < returns.length; at++) {
    calmWeight += 1 - wild[at]!;
    wildWeight += wild[at]!;
    calmSum += (1 - wild[at]!) * returns[at]!;
    wildSum += wild[at]! * returns[at]!;
  }
  const calmMean = calmWeight > 0 ? calmSum / calmWeight : model.mean[0];
  const wildMean = wildWeight > 0 ? wildSum / wildWeight : model.mean[1];
  let [calmSquares, wildSquares] = [0, 0];
  for (let at = 0; at < returns.length; at++) {
    calmSquares += (1 - wild[at]!) * (returns[at]! - calmMean) ** 2;
    wildSquares += wild[at]! * (returns[at]! - wildMean) ** 2;
  }
  // A state that is never left or never met would stay so for ever.
  const kept = (stays: number, from: number, before: number): number =>
    from > 0 ? Math.min(0.999, Math.max(0.5, stays / from)) : before;
  return {
    mean: [calmMean, wildMean],
    variance: [
      Math.max(varianceMin, calmWeight > 0 ? calmSquares / calmWeight : model.variance[0]),
      Math.max(varianceMin, wildWeight > 0 ? wildSquares / wildWeight : model.variance[1]),
    ],
    stay: [kept(sums.calmStays, sums.calmFrom, model.stay[0]), kept(sums.wildStays, sums.wildFrom, model.stay[1])],
    initial: [1 - wild[0]!, wild[0]!],
  };
}
