import {
  byVariance,
  fitHiddenMarkov,
  markovLikelihood,
  MarkovFilter,
  volatilityStart,
  type HiddenMarkov,
} from '../../features/fitted/hidden-markov.ts';
import { mean } from './moments.ts';

/** A hidden Markov model of two states with normal returns, calm (0) and turbulent (1). */
export interface TwoStates {
  /** Mean and variance of a period's return in each state; the first has the smaller variance. */
  readonly mean: readonly [number, number];
  readonly variance: readonly [number, number];
  /** Probability of staying in each state from one period to the next. */
  readonly stay: readonly [number, number];
  /** Of the first period. */
  readonly initial: readonly [number, number];
}

/** No state may shrink to a single value: this share of twice the variance of all. */
const VARIANCE_SHARE_MIN = 1e-3;
const STAY = [0.5, 0.999] as const;
const INITIAL = Float64Array.of(0.7, 0.3);

/** Filters returns one by one: what is said after a return knows none that follows. */
export interface TurbulenceFilter {
  /** Takes the next return; the probability of the turbulent state after it. */
  next(value: number): number;
  /** Density of the last return given those before it. */
  readonly scale: number;
}

export function turbulenceFilter(model: TwoStates): TurbulenceFilter {
  const filter = new MarkovFilter(chainOf(model));
  let logScale = 0;
  return {
    next(value) {
      logScale = filter.next(value);
      return filter.probabilities[1]!;
    },
    get scale() {
      return Math.exp(logScale);
    },
  };
}

/**
 * Fits the two states to `returns` by expectation and maximisation (Baum and Welch), from `start` or a first guess.
 * Null where returns do not vary or are fewer than 30. Ends when the likelihood gains less than 1e-7 a period.
 */
export function fitTwoStates(returns: Float64Array, start: TwoStates | null = null): TwoStates | null {
  if (returns.length < 30) return null;
  const guess = volatilityStart(returns, 2);
  if (guess === null) return null;
  const spread = guess.variance[1]!;
  if (!(spread > 1e-18)) return null;
  const from = start === null ? { ...guess, initial: INITIAL } : chainOf(start);
  const options = { varianceMin: VARIANCE_SHARE_MIN * spread, stay: STAY };
  return twoStatesOf(byVariance(fitHiddenMarkov(returns, from, options).model));
}

/** Parameters that two states have beyond a single normal distribution: mean, variance, two of staying, the first. */
const EXTRA_PARAMETERS = 5;

/** Whether two states explain `returns` better than one, by the Bayesian information criterion (Schwarz 1978). */
export function explainsMore(model: TwoStates, returns: Float64Array): boolean {
  const n = returns.length;
  const centre = mean(returns);
  const variance = returns.reduce((sum, value) => sum + (value - centre) ** 2, 0) / n;
  const alone = -0.5 * n * (Math.log(2 * Math.PI * variance) + 1);
  return markovLikelihood(returns, chainOf(model)) - alone > (EXTRA_PARAMETERS / 2) * Math.log(n);
}

function chainOf({ mean: means, variance, stay, initial }: TwoStates): HiddenMarkov {
  return {
    mean: Float64Array.from(means),
    variance: Float64Array.from(variance),
    transition: Float64Array.of(stay[0], 1 - stay[0], 1 - stay[1], stay[1]),
    initial: Float64Array.from(initial),
  };
}

function twoStatesOf({ mean: means, variance, transition, initial }: HiddenMarkov): TwoStates {
  return {
    mean: [means[0]!, means[1]!],
    variance: [variance[0]!, variance[1]!],
    stay: [transition[0]!, transition[3]!],
    initial: [initial[0]!, initial[1]!],
  };
}
