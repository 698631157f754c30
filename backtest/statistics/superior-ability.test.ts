import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { mean } from './moments.ts';
import { bootstrapDeviation, superiorAbility, superiorAbilityOver } from './superior-ability.ts';

/** A generator that is a line in any language: x = (1664525 x + 1013904223) mod 2^32, as a fraction. */
function congruential(seed: number): () => number {
  let x = seed;
  return () => (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

interface Reference {
  readonly seed: number;
  readonly periods: number;
  readonly blockLength: number;
  readonly means: readonly number[];
  readonly expected: readonly [reality: number, lower: number, consistent: number, upper: number];
  readonly statistic: number;
  readonly deviations: readonly number[];
}

/**
 * Made with SPA of the Python package arch 8.0.0 on the columns and resamples of `madeCase`: the reality check is its
 * upper p-value of the returns, the others its p-values of returns over the deviations it computes, since its own
 * statistic is not studentised.
 */
const REFERENCES: readonly Reference[] = [
  {
    seed: 1,
    periods: 120,
    blockLength: 4,
    means: [0.0002, 0.0004, -0.003, -0.002, 0.001],
    expected: [0.4925, 0.11, 0.17, 0.2225],
    statistic: 1.6397019212791282,
    deviations: [
      0.004030223147138657, 0.011555256350789444, 0.017488947140767583, 0.016779118879497543, 0.02291949136517648,
    ],
  },
  {
    seed: 2,
    periods: 250,
    blockLength: 6,
    means: [0.0003, 0.0001, -0.003, -0.002, 0.001, -0.02, -0.01, 0],
    expected: [0.9175, 0.0325, 0.04, 0.0775],
    statistic: 2.3157050947746813,
    deviations: [
      0.005176449617503181, 0.010277941925246113, 0.012295262438345042, 0.01705000951610547, 0.026379299097156576,
      0.029004739587774733, 0.03323852053441594, 0.03249129413673452,
    ],
  },
  {
    seed: 3,
    periods: 60,
    blockLength: 1,
    means: [0.0006, 0.0004, -0.003],
    expected: [0.54, 0.1375, 0.1525, 0.2],
    statistic: 1.4670338277755293,
    deviations: [0.0049389934380231395, 0.009956540726133997, 0.01523387233687265],
  },
];

const RESAMPLES = 400;

function madeCase({ seed, periods, means, blockLength }: Reference): { trials: Float64Array[]; draws: Int32Array[] } {
  const next = congruential(seed);
  const trials = means.map((centre, at) =>
    Float64Array.from({ length: periods }, () => (next() + next() + next() - 1.5) * 0.01 * (at + 1) + centre),
  );
  const draws = Array.from({ length: RESAMPLES }, () => {
    const counts = new Int32Array(periods);
    let at = 0;
    for (let drawn = 0; drawn < periods; drawn++) {
      const restart = next() * blockLength < 1;
      const pick = Math.floor(next() * periods);
      at = drawn === 0 || restart ? pick : (at + 1) % periods;
      counts[at]! += 1;
    }
    return counts;
  });
  return { trials, draws };
}

function noise(trials: number, periods: number, seed: number, means: readonly number[] = []): Float64Array[] {
  const random = createRandom(seed);
  return Array.from({ length: trials }, (_, trial) =>
    Float64Array.from({ length: periods }, () => 0.01 * random.normal() + (means[trial] ?? 0)),
  );
}

describe('reality check and superior predictive ability', () => {
  it.each(REFERENCES)('equal an independent implementation over the same resamples (seed $seed)', (reference) => {
    const { trials, draws } = madeCase(reference);
    const { blockLength } = reference;
    trials.forEach((values, at) =>
      expect(bootstrapDeviation(values, blockLength)).toBeCloseTo(reference.deviations[at]!, 12),
    );
    const rest = draws.values();
    const draw = (): Int32Array => rest.next().value!;
    const found = superiorAbilityOver(trials, { draw, samples: RESAMPLES, blockLength });
    expect([found.realityCheck, found.lower, found.consistent, found.upper]).toEqual(reference.expected);
    expect(found.statistic).toBeCloseTo(reference.statistic, 10);
  });

  it('has p-values near uniform where every trial is as good as its benchmark', () => {
    const found = Array.from({ length: 120 }, (_, seed) =>
      superiorAbility(noise(8, 250, seed), { random: createRandom(seed), samples: 200 }),
    );
    for (const name of ['consistent', 'upper', 'realityCheck'] as const) {
      const values = found.map((one) => one![name]);
      // Three standard errors of 120 uniform values.
      expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.08);
      expect(values.filter((value) => value <= 0.1).length / 120).toBeLessThan(0.19);
    }
  });

  it('finds a trial that is truly better, and names it', () => {
    const found = superiorAbility(noise(10, 500, 3, [0, 0, 0, 0.003]), { random: createRandom(1) })!;
    expect(found).toMatchObject({ trials: 10, periods: 500, best: 3, samples: 1_000 });
    expect(found.consistent).toBeLessThan(0.01);
    expect(found.realityCheck).toBeLessThan(0.01);
  });

  it('is not blinded by bad trials, which weaken the reality check', () => {
    const bad = noise(
      30,
      400,
      11,
      Array.from({ length: 30 }, () => -0.02),
    ).map((trial) => trial.map((r) => 3 * r));
    const trials = [...noise(1, 400, 5, [0.0012]), ...bad];
    const found = superiorAbility(trials, { random: createRandom(1) })!;
    expect(found.consistent).toBeLessThan(0.1);
    expect(found.realityCheck).toBeGreaterThan(0.5);
    expect(found.lower).toBeLessThanOrEqual(found.consistent);
    expect(found.consistent).toBeLessThanOrEqual(found.upper);
  });

  it('lets a trial that did nothing stand with the benchmark, and is null where all did nothing', () => {
    const idle = new Float64Array(250);
    const found = superiorAbility([idle, ...noise(2, 250, 4)], { random: createRandom(1) })!;
    expect(found.trials).toBe(3);
    expect(Number.isFinite(found.consistent)).toBe(true);
    expect(superiorAbility([idle, idle], { random: createRandom(1) })).toBeNull();
    expect(superiorAbility(noise(3, 19, 1), { random: createRandom(1) })).toBeNull();
    expect(superiorAbility([], { random: createRandom(1) })).toBeNull();
  });

  it('is certain luck where every trial is worse than its benchmark', () => {
    const worse = noise(3, 300, 6, [-0.01, -0.01, -0.01]);
    const found = superiorAbility(worse, { random: createRandom(1), samples: 100 })!;
    expect(found).toMatchObject({ statistic: 0, lower: 1, consistent: 1, upper: 1 });
  });

  it('repeats for the same seed, and asks for equal periods', () => {
    const once = superiorAbility(noise(4, 100, 2), { random: createRandom(9) });
    expect(superiorAbility(noise(4, 100, 2), { random: createRandom(9) })).toEqual(once);
    const unequal = [...noise(1, 100, 1), ...noise(1, 99, 1)];
    expect(() => superiorAbility(unequal, { random: createRandom(1) })).toThrow('same periods');
  });
});
