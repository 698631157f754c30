import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { fitTwoStates, turbulenceFilter, type TwoStates } from './hidden-markov.ts';

const TRUTH: TwoStates = {
  mean: [0.0008, -0.001],
  variance: [0.006 ** 2, 0.02 ** 2],
  stay: [0.98, 0.94],
  initial: [0.7, 0.3],
};

function simulate(length: number, seed: number, model = TRUTH): { returns: Float64Array; states: number[] } {
  const random = createRandom(seed);
  let state = random.next() < model.initial[0] ? 0 : 1;
  const states: number[] = [];
  const returns = Float64Array.from({ length }, () => {
    states.push(state);
    const value = model.mean[state]! + Math.sqrt(model.variance[state]!) * random.normal();
    if (random.next() > model.stay[state]!) state = 1 - state;
    return value;
  });
  return { returns, states };
}

const normal = (value: number, centre: number, variance: number): number =>
  Math.exp(-((value - centre) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

/** The probability of the turbulent state at the end by adding up every path of states. Slow and obvious. */
function spelledOut(returns: Float64Array, { mean, variance, stay, initial }: TwoStates): number {
  const sums = [0, 0];
  for (let path = 0; path < 1 << returns.length; path++) {
    let weight = 1;
    let before = 0;
    returns.forEach((value, at) => {
      const state = (path >> at) & 1;
      weight *= at === 0 ? initial[state]! : state === before ? stay[state]! : 1 - stay[before]!;
      weight *= normal(value, mean[state]!, variance[state]!);
      before = state;
    });
    sums[before]! += weight;
  }
  return sums[1]! / (sums[0]! + sums[1]!);
}

describe('two hidden states', () => {
  it.each([1, 2, 3])('are filtered as adding up every path of states does (seed %i)', (seed) => {
    const { returns } = simulate(12, seed);
    const filter = turbulenceFilter(TRUTH);
    returns.forEach((value, at) => {
      expect(filter.next(value)).toBeCloseTo(spelledOut(returns.subarray(0, at + 1), TRUTH), 12);
    });
  });

  it('are found again in returns that were made with them', () => {
    const { returns, states } = simulate(4_000, 5);
    const found = fitTwoStates(returns)!;
    expect(Math.sqrt(found.variance[0]) / 0.006).toBeCloseTo(1, 1);
    expect(Math.sqrt(found.variance[1]) / 0.02).toBeCloseTo(1, 1);
    expect(found.stay[0]).toBeCloseTo(0.98, 1.5);
    expect(found.stay[1]).toBeCloseTo(0.94, 1.5);
    const filter = turbulenceFilter(found);
    const right = states.filter((state, at) => filter.next(returns[at]!) > 0.5 === (state === 1));
    expect(right.length / states.length).toBeGreaterThan(0.93);
  });

  it('explain the returns at least as well as the states they were made with', () => {
    const { returns } = simulate(1_500, 8);
    const likelihood = (model: TwoStates): number => {
      const filter = turbulenceFilter(model);
      return returns.reduce((sum, value) => {
        filter.next(value);
        return sum + Math.log(filter.scale);
      }, 0);
    };
    expect(likelihood(fitTwoStates(returns)!)).toBeGreaterThan(likelihood(TRUTH) - 1e-6);
  });

  it('survive a return that no state can explain, and are not fitted to nothing', () => {
    const filter = turbulenceFilter(TRUTH);
    expect(filter.next(5)).toBe(1);
    expect(filter.next(0.0008)).toBeLessThan(1);
    expect(fitTwoStates(new Float64Array(100))).toBeNull();
    expect(fitTwoStates(Float64Array.from({ length: 20 }, (_, at) => at))).toBeNull();
  });
});
