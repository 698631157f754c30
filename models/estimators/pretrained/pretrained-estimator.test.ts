import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { parseExperiment } from '../../experiment/load-experiment.ts';
import { datasetOf } from '../known-tables.ts';
import { loadModel } from '../registry.ts';
import { decodeModel, encodeModel, sealModel } from '../serialised-model.ts';
import { classSides, shareOfUpIn } from './class-sides.ts';
import { inputColumns } from './input-columns.ts';
import { pretrainedEstimator } from './pretrained-estimator.ts';
import { pretrainedParams } from './pretrained-params.ts';
import { hashOfFile, matrixOf, pathOf, smallModels } from './testing/model-files.ts';

const small = smallModels();
const file = pathOf('lightgbm-small.txt');
const sha256 = hashOfFile('lightgbm-small.txt');
const told = { file, sha256, trainedFrom: '2015-01-01', trainedTo: '2019-12-31' };

/** The rows of the fixture with a column more in front, and the last two exchanged. */
const names = ['sma(20)', ...small.names.slice(0, 3), small.names[4]!, small.names[3]!];
const reordered = (): Float64Array => matrixOf(small.x.map((row) => [1, ...row.slice(0, 3), row[4]!, row[3]!]));

const experiment = (entry: object): string =>
  JSON.stringify({
    name: 'brought',
    universe: ['MADE'],
    features: small.names,
    estimators: [{ name: 'lgbm', kind: 'pretrained', ...entry }],
  });

describe('a model that was trained elsewhere', () => {
  it('finds its inputs by name among others, in whatever order, and comes back from its bytes', async () => {
    const rows = small.x.length;
    const y = new Float64Array(rows).map((_, row) => row % 2);
    const dataset = { ...datasetOf(reordered(), y, new Float64Array(rows).fill(1)), featureNames: names };
    const params = pretrainedParams.parse(told);
    const model = await pretrainedEstimator.fit(dataset, params, { random: createRandom(1) });
    const found = model.predict(dataset.x, rows);
    found.forEach((value, row) => expect(Math.abs(value - small.up['lightgbm-small.txt'][row]!)).toBeLessThan(1e-6));
    const sealed = model.serialise();
    const loaded = await loadModel(decodeModel(encodeModel(sealed)));
    expect(loaded.predict(dataset.x, rows)).toEqual(found);
    expect(loaded.unscaled).toBe(true);
    const weights = sealed.weights!.slice();
    weights[weights.length - 3]! ^= 1;
    await expect(loadModel({ ...sealed, weights })).rejects.toThrow(/was altered/);
    await expect(loadModel(sealModel({ ...sealed, weights }))).rejects.toThrow(/does not fit its file/);
  });

  it('is read with the experiment, which is refused without its hash or its range', () => {
    const [entry] = parseExperiment(experiment(told), 'e.yaml').estimators;
    expect(entry).toMatchObject({ ...told, task: 'classes' });
    const refusal = (changed: object): string => {
      try {
        parseExperiment(experiment({ ...told, ...changed }), 'e.yaml');
      } catch (error) {
        return `${(error as Error).message} ${(error as { remedy?: string }).remedy}`;
      }
      return 'none';
    };
    expect(refusal({ trainedTo: undefined })).toMatch(/estimators\[0\]\.trainedTo: is required/);
    expect(refusal({ trainedFrom: undefined })).toMatch(/estimators\[0\]\.trainedFrom/);
    expect(refusal({ trainedFrom: '2020-01-01' })).toMatch(/trainedTo.*must not be before trainedFrom/);
    expect(refusal({ sha256: undefined })).toMatch(
      new RegExp(`sha256 is required beside it[^]*give sha256: ${sha256}`),
    );
    expect(refusal({ sha256: 'f'.repeat(64) })).toMatch(/is another file than sha256 ffff/);
    expect(refusal({ file: 'none.txt' })).toMatch(/none\.txt: no such file/);
    expect(refusal({ up: [2] })).toMatch(/up: there is no class 2[^]*They are 0 to 1/);
    expect(refusal({ surprise: 1 })).toMatch(/surprise/);
  });

  it('names the nearest feature for an input that is none, and takes features by list or by name', () => {
    const model = { inputs: ['rsi14', 'atr(14)'], width: 2 };
    expect(() => inputColumns('m', model, undefined, ['rsi(14)', 'atr(14)'])).toThrow(
      expect.objectContaining({
        message: 'm: input 0 is "rsi14", which is no feature of the experiment',
        remedy: expect.stringContaining('Did you mean "rsi(14)"?') as string,
      }),
    );
    const features = ['sma(5)', 'atr(14)', 'rsi(14)'];
    expect(inputColumns('m', model, { rsi14: 'rsi(14)' }, features)).toEqual([2, 1]);
    expect(inputColumns('m', model, ['sma(5)', 'rsi(14)'], features)).toEqual([0, 2]);
    expect(() => inputColumns('m', model, ['sma(5)'], features)).toThrow(/has 2 inputs, and inputs names 1/);
    expect(() => inputColumns('m', model, { rsi15: 'rsi(14)' }, features)).toThrow(/"rsi15", which is no input/);
    expect(() => inputColumns('m', { inputs: null, width: 2 }, undefined, features)).toThrow(/2 inputs have no names/);
  });

  it('weighs classes of up against classes of down', () => {
    const three = { task: 'classes', outputs: 3 } as const;
    expect(() => classSides('m', three, {})).toThrow(/has 3 classes, and up does not say which/);
    expect(() => classSides('m', three, { up: [2], down: [2] })).toThrow(/class 2 is in up and in down/);
    expect(classSides('m', { task: 'classes', outputs: 2 }, {})).toEqual({ up: [1], down: [0] });
    const sides = classSides('m', three, { up: [2], down: [0] })!;
    expect(shareOfUpIn(Float64Array.of(0.1, 0.6, 0.3), 0, sides)).toBeCloseTo(0.75);
    expect(shareOfUpIn(Float64Array.of(0, 1, 0), 0, sides)).toBe(0.5);
    expect(classSides('m', { task: 'return', outputs: 1 }, {})).toBeNull();
  });
});
