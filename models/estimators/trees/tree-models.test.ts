import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import { gradientBoosting } from '../boosting/gradient-boosting.ts';
import { randomForest } from '../forest/random-forest.ts';
import { datasetOf, peerTable } from '../known-tables.ts';
import { decodeModel, encodeModel } from '../serialised-model.ts';
import { treeShapOf } from '../shap/tree-shap.ts';

const estimators = { 'random-forest': randomForest, 'gradient-boosting': gradientBoosting } as const;
type Kind = keyof typeof estimators;
const KINDS = Object.keys(estimators) as Kind[];

const fit = (
  kind: Kind,
  dataset: Dataset,
  params: object,
  context: { threads?: number; signal?: AbortSignal } = {},
) => {
  const estimator = estimators[kind];
  const settings = estimator.params.parse(params);
  // Both models have what is looked at here; their parameters differ.
  return estimator.fit(dataset, settings as never, { random: createRandom(3), ...context }) as ReturnType<
    typeof randomForest.fit
  > as Promise<Awaited<ReturnType<typeof randomForest.fit>> & TreeModel>;
};

interface TreeModel {
  predictReturn(x: Float64Array, rows: number): Float64Array | null;
  predictOnThreads(x: Float64Array, rows: number, threads: number): Promise<Float64Array>;
}

/** Rows with gaps, uneven weights and a table of `width` features. */
function uneven(rows: number, width: number): Dataset {
  const { x, y } = peerTable(rows, width, 5);
  const random = createRandom(8);
  for (let cell = 0; cell < x.length; cell++) if (random.next() < 0.05) x[cell] = NaN;
  return datasetOf(
    x,
    y,
    Float64Array.from({ length: rows }, () => 0.5 + random.next()),
  );
}

const SETTINGS: Readonly<Record<Kind, readonly object[]>> = {
  'random-forest': [
    { trees: 9, maxDepth: 10, classWeight: 'balanced' },
    { trees: 5, sampling: 'bootstrap', rowFraction: 1, features: 'all', objective: 'regression' },
  ],
  'gradient-boosting': [
    { rounds: 12, maxDepth: 5, validationFraction: 0.2, rowFraction: 0.7, featureFraction: 0.5 },
    { rounds: 8, monotone: { f0: 1, f2: -1 }, objective: 'regression', validationFraction: 0 },
    { rounds: 3, maxDepth: 12, leafHessianMin: 0.1, validationFraction: 0 },
  ],
};

const CASES = KINDS.flatMap((kind) => SETTINGS[kind].map((params) => [kind, JSON.stringify(params), params] as const));

describe('tree models', () => {
  it.each(CASES)(
    '%s %s is equal for one, two and three threads, on few features and many',
    async (kind, _text, params) => {
      for (const [rows, width] of [
        [2500, 9],
        [1500, 70],
      ] as const) {
        const dataset = uneven(rows, width);
        const models = await Promise.all([1, 2, 3].map((threads) => fit(kind, dataset, params, { threads })));
        const [one, two, three] = models.map((model) => model.serialise().checksum);
        expect(two).toBe(one);
        expect(three).toBe(one);
      }
    },
  );

  it.each(KINDS)('%s predicts a row alone, in blocks and on threads with the same bits', async (kind) => {
    for (const width of [40, 70]) {
      const dataset = uneven(1000, width);
      const model = await fit(kind, dataset, {});
      const { x } = uneven(5000, width);
      const blocks = model.predict(x, 5000);
      expect(await model.predictOnThreads(x, 5000, 2)).toEqual(blocks);
      const shared = new Float64Array(new SharedArrayBuffer(x.byteLength));
      shared.set(x);
      expect(await model.predictOnThreads(shared, 5000, 2)).toEqual(blocks);
      const some = model.predict(x.slice(0, 100 * width), 100);
      for (let row = 0; row < 100; row++) {
        expect(some[row]).toBe(blocks[row]);
        expect(model.predict(x.slice(row * width, (row + 1) * width), 1)[0]).toBe(blocks[row]);
      }
    }
  });

  it.each(KINDS)('%s learns returns, says how likely a positive one is, and explains it', async (kind) => {
    const { x } = peerTable(4000, 6, 9);
    const random = createRandom(4);
    const realisedReturn = Float64Array.from(
      { length: 4000 },
      (_, row) => 0.004 + 0.01 * x[row * 6]! + 0.02 * Math.abs(x[row * 6 + 1]!) - 0.016 + 0.01 * random.normal(),
    );
    const y = realisedReturn.map((value) => (value > 0 ? 1 : 0));
    const dataset = { ...datasetOf(x, y), realisedReturn };
    const model = await fit(kind, dataset, { objective: 'regression' });
    const { x: held } = peerTable(500, 6, 10);
    const expected = model.predictReturn(held, 500)!;
    const probability = model.predict(held, 500);
    let missed = 0;
    let spread = 0;
    for (let row = 0; row < 500; row++) {
      const truth = -0.012 + 0.01 * held[row * 6]! + 0.02 * Math.abs(held[row * 6 + 1]!);
      missed += (expected[row]! - truth) ** 2;
      spread += truth ** 2;
      expect(probability[row]! > 0.5).toBe(expected[row]! > 0);
    }
    expect(missed / spread).toBeLessThan(0.25);
    const estimator = estimators[kind];
    const loaded = await estimator.load(decodeModel(encodeModel(model.serialise())));
    expect(loaded.predict(held, 500)).toEqual(probability);
    const shap = treeShapOf(model);
    const values = shap.explain(held.subarray(0, 20 * 6), 20);
    for (let row = 0; row < 20; row++) {
      const sum = values.subarray(row * 6, (row + 1) * 6).reduce((total, value) => total + value, shap.baseValue);
      expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(probability[row]!, 9);
    }
    expect((await fit(kind, dataset, {})).predictReturn(held, 500)).toBe(null);
    const broken = { ...dataset, realisedReturn: realisedReturn.with(7, NaN) };
    await expect(fit(kind, broken, { objective: 'regression' })).rejects.toThrow(/realised return of row 7/);
  });

  it.each(KINDS)('%s stops with the reason while threads are at work, which then serve again', async (kind) => {
    const dataset = uneven(20_000, 12);
    const reason = new Error('enough');
    const controller = new AbortController();
    const many = { 'random-forest': { trees: 5000 }, 'gradient-boosting': { rounds: 10_000, validationFraction: 0 } }[
      kind
    ];
    const running = fit(kind, dataset, many, { threads: 2, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 300);
    await expect(running).rejects.toBe(reason);
    const few = { 'random-forest': { trees: 2 }, 'gradient-boosting': { rounds: 2 } }[kind];
    expect((await fit(kind, dataset, few, { threads: 2 })).kind).toBe(kind);
  });
});
