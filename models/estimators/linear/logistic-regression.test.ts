import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import { datasetOf } from '../known-tables.ts';
import { fitStandardiser } from '../standardiser.ts';
import { PenalisedLogistic } from './lasso-path.ts';
import type { LinearBody } from './linear-model.ts';
import { problemOf, standardisedStretches, stretchesOf } from './linear-problem.ts';
import { logisticRegression } from './logistic-regression.ts';

const WIDTH = 35;

/** Returns that depend on feature 0 with correlation 0.12 among 34 features that say nothing, a third of them alike. */
function planted(rows: number, seed: string): { dataset: Dataset; returns: Float64Array } {
  const random = createRandom(seed);
  const x = new Float64Array(rows * WIDTH);
  const returns = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const common = random.normal();
    for (let j = 0; j < WIDTH; j++)
      x[row * WIDTH + j] = j > 0 && j < 12 ? 0.6 * common + 0.8 * random.normal() : random.normal();
    returns[row] = 0.12 * x[row * WIDTH]! + Math.sqrt(1 - 0.12 ** 2) * random.normal();
  }
  return {
    dataset: datasetOf(
      x,
      returns.map((value) => (value > 0 ? 1 : 0)),
    ),
    returns,
  };
}

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

describe('logistic regression', () => {
  it('recovers nearly all of one weak effect among 35 features', async () => {
    const { dataset: held, returns } = planted(12_000, 'held out');
    const best = correlation(
      Float64Array.from({ length: held.rows }, (_, row) => held.x[row * WIDTH]!),
      returns,
    );
    const shares: number[] = [];
    for (const seed of ['a', 'b', 'c', 'd']) {
      const { dataset } = planted(3000, seed);
      const model = await logisticRegression.fit(dataset, logisticRegression.params.parse({}), {
        random: createRandom(1),
      });
      shares.push(correlation(model.predict(held.x, held.rows), returns) / best);
    }
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.8);
  });

  it('meets the conditions of a penalised optimum', async () => {
    const { dataset } = planted(800, 'kkt');
    for (const [strength, l1Ratio] of [
      [0.02, 1],
      [0.05, 0.5],
      [0.1, 0],
    ] as const) {
      const params = logisticRegression.params.parse({ strength, l1Ratio });
      const model = await logisticRegression.fit(dataset, params, { random: createRandom(1) });
      const { intercept, coefficients, standardiser } = model.serialise().body as LinearBody;
      const slope = new Float64Array(WIDTH + 1);
      const probability = model.predict(dataset.x, dataset.rows);
      for (let row = 0; row < dataset.rows; row++) {
        const residual = (dataset.y[row]! - probability[row]!) / dataset.rows;
        for (let j = 0; j < WIDTH; j++) {
          slope[j]! +=
            residual * (dataset.x[row * WIDTH + j]! - standardiser.mean[j]!) * standardiser.inverseDeviation[j]!;
        }
        slope[WIDTH]! += residual;
      }
      expect(Number.isFinite(intercept)).toBe(true);
      expect(slope[WIDTH]).toBeCloseTo(0, 5);
      coefficients.forEach((b, j) => {
        const left = slope[j]! - strength * (1 - l1Ratio) * b;
        if (b === 0) expect(Math.abs(left)).toBeLessThan(strength * l1Ratio + 1e-5);
        else expect(left).toBeCloseTo(strength * l1Ratio * Math.sign(b), 5);
      });
    }
  });

  it('knows the strength that removes every feature', () => {
    const { dataset } = planted(500, 'max');
    const solver = new PenalisedLogistic(problemOf(stretchesOf(dataset.x, dataset.rows), WIDTH, dataset));
    const top = solver.strengthMax(1);
    expect(solver.fit({ strength: top * 1.001, l1Ratio: 1 }, null).coefficients.every((b) => b === 0)).toBe(true);
    expect(solver.fit({ strength: top * 0.95, l1Ratio: 1 }, null).coefficients.some((b) => b !== 0)).toBe(true);
  });

  it('fits the same bits whether standardised rows are kept or made a stretch at a time', () => {
    const { dataset } = planted(700, 'stretches');
    const standardiser = fitStandardiser(dataset);
    const [kept, made] = [Infinity, 0].map((most) => {
      const problem = problemOf(standardisedStretches(standardiser, dataset, most), WIDTH, dataset);
      return new PenalisedLogistic(problem).fit({ strength: 0.01, l1Ratio: 0.7 }, null);
    });
    expect(made).toEqual(kept);
  });
});
