import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { createRandom } from '../../../infra/random.ts';
import { hashOf } from '../../../infra/hash.ts';
import { takeRows, type Dataset } from '../../dataset.ts';
import { loadEnsemble, predictRows } from '../../ensemble/ensemble-model.ts';
import { decodeEnsemble, encodeEnsemble } from '../../ensemble/serialised-ensemble.ts';
import { memberExplainer } from '../../explain/explain-member.ts';
import { experimentSchema } from '../../experiment/experiment.ts';
import { requireReducible } from '../../experiment/inputs/reducible.ts';
import { trainFinal } from '../../training/fold/train-fold.ts';
import { datasetOf } from '../known-tables.ts';
import { fitReduction, reduceRows } from './fit-reduction.ts';
import { ReducedModel } from './reduced-model.ts';

const ROWS = 600;
const WIDTH = 4;

/** Two hidden factors in three columns, and a fourth whose level moves halfway. */
function table(): Dataset {
  const random = createRandom('reduction');
  const x = new Float64Array(ROWS * WIDTH);
  const y = new Float64Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const [a, b] = [random.normal(), random.normal()];
    x.set([a, a + 0.01 * random.normal(), 0.5 * b, random.normal() + (row < ROWS / 2 ? 0 : 3)], row * WIDTH);
    y[row] = a + random.normal() > 0 ? 1 : 0;
  }
  return {
    ...datasetOf(x, y, new Float64Array(ROWS).fill(1)),
    featureNames: ['a', 'twin', 'b', 'level'],
    realisedReturn: y.map((one) => one - 0.5),
    decisionTimeMs: y.map((_, row) => row * DAY_MS),
    labelEndTimeMs: y.map((_, row) => (row + 1) * DAY_MS),
  };
}

const data = table();
const experimentOf = (reduction: object) =>
  experimentSchema.parse({
    name: 'e',
    universe: ['A'],
    ensemble: { innerFolds: 2 },
    estimators: [
      { name: 'logistic', kind: 'logistic-regression' },
      { name: 'trees', kind: 'random-forest', trees: 20 },
    ],
    reduction,
  });

describe('principal components', () => {
  it('hold the variance, from the most on, and do not go together', () => {
    const reduction = fitReduction(data, { pca: { components: 4 } }, 'here');
    const z = reduceRows(reduction, data.x, ROWS, WIDTH);
    const product = (i: number, j: number): number => {
      let sum = 0;
      for (let row = 0; row < ROWS; row++) sum += z[row * 4 + i]! * z[row * 4 + j]!;
      return sum / (ROWS - 1);
    };
    const variances = [0, 1, 2, 3].map((k) => product(k, k));
    expect(variances).toEqual([...variances].sort((a, b) => b - a));
    for (let i = 0; i < 4; i++) for (let j = 0; j < i; j++) expect(Math.abs(product(i, j))).toBeLessThan(1e-9);
    const mean = (j: number): number =>
      data.x.filter((_, at) => at % WIDTH === j).reduce((sum, v) => sum + v / ROWS, 0);
    let total = 0;
    for (let j = 0; j < WIDTH; j++) {
      const own = mean(j);
      for (let row = 0; row < ROWS; row++) total += (data.x[row * WIDTH + j]! - own) ** 2 / (ROWS - 1);
    }
    expect(variances.reduce((sum, value) => sum + value)).toBeCloseTo(total, 9);
  });

  it('are as many as hold a share of the variance', () => {
    expect(fitReduction(data, { pca: { variance: 0.5 } }, 'here').pca!.components).toHaveLength(1);
    expect(fitReduction(data, { pca: { variance: 0.999 } }, 'here').pca!.components).toHaveLength(3);
    expect(fitReduction(data, { pca: { variance: 1 } }, 'here').pca!.components).toHaveLength(4);
  });

  it('take what is missing as the middle', () => {
    const reduction = fitReduction(data, { pca: { components: 2 } }, 'here');
    const missing = reduceRows(reduction, new Float64Array(WIDTH).fill(NaN), 1, WIDTH);
    expect([...missing]).toEqual([...reduceRows(reduction, new Float64Array(WIDTH), 1, WIDTH)]);
  });

  it('are refused where there are more than features', () => {
    expect(() => fitReduction(data, { pca: { components: 5 } }, 'fold 2')).toThrow(
      'fold 2: reduction.pca.components: 5 of 4 features',
    );
  });
});

describe('features that drift', () => {
  it('are left out, and said to be', async () => {
    expect(fitReduction(data, { maxDrift: 0.3 }, 'here').kept).toEqual([0, 1, 2]);
    const { findings, ensemble } = await trainFinal(data, experimentOf({ maxDrift: 0.3 }));
    expect(findings).toContain('feature level drifts within the training rows: nothing is learned from it');
    const model = await loadEnsemble(ensemble);
    const moved = { ...data, x: data.x.map((value, at) => (at % WIDTH === 3 ? 1e3 : value)) };
    expect(predictRows(model, moved).probability).toEqual(predictRows(model, data).probability);
    model.dispose();
  });

  it('are refused to be all', () => {
    expect(() => fitReduction(data, { maxDrift: 0.001 }, 'fold 1')).toThrow(
      /fold 1: reduction.maxDrift: every feature/,
    );
  });
});

describe('an ensemble over reduced features', () => {
  it('depends on its training rows alone, and is part of what is stored', async () => {
    const experiment = experimentOf({ pca: { variance: 0.9 }, maxDrift: 0.9 });
    const train = (set: Dataset) =>
      takeRows(
        set,
        Int32Array.from({ length: 400 }, (_, row) => row),
      );
    const later = { ...data, x: data.x.map((value, at) => (at >= 400 * WIDTH ? 99 - value : value)) };
    const { ensemble } = await trainFinal(train(data), experiment);
    expect((await trainFinal(train(later), experiment)).ensemble.checksum).toBe(ensemble.checksum);
    const model = await loadEnsemble(ensemble);
    const again = await loadEnsemble(decodeEnsemble(encodeEnsemble(ensemble)));
    expect(predictRows(again, data)).toEqual(predictRows(model, data));
    expect(model.members.map(({ model: one }) => one.featureNames)).toEqual([data.featureNames, data.featureNames]);
    for (const one of [model, again]) one.dispose();
  });

  it('refuses a transformation that was altered', async () => {
    const { ensemble } = await trainFinal(data, experimentOf({ pca: { components: 2 } }));
    const [first, ...rest] = ensemble.members;
    const body = { ...(first!.model.body as { kept: number[] }), kept: [3, 2, 1, 0] };
    const altered = { ...ensemble, members: [{ ...first!, model: { ...first!.model, body } }, ...rest] };
    await expect(loadEnsemble(altered)).rejects.toThrow(/"reduced" was altered/);
  });

  it('is explained by the features themselves', async () => {
    const { ensemble } = await trainFinal(data, experimentOf({ pca: { components: 2 } }));
    const { members, dispose } = await loadEnsemble(ensemble);
    const member = members[0]!.model;
    expect(member).toBeInstanceOf(ReducedModel);
    const sampling = { pairs: 50, random: createRandom('s'), median: [0, 0, 0, 0] };
    const [told] = memberExplainer(member, sampling)(Float64Array.from([2, 2, 0, 0]), 1);
    expect(told!.method).toBe('sampled-shapley');
    expect(told!.contributions).toHaveLength(WIDTH);
    expect(told!.base + told!.contributions.reduce((sum, value) => sum + value)).toBeCloseTo(told!.value, 9);
    dispose();
  });
});

describe('the key reduction', () => {
  it('leaves experiments without it as they were', () => {
    const plain = experimentSchema.parse({ name: 'e', universe: ['A'] });
    expect('reduction' in plain).toBe(false);
    expect(hashOf(plain)).not.toBe(hashOf({ ...plain, reduction: { maxDrift: 0.3 } }));
  });

  it.each([
    [{}, /give pca, maxDrift or both/],
    [{ pca: {} }, /give either components or variance/],
    [{ pca: { components: 2, variance: 0.9 } }, /give either components or variance/],
    [{ maxDrift: 2 }, /<=1|at most/],
  ])('is refused: %j', (reduction, message) => {
    expect(() => experimentOf(reduction)).toThrow(message);
  });

  it.each([
    [{ name: 'own', kind: 'gradient-boosting', monotone: { a: 1 } }, /estimators\.own\.monotone names features/],
    [
      { name: 'else', kind: 'pretrained', file: 'x.onnx', trainedFrom: '2020-01-01', trainedTo: '2021-01-01' },
      /else was/,
    ],
  ])('is refused beside %j', (estimator, message) => {
    const reduction = { pca: { components: 2 } };
    expect(() => requireReducible({ reduction, estimators: [estimator] })).toThrow(message);
  });
});
