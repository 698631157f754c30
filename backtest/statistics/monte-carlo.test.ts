import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { maximumDrawdown } from './drawdown.ts';
import { pathOutcomes, resampledBlocks, resampledTrades, shuffledTrades } from './monte-carlo.ts';

const random = (seed = 1) => createRandom(seed);

/** Every order of `values`. */
function orders(values: readonly number[]): number[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((first, at) => orders(values.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

/** Every draw of `left` of `values` with replacement. */
function draws(values: readonly number[], left = values.length): number[][] {
  return left === 0 ? [[]] : values.flatMap((first) => draws(values, left - 1).map((rest) => [first, ...rest]));
}

function exactly(paths: readonly (readonly number[])[], ruinAt: number): ReturnType<typeof pathOutcomes> {
  const wealth = paths.map((path) => path.reduce<number[]>((all, r) => [...all, all.at(-1)! * (1 + r)], [1]));
  return pathOutcomes(
    Float64Array.from(wealth, (values) => values.at(-1)! - 1),
    Float64Array.from(wealth, (values) => maximumDrawdown(values).depth),
    ruinAt,
  );
}

describe('Monte Carlo over trades', () => {
  const trades = [0.3, -0.2, -0.1, 0.15, -0.25];
  const options = { samples: 20_000, ruinAt: 0.4 };

  it('shuffles to what every order of the trades gives, with one end', () => {
    const expected = exactly(orders(trades), 0.4);
    const found = shuffledTrades(Float64Array.from(trades), { ...options, random: random() })!;
    expect(found.totalReturn.p01).toBeCloseTo(found.totalReturn.p99, 12);
    expect(found.ruinProbability).toBeGreaterThan(0.1);
    expect(found.ruinProbability).toBeCloseTo(expected.ruinProbability, 1.5);
    expect(found.maxDrawdown.p50).toBeCloseTo(expected.maxDrawdown.p50, 1);
    expect(found.maxDrawdown.p05).toBeCloseTo(expected.maxDrawdown.p05, 1);
  });

  it('resamples to what every draw with replacement gives', () => {
    const expected = exactly(draws(trades), 0.4);
    const found = resampledTrades(Float64Array.from(trades), { ...options, random: random() })!;
    expect(found.lossProbability).toBeCloseTo(expected.lossProbability, 1.5);
    expect(found.ruinProbability).toBeCloseTo(expected.ruinProbability, 1.5);
    expect(found.totalReturn.p50).toBeCloseTo(expected.totalReturn.p50, 1);
    expect(found.maxDrawdown.p05).toBeCloseTo(expected.maxDrawdown.p05, 1);
  });

  it('is null without two trades and repeats for the same seed', () => {
    expect(shuffledTrades(Float64Array.of(0.1), { random: random() })).toBeNull();
    expect(resampledTrades(new Float64Array(0), { random: random() })).toBeNull();
    const once = resampledTrades(Float64Array.from(trades), { random: random(3) });
    expect(resampledTrades(Float64Array.from(trades), { random: random(3) })).toEqual(once);
    expect(once!.samples).toBe(1_000);
  });

  it('lets an account that is gone stay gone', () => {
    const found = shuffledTrades(Float64Array.of(-1.2, 5, 0.1), { random: random() })!;
    expect(found.totalReturn).toMatchObject({ p01: -1, p99: -1 });
    expect(found.ruinProbability).toBe(1);
  });
});

describe('Monte Carlo over blocks of returns', () => {
  it('keeps runs of losses together: drawdowns are deeper than those of single days', () => {
    const runs = Float64Array.from({ length: 400 }, (_, day) => (Math.floor(day / 20) % 2 === 0 ? 0.005 : -0.005));
    const together = resampledBlocks(runs, { random: random(), blockLength: 40 })!;
    const apart = resampledBlocks(runs, { random: random(), blockLength: 1 })!;
    expect(together.maxDrawdown.p50).toBeLessThan(1.5 * apart.maxDrawdown.p50);
    expect(together.blockLength).toBe(40);
  });

  it('draws fewer paths where each is very long, and none from a single day', () => {
    const many = new Float64Array(160_000).fill(1e-6);
    expect(resampledBlocks(many, { random: random(), blockLength: 5 })!.samples).toBe(125);
    expect(resampledBlocks(Float64Array.of(0.1), { random: random() })).toBeNull();
  });
});
