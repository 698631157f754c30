import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { takeRows, type Dataset } from '../dataset.ts';
import { loadEnsemble, type EnsembleModel } from '../ensemble/ensemble-model.ts';
import { datasetOf } from '../estimators/known-tables.ts';
import { gatherWindows, withOwnHistory } from '../estimators/sequence-windows.ts';
import { selectBackend } from '../estimators/tensorflow/backend.ts';
import { experimentSchema } from '../experiment/experiment.ts';
import { trainFinal } from '../training/fold/train-fold.ts';
import { ensembleExplainer } from './explain-ensemble.ts';
import { sampledShapley } from './sampled-shapley.ts';
import { liveReasons, rowReasons } from './row-reasons.ts';
import { topReasons } from './top-reasons.ts';

const WIDTH = 5;

/** The label follows feature 1 and, the other way, feature 3. */
function rows(count: number): Dataset {
  const random = createRandom('explained');
  const total = count + 7;
  const x = Float64Array.from({ length: total * WIDTH }, () => random.normal());
  const y = Float64Array.from({ length: total }, (_, row) =>
    x[row * WIDTH + 1]! - 0.8 * x[row * WIDTH + 3]! + 0.5 * random.normal() > 0 ? 1 : 0,
  );
  const series = { ...withOwnHistory(datasetOf(x, y)), featureNames: ['stdev(5)', 'up', 'b', 'down', 'c'] };
  return takeRows(
    series,
    Int32Array.from({ length: count }, (_, i) => i + 7),
  );
}

const data = rows(600);

async function trained(kind: 'weighted' | 'stacked' | 'regime', calibration = 'sigmoid'): Promise<EnsembleModel> {
  const experiment = experimentSchema.parse({
    name: 'explained',
    universe: ['TEST'],
    estimators: [
      { name: 'linear', kind: 'logistic-regression' },
      { name: 'ridge', kind: 'ridge-regression' },
      { name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 4 },
      { name: 'boosting', kind: 'gradient-boosting', rounds: 20 },
      { name: 'lstm', kind: 'lstm-network', window: 4, units: 4, epochs: 6, batchSize: 64, dropout: 0 },
    ],
    ensemble: { kind, calibration, innerFolds: 2 },
  });
  return loadEnsemble((await trainFinal(data, experiment)).ensemble);
}

beforeAll(() => selectBackend('wasm'));

describe.each(['weighted', 'stacked', 'regime'] as const)('the explanation of a %s ensemble', (kind) => {
  it('adds up to the score and the probability that the ensemble gives, and names what matters', async () => {
    const ensemble = await trained(kind, kind === 'regime' ? 'isotonic' : 'sigmoid');
    const explain = ensembleExplainer(ensemble, { pairs: 4, random: createRandom(1) });
    const size = ensemble.window * WIDTH;
    const x = gatherWindows(data, ensemble.window, { from: 0, to: 40 });
    const expected = ensemble.predictDetailed(x, 40);
    const weight = new Float64Array(WIDTH);
    const all = explain(x, 40);
    expect(explain(x.slice(7 * size, 8 * size), 1)).toEqual([all[7]]);
    for (let row = 0; row < 40; row++) {
      const found = all[row]!;
      const sum = found.features.reduce((total, { contribution }) => total + contribution, found.baseScore);
      expect(sum).toBeCloseTo(expected.score[row]!, 9);
      expect(found.score).toBeCloseTo(expected.score[row]!, 9);
      expect(found.probability).toBeCloseTo(expected.probability[row]!, 9);
      const shares = found.members.reduce((total, { share }) => total + share, found.baseScore);
      expect(shares).toBeCloseTo(found.score, 9);
      found.members.forEach((member, m) => {
        expect(member.probability).toBeCloseTo(expected.members[m]![row]!, 9);
        const own = member.contributions.reduce((total, one) => total + one, member.base);
        expect(own).toBeCloseTo(member.value, 9);
      });
      found.features.forEach(({ contribution }, j) => (weight[j]! += Math.abs(contribution)));
    }
    expect([...weight.keys()].sort((a, b) => weight[b]! - weight[a]!).slice(0, 2)).toEqual([1, 3]);
    const methods = all[0]!.members.map(({ method }) => method);
    expect(methods).toEqual(['linear', 'linear', 'tree-shap', 'tree-shap', 'sampled-shapley']);
  });
});

describe('the words', () => {
  it('name the largest contributions with their level', async () => {
    const ensemble = await trained('weighted');
    const explain = ensembleExplainer(ensemble, { pairs: 2, random: createRandom(1) });
    const window = new Float64Array(ensemble.window * WIDTH);
    window.set([0, 3, 0, 1, NaN], (ensemble.window - 1) * WIDTH);
    const [explanation] = explain(window, 1);
    expect(topReasons(explanation!, 2)).toMatch(/^up very high \+\d\.\d{3}, down high -\d\.\d{3}$/);
  });

  it('of many rows tell a network as a whole, and of few by its features; the parts add up either way', async () => {
    const ensemble = await trained('weighted');
    const often = Int32Array.from({ length: 1_200 }, (_, row) => row % 600);
    expect(rowReasons(ensemble, takeRows(data, often)).some((text) => text.includes('lstm as a whole'))).toBe(true);
    const few = rowReasons(ensemble, takeRows(data, often.slice(0, 20)));
    expect(few.every((text) => /^\S+ (very )?(high|low|usual) [+-]\d\.\d{3}, /.test(text))).toBe(true);
    const explain = ensembleExplainer(ensemble, { pairs: 0, random: createRandom(1) });
    const [found] = explain(gatherWindows(data, ensemble.window, { from: 3, to: 4 }), 1);
    const lstm = found!.members.find(({ name }) => name === 'lstm')!;
    const sum = found!.features.reduce(
      (total, { contribution }) => total + contribution,
      found!.baseScore + lstm.share,
    );
    expect(lstm.method).toBe('undivided');
    expect(sum).toBeCloseTo(found!.score, 9);
  });

  it('of a live row are those of the row alone, and tell networks that look far back as a whole', async () => {
    const ensemble = await trained('weighted');
    const one = Int32Array.of(31);
    const alone = takeRows(data, one);
    const window = gatherWindows(alone, ensemble.window, { from: 0, to: 1 });
    expect(liveReasons(ensemble)(window)).toBe(rowReasons(ensemble, alone)[0]);
    // The same members in an ensemble that is given 200 rows: 2,400 evaluations of rows for one pair of orders.
    const long = { ...ensemble, window: 200 };
    const padded = new Float64Array(200 * WIDTH);
    padded.set(window, padded.length - window.length);
    const explain = ensembleExplainer(long, { pairs: 0, random: createRandom(1) });
    expect(liveReasons(long)(padded)).toBe(topReasons(explain(padded, 1)[0]!));
    expect(topReasons(explain(padded, 1)[0]!, 99)).toContain('lstm as a whole');
  });
});

describe('sampled Shapley values', () => {
  it('are exact where features do not interact, and share what two features do together', () => {
    const value = (windows: Float64Array, count: number): Float64Array =>
      Float64Array.from({ length: count }, (_, row) => {
        const [a, b, c, d, e] = windows.subarray(row * 5, row * 5 + 5);
        return 2 * a! - b! + c! * d! + 0 * e!;
      });
    const question = { value, present: Float64Array.of(1, 2, 3, 4, 5), absent: new Float64Array(5), width: 5 };
    const found = sampledShapley(question, { pairs: 20, random: createRandom(2) });
    expect(found.value - found.base).toBe(12);
    [2, -2, 6, 6, 0].forEach((expected, feature) => expect(found.contributions[feature]).toBeCloseTo(expected, 9));
    expect(found.standardError.every((error) => error < 1e-6)).toBe(true);
  });

  it('take a feature in or out in every row of a window', () => {
    const value = (windows: Float64Array, count: number): Float64Array =>
      Float64Array.from({ length: count }, (_, row) => windows[row * 4]! * 10 + windows[row * 4 + 2]!);
    const question = { value, present: Float64Array.of(1, 7, 2, 7), absent: new Float64Array(4), width: 2 };
    const { contributions } = sampledShapley(question, { pairs: 1, random: createRandom(2) });
    expect([...contributions]).toEqual([12, 0]);
  });

  it('agree with the exact values of a function of three features that all interact', () => {
    const f = (a: number, b: number, c: number): number => a * b * c + a * b;
    const value = (windows: Float64Array, count: number): Float64Array =>
      Float64Array.from({ length: count }, (_, row) =>
        f(windows[row * 3]!, windows[row * 3 + 1]!, windows[row * 3 + 2]!),
      );
    const question = { value, present: Float64Array.of(1, 2, 3), absent: Float64Array.of(0, 1, 1), width: 3 };
    // By hand over the six orders: a 11/2, b 13/6... each order's steps averaged.
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const exact = [0, 0, 0];
    for (const order of orders) {
      const at = [0, 1, 1];
      for (const feature of order) {
        const before = f(at[0]!, at[1]!, at[2]!);
        at[feature] = feature + 1;
        exact[feature]! += (f(at[0]!, at[1]!, at[2]!) - before) / 6;
      }
    }
    const { contributions, standardError } = sampledShapley(question, { pairs: 400, random: createRandom(2) });
    exact.forEach((expected, j) =>
      expect(Math.abs(contributions[j]! - expected)).toBeLessThan(4 * standardError[j]! + 1e-9),
    );
  });
});
