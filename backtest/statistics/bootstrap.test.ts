import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { automaticBlockLength, bootstrapMean } from './bootstrap.ts';
import { mean, sampleDeviation } from './moments.ts';

/** x(t) = rho x(t-1) + noise. */
function autoregressive(rho: number, length: number, seed: number): Float64Array {
  const random = createRandom(seed);
  let last = random.normal() / Math.sqrt(1 - rho * rho);
  return Float64Array.from({ length }, () => (last = rho * last + random.normal()));
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

describe('automatic block length', () => {
  // Politis and White (2004): (2 rho / (1 - rho^2))^(2/3) n^(1/3) for a first-order autoregression.
  it.each([0.3, 0.5, 0.7])('is near the theoretical optimum for rho %f', (rho) => {
    const optimum = ((2 * rho) / (1 - rho * rho)) ** (2 / 3) * Math.cbrt(2_000);
    const found = mean(seeds.map((seed) => automaticBlockLength(autoregressive(rho, 2_000, seed))));
    expect(found / optimum).toBeGreaterThan(0.75);
    expect(found / optimum).toBeLessThan(1.25);
  });

  it('is short for independent values, 1 for constant ones and never beyond a third', () => {
    expect(mean(seeds.map((seed) => automaticBlockLength(autoregressive(0, 2_000, seed))))).toBeLessThan(6);
    expect(automaticBlockLength([1, 1, 1, 1])).toBe(1);
    expect(automaticBlockLength(Float64Array.from({ length: 30 }, (_, i) => i))).toBeLessThanOrEqual(10);
  });
});

describe('interval of the mean', () => {
  it('is as wide as theory says for independent values', () => {
    const values = autoregressive(0, 1_000, 9);
    const { low, high } = bootstrapMean(values, { random: createRandom(1), blockLength: 1 })!;
    const half = (1.96 * sampleDeviation(values)) / Math.sqrt(1_000);
    expect((high - low) / 2 / half).toBeGreaterThan(0.93);
    expect((high - low) / 2 / half).toBeLessThan(1.07);
    expect((low + high) / 2).toBeCloseTo(mean(values), 1);
  });

  it('holds the truth about as often as it says when values depend on each other, which single draws do not', () => {
    const covered = (blockLength: number | undefined): number =>
      seeds.concat(seeds.map((seed) => seed + 100)).filter((seed) => {
        const random = createRandom(seed);
        const options = { random, samples: 400, ...(blockLength === undefined ? {} : { blockLength }) };
        const { low, high } = bootstrapMean(autoregressive(0.5, 500, seed), options)!;
        return low < 0 && high > 0;
      }).length / 80;
    expect(covered(undefined)).toBeGreaterThan(0.86);
    expect(covered(1)).toBeLessThan(0.8);
  });

  it('repeats for the same seed and is null without two values', () => {
    const values = autoregressive(0.2, 100, 1);
    const once = bootstrapMean(values, { random: createRandom(1), samples: 200 });
    expect(bootstrapMean(values, { random: createRandom(1), samples: 200 })).toEqual(once);
    expect(bootstrapMean(values, { random: createRandom(2), samples: 200 })).not.toEqual(once);
    expect(bootstrapMean(Float64Array.of(1), { random: createRandom(1) })).toBeNull();
  });
});
