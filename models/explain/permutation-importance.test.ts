import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { takeRows, type Dataset } from '../dataset.ts';
import { datasetOf } from '../estimators/known-tables.ts';
import { withOwnHistory } from '../estimators/sequence-windows.ts';
import { pooled } from './model-importance.ts';
import { permutationImportance, sampleRows } from './permutation-importance.ts';

const WIDTH = 3;

function rows(count: number): Dataset {
  const random = createRandom('importance');
  const x = Float64Array.from({ length: count * WIDTH }, () => random.normal());
  const y = Float64Array.from({ length: count }, (_, row) => (x[row * WIDTH]! + 0.3 * x[row * WIDTH + 2]! > 0 ? 1 : 0));
  return datasetOf(x, y);
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Knows features 0 and 2 of the current row, or of the first row of a window of two. */
function model(window: number, row: number) {
  return {
    window,
    featureNames: ['strong', 'unused', 'weak'],
    predict: (x: Float64Array, count: number) =>
      Float64Array.from({ length: count }, (_, i) => {
        const at = (i * window + row) * WIDTH;
        return sigmoid(5 * (x[at]! + 0.3 * x[at + 2]!));
      }),
  };
}

const options = (repeats = 3) => ({ repeats, random: createRandom(1) });

describe('permutation importance', () => {
  it('orders features by what the model loses without them, and leaves an unused one at exactly 0', () => {
    const data = rows(800);
    const before = data.x.slice();
    const { features, logLoss } = permutationImportance(model(1, 0), data, options());
    expect(features.map(({ name }) => name)).toEqual(['strong', 'weak', 'unused']);
    expect(features[2]!.lossRise).toBe(0);
    expect(features[0]!.lossRise).toBeGreaterThan(5 * features[1]!.lossRise);
    expect(features[1]!.lossRise).toBeGreaterThan(4 * features[1]!.standardError);
    expect(logLoss).toBeLessThan(0.3);
    expect(data.x).toEqual(before);
    expect(permutationImportance(model(1, 0), data, options())).toEqual({ rows: 800, repeats: 3, logLoss, features });
  });

  it('moves a feature in every row of a window', () => {
    const series = withOwnHistory(rows(400));
    const data = takeRows(
      series,
      Int32Array.from({ length: 399 }, (_, i) => i + 1),
    );
    const shifted = { ...data, y: series.y.slice(0, 399) };
    const { features } = permutationImportance(model(2, 0), shifted, options(1));
    expect(features[0]).toMatchObject({ name: 'strong', standardError: NaN });
    expect(features[0]!.lossRise).toBeGreaterThan(0.5);
  });

  it('draws rows without replacement, and pools folds by their rows', () => {
    const drawn = sampleRows(rows(500), 100, createRandom(2));
    expect(drawn.rows).toBe(100);
    expect(new Set(drawn.decisionTimeMs).size).toBe(100);
    expect([...drawn.decisionTimeMs]).toEqual([...drawn.decisionTimeMs].sort((a, b) => a - b));
    const report = (count: number, rise: number) => ({
      rows: count,
      repeats: 2,
      logLoss: rise,
      features: [{ name: 'a', lossRise: rise, standardError: 0.1 }],
    });
    const { features, logLoss, rows: all } = pooled([report(100, 1), report(300, 2)]);
    expect([all, logLoss, features[0]!.lossRise]).toEqual([400, 1.75, 1.75]);
    expect(features[0]!.standardError).toBeCloseTo(Math.hypot(0.025, 0.075), 12);
  });
});
