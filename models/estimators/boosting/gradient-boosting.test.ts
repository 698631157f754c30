import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { areaUnderCurve, datasetOf, peerTable } from '../known-tables.ts';
import { gradientBoosting } from './gradient-boosting.ts';
import type { GradientBoostingModel } from './gradient-boosting.ts';

const parse = (params: object) => gradientBoosting.params.parse(params);

describe('gradient boosting', () => {
  it('beats chance by a known margin on a reduced table', async () => {
    const { x, y } = peerTable(14_000, 40, 7);
    const train = datasetOf(x.slice(0, 10_000 * 40), y.slice(0, 10_000));
    const model = await gradientBoosting.fit(train, parse({ rounds: 80, learningRate: 0.1, maxDepth: 6 }), {
      random: createRandom(1),
    });
    expect(areaUnderCurve(model.predict(x.slice(10_000 * 40), 4000), y.slice(10_000))).toBeGreaterThan(0.715);
  });

  it('stops early on noise and keeps the best round', async () => {
    const random = createRandom(1);
    const x = Float64Array.from({ length: 600 * 5 }, () => random.normal());
    const y = Float64Array.from({ length: 600 }, () => (random.next() < 0.5 ? 0 : 1));
    const settings = parse({ rounds: 500, learningRate: 0.3, patience: 5, leafHessianMin: 1 });
    const model = (await gradientBoosting.fit(datasetOf(x, y), settings, {
      random: createRandom(1),
    })) as GradientBoostingModel;
    const { validationLoss } = model.body;
    expect(validationLoss.length).toBeLessThan(500);
    const lowest = Math.min(...validationLoss);
    const kept = model.trees.depths.length;
    expect(kept === 0 || validationLoss[kept - 1] === lowest).toBe(true);
  });

  it('obeys monotone constraints against the data, everywhere', async () => {
    const random = createRandom(4);
    const rows = 1500;
    const x = Float64Array.from({ length: rows * 2 }, () => random.normal());
    // The probability falls in feature 0 below zero and rises above.
    const y = Float64Array.from({ length: rows }, (_, row) =>
      x[2 * row]! ** 2 + 0.5 * x[2 * row + 1]! + random.normal() > 1 ? 1 : 0,
    );
    const falls = async (monotone: object): Promise<number> => {
      const settings = parse({ rounds: 60, learningRate: 0.2, monotone, validationFraction: 0 });
      const model = await gradientBoosting.fit(datasetOf(x, y), settings, { random: createRandom(1) });
      let count = 0;
      for (let other = -2; other <= 2; other += 0.5) {
        const line = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? -3 + (6 * i) / 400 : other));
        const p = model.predict(line, 200);
        for (let i = 1; i < 200; i++) if (p[i]! < p[i - 1]! - 1e-12) count++;
      }
      return count;
    };
    expect(await falls({})).toBeGreaterThan(10);
    expect(await falls({ f0: 1 })).toBe(0);
    await expect(falls({ f9: 1 })).rejects.toThrow(/no feature "f9"/);
  });
});

describe('balanced classes', () => {
  it('weigh the same: a tenth of ones stands at one half without a signal, as with their weights raised', async () => {
    const rows = 4000;
    const random = createRandom('balanced');
    const noise = Float64Array.from({ length: rows }, () => random.normal());
    const labels = Float64Array.from({ length: rows }, (_, row) => (row % 10 === 0 ? 1 : 0));
    const fit = async (extra: object, weight?: Float64Array): Promise<number> => {
      const params = gradientBoosting.params.parse({ rounds: 10, maxDepth: 1, leafHessianMin: 200, ...extra });
      const model = await gradientBoosting.fit(datasetOf(noise, labels, weight), params, { random: createRandom(1) });
      return model.predict(Float64Array.of(0), 1)[0]!;
    };
    expect(await fit({})).toBeCloseTo(0.1, 1);
    expect(await fit({ classWeight: 'balanced' })).toBeCloseTo(0.5, 1);
    expect(
      await fit(
        {},
        labels.map((label) => (label === 1 ? 9 : 1)),
      ),
    ).toBeCloseTo(0.5, 1);
  });
});
