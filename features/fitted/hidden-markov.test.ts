import { describe, expect, it } from 'vitest';
import {
  byVariance,
  fitHiddenMarkov,
  markovLikelihood,
  MarkovFilter,
  volatilityStart,
  type HiddenMarkov,
} from './hidden-markov.ts';
import { normals } from './testing/normals.ts';

const TRUTH: HiddenMarkov = {
  mean: Float64Array.of(0.1, 0, -0.3),
  variance: Float64Array.of(0.25, 1, 9),
  transition: Float64Array.of(0.97, 0.02, 0.01, 0.02, 0.96, 0.02, 0.01, 0.05, 0.94),
  initial: Float64Array.of(0.5, 0.3, 0.2),
};

function simulate(length: number, seed: number): Float64Array {
  const normal = normals(seed);
  let uniform = seed;
  const next = (): number => (uniform = (uniform * 69621) % 2147483647) / 2147483647;
  let state = 0;
  return Float64Array.from({ length }, () => {
    const value = TRUTH.mean[state]! + Math.sqrt(TRUTH.variance[state]!) * normal();
    let rest = next();
    let to = 0;
    while (to < 2 && (rest -= TRUTH.transition[state * 3 + to]!) > 0) to += 1;
    state = to;
    return value;
  });
}

const density = (value: number, mean: number, variance: number): number =>
  Math.exp(-((value - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

/** Density of the values with the state at the end, by adding up every path of states. Slow and obvious. */
function spelledOut(values: Float64Array, { mean, variance, transition, initial }: HiddenMarkov): number[] {
  const states = mean.length;
  let paths = Array.from(initial, (weight, k) => ({ weight, at: k }));
  values.forEach((value, t) => {
    if (t > 0) {
      paths = paths.flatMap(({ weight, at }) =>
        Array.from({ length: states }, (_, to) => ({ weight: weight * transition[at * states + to]!, at: to })),
      );
    }
    paths = paths.map(({ weight, at }) => ({ weight: weight * density(value, mean[at]!, variance[at]!), at }));
  });
  return Array.from({ length: states }, (_, k) =>
    paths.filter(({ at }) => at === k).reduce((sum, { weight }) => sum + weight, 0),
  );
}

describe('a hidden Markov model', () => {
  it('is filtered, and as likely, as adding up every path of states says', () => {
    const values = simulate(8, 5);
    const filter = new MarkovFilter(TRUTH);
    let logLikelihood = 0;
    values.forEach((value, t) => {
      logLikelihood += filter.next(value);
      const paths = spelledOut(values.subarray(0, t + 1), TRUTH);
      const total = paths.reduce((sum, x) => sum + x, 0);
      expect(logLikelihood).toBeCloseTo(Math.log(total), 10);
      paths.forEach((weight, k) => expect(filter.probabilities[k]).toBeCloseTo(weight / total, 10));
    });
    expect(markovLikelihood(values, TRUTH)).toBeCloseTo(logLikelihood, 12);
  });

  it('is found again in values that were made with it', () => {
    const values = simulate(20_000, 11);
    const found = byVariance(fitHiddenMarkov(values, volatilityStart(values, 3)!, { steps: 300 }).model);
    TRUTH.variance.forEach((variance, k) => expect(Math.sqrt(found.variance[k]! / variance)).toBeCloseTo(1, 0.8));
    TRUTH.transition.forEach((probability, at) => expect(found.transition[at]).toBeCloseTo(probability, 1.4));
    expect(markovLikelihood(values, found)).toBeGreaterThan(markovLikelihood(values, TRUTH));
  });

  it('becomes likelier with every step of the fit', () => {
    const values = simulate(600, 7);
    const start = volatilityStart(values, 3)!;
    const likelihoods = [0, 1, 2, 3, 5, 8, 13, 21, 34].map((steps) =>
      markovLikelihood(values, fitHiddenMarkov(values, start, { steps, tolerance: -Infinity }).model),
    );
    expect(likelihoods.slice(1).every((value, i) => value > likelihoods[i]!)).toBe(true);
  });

  it('is the same model with its states in another order', () => {
    const turned: HiddenMarkov = {
      mean: Float64Array.of(-0.3, 0.1, 0),
      variance: Float64Array.of(9, 0.25, 1),
      transition: Float64Array.of(0.94, 0.01, 0.05, 0.01, 0.97, 0.02, 0.02, 0.02, 0.96),
      initial: Float64Array.of(0.2, 0.5, 0.3),
    };
    expect(byVariance(turned)).toEqual(TRUTH);
    const values = simulate(50, 3);
    expect(markovLikelihood(values, turned)).toBeCloseTo(markovLikelihood(values, TRUTH), 10);
  });

  it('keeps states from shrinking and from staying for ever', () => {
    const values = Float64Array.from({ length: 300 }, (_, i) => (i === 150 ? 5 : i % 2 === 0 ? 0.1 : -0.1));
    const stay = [0.5, 0.999] as const;
    const { model } = fitHiddenMarkov(values, volatilityStart(values, 2)!, { varianceMin: 1e-3, stay });
    expect(Math.min(...model.variance)).toBeGreaterThanOrEqual(1e-3);
    for (const k of [0, 1]) {
      expect(model.transition[k * 3]).toBeGreaterThanOrEqual(0.5);
      expect(model.transition[k * 3]).toBeLessThanOrEqual(0.999);
      expect(model.transition[k * 2]! + model.transition[k * 2 + 1]!).toBeCloseTo(1, 14);
    }
    for (const still of [0, 0.0123]) expect(volatilityStart(new Float64Array(50).fill(still), 2)).toBeNull();
  });
});
