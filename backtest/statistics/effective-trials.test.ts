import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { effectiveTrials } from './effective-trials.ts';
import { correlation } from './relative.ts';

const DAYS = 400;

/** Columns that each share `loading` of their spread with the one of their group. */
function groups(sizes: readonly number[], loading: number, seed: number): Float64Array[] {
  const random = createRandom(`groups/${seed}`);
  const noise = (): Float64Array => Float64Array.from({ length: DAYS }, () => random.normal());
  return sizes.flatMap((size) => {
    const shared = noise();
    const own = Math.sqrt(1 - loading * loading);
    return Array.from({ length: size }, () => noise().map((value, day) => loading * shared[day]! + own * value));
  });
}

describe('the effective number of trials', () => {
  it('is one for one that was made again and again, whatever its scale', () => {
    const [one] = groups([1], 0, 1);
    const again = [one!, one!.map((value) => 3 * value + 1), one!.map((value) => 0.1 * value)];
    expect(effectiveTrials(again)).toMatchObject({ trials: 3, clusters: 1 });
    expect(effectiveTrials(again)!.independent).toBeCloseTo(1, 9);
  });

  it('is their number where none is like another', () => {
    const found = effectiveTrials(groups(Array<number>(12).fill(1), 0, 2))!;
    expect(found.clusters).toBe(12);
    // Correlations of chance, 1/400 squared on average, take a little.
    expect(found.independent).toBeGreaterThan(11.4);
    expect(found.independent).toBeLessThanOrEqual(12);
  });

  it('finds the groups that trials were made in', () => {
    for (const [seed, sizes] of [
      [5, 1, 1],
      [4, 4, 4, 4],
      [30, 2],
    ].entries()) {
      expect(effectiveTrials(groups(sizes, 0.95, seed))?.clusters, String(sizes)).toBe(sizes.length);
    }
  });

  it('counts trials that share less than half of their variance apart, and those that go against each other', () => {
    expect(effectiveTrials(groups([6], 0.7, 9))?.clusters).toBe(6);
    const [one] = groups([1], 0, 3);
    expect(effectiveTrials([one!, one!.map((value) => -value)])?.clusters).toBe(2);
  });

  it('is not known of too few returns or one trial; one that does nothing is like no other', () => {
    expect(effectiveTrials([])).toBeNull();
    expect(effectiveTrials(groups([1], 0, 1))).toBeNull();
    expect(effectiveTrials([new Float64Array(2), new Float64Array(2)])).toBeNull();
    const [one] = groups([1], 0, 4);
    const idle = new Float64Array(DAYS).fill(0.1);
    expect(effectiveTrials([one!, idle, idle])).toEqual({ trials: 3, clusters: 3, independent: 3 });
  });

  it('does not depend on the order of the trials, and joins what a search for the best pair joins', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
        (seed, sizes) => {
          const columns = groups(sizes, 0.86, seed);
          if (columns.length < 2) return;
          const found = effectiveTrials(columns)!;
          expect(effectiveTrials([...columns].reverse())!.clusters).toBe(found.clusters);
          expect(found.clusters).toBe(byBestPair(columns));
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Average linkage as it is written in books: join the best pair while its members' mean correlation is high enough. */
function byBestPair(columns: readonly Float64Array[]): number {
  const clusters = columns.map((_, at) => [at]);
  const between = (a: number[], b: number[]): number =>
    a.reduce((sum, i) => sum + b.reduce((inner, j) => inner + correlation(columns[i]!, columns[j]!)!, 0), 0) /
    (a.length * b.length);
  for (;;) {
    let best = { likeness: Math.SQRT1_2, a: -1, b: -1 };
    for (let a = 0; a < clusters.length; a++) {
      for (let b = a + 1; b < clusters.length; b++) {
        const likeness = between(clusters[a]!, clusters[b]!);
        if (likeness >= best.likeness) best = { likeness, a, b };
      }
    }
    if (best.a < 0) return clusters.length;
    clusters[best.a]!.push(...clusters.splice(best.b, 1)[0]!);
  }
}
