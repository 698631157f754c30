import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { modelConfidence } from './model-confidence.ts';

/** Losses of models that share most of their noise, each with a mean of its own. */
function losses(means: readonly number[], periods: number, seed: number): Float64Array[] {
  const random = createRandom(seed);
  const shared = Float64Array.from({ length: periods }, () => random.normal());
  return means.map((mean) => shared.map((value) => mean + value + 0.5 * random.normal()));
}

describe('the model confidence set', () => {
  it('keeps the best and leaves out what is clearly worse', () => {
    const [best, worse, worst] = modelConfidence(losses([1, 1.2, 2], 800, 1), { random: createRandom(2) })!;
    expect(best).toBe(1);
    expect(worse).toBeLessThan(0.01);
    expect(worst).toBeLessThan(0.01);
  });

  it('holds models that are equally good nine times in ten', () => {
    const runs = 200;
    let kept = 0;
    for (let run = 0; run < runs; run++) {
      const found = modelConfidence(losses([1, 1, 1, 1], 150, 10 + run), {
        random: createRandom(run),
        samples: 300,
        blockLength: 1,
      })!;
      if (found.every((p) => p > 0.1)) kept += 1;
    }
    // 90 % of 200 within three standard errors.
    expect(kept / runs).toBeGreaterThan(0.835);
    expect(kept / runs).toBeLessThan(0.965);
  });

  it('does not tell models apart that lose the same, and takes no loss without bound', () => {
    const [one] = losses([1], 100, 3);
    expect(modelConfidence([one!, one!.slice()], { random: createRandom(1) })).toEqual([1, 1]);
    const endless = Float64Array.from(one!, (value, i) => (i === 5 ? Infinity : value));
    expect(modelConfidence([one!, endless], { random: createRandom(1) })).toBeNull();
    expect(() => modelConfidence([one!, one!.subarray(1)], { random: createRandom(1) })).toThrow(/same periods/);
  });

  it('knows that a model which loses less by the same amount in every period is better', () => {
    const [one] = losses([1], 100, 4);
    expect(modelConfidence([one!, one!.map((value) => value + 0.1)], { random: createRandom(1) })).toEqual([1, 0]);
  });
});
