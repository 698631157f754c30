import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { takeRows, type Dataset } from '../../dataset.ts';
import { loadEnsemble, predictRows, type EnsembleModel } from '../../ensemble/ensemble-model.ts';
import { decodeEnsemble, encodeEnsemble, ensembleChecksum } from '../../ensemble/serialised-ensemble.ts';
import { rollingPredictor } from '../../ensemble/rolling-rows.ts';
import { datasetOf } from '../../estimators/known-tables.ts';
import { gatherWindows, withOwnHistory } from '../../estimators/sequence-windows.ts';
import { selectBackend } from '../../estimators/tensorflow/backend.ts';
import { experimentSchema } from '../../experiment/experiment.ts';
import { ensembleExplainer } from '../../explain/explain-ensemble.ts';
import { rowReasons } from '../../explain/row-reasons.ts';
import { selectFeatures } from '../../selection/select-features.ts';
import { foldsOf } from '../../splits/folds-of.ts';
import { foldSummary } from './fold-summary.ts';
import { trainFold, type FoldOutcome } from './train-fold.ts';

const WIDTH = 10;
const WINDOW = 3;

/** The label follows the fourth of ten features; the last follows the label of the rows from `laterFrom` on alone. */
function rows(laterFrom: number): Dataset {
  const random = createRandom('selected rows');
  const total = 700 + WINDOW;
  const x = Float64Array.from({ length: total * WIDTH }, () => random.normal());
  const y = Float64Array.from({ length: total }, (_, row) => (x[row * WIDTH + 3]! + 0.7 * random.normal() > 0 ? 1 : 0));
  for (let row = laterFrom; row < total; row++) x[row * WIDTH + 9] = (y[row] === 1 ? 2 : -2) + random.normal();
  return takeRows(
    withOwnHistory(datasetOf(x, y)),
    Int32Array.from({ length: 700 }, (_, row) => row + WINDOW),
  );
}

const experiment = experimentSchema.parse({
  name: 'selected',
  universe: ['TEST'],
  splits: { trainBars: 400, testBars: 300 },
  estimators: [
    { name: 'linear', kind: 'logistic-regression' },
    { name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 4 },
    { name: 'lstm', kind: 'lstm-network', window: WINDOW, units: 3, epochs: 2, batchSize: 64, dropout: 0 },
  ],
  ensemble: { innerFolds: 2 },
  selection: { pairs: 3 },
});
const data = rows(410 + WINDOW);

describe('members that learn from chosen features', () => {
  let outcome: FoldOutcome;
  let ensemble: EnsembleModel;
  beforeAll(async () => {
    await selectBackend('wasm');
    outcome = await trainFold(data, foldsOf(data, experiment.splits)[0]!, experiment);
    ensemble = await loadEnsemble(outcome.ensemble);
  });

  it('look at these alone, which the fold names', () => {
    expect(outcome.selection!.kept).toContain('f3');
    expect(outcome.selection!.kept).not.toContain('f9');
    expect(outcome.ensemble.columns).toEqual(outcome.selection!.kept.map((name) => data.featureNames.indexOf(name)));
    for (const { model } of ensemble.members) expect(model.featureNames).toEqual(outcome.selection!.kept);
    expect(foldSummary(outcome).selection).toEqual(outcome.selection);
  });

  it('are chosen from training rows alone: rows of the test would have brought another feature', async () => {
    const leaking = await trainFold(data, foldsOf(data, experiment.splits)[0]!, experiment, {
      parts: { selectFeatures: (_rows, ...rest) => selectFeatures(data, ...rest) },
    });
    expect(leaking.selection!.kept).toContain('f9');
  });

  it('predict by these alone, in one batch as row by row, and once more when they were stored', async () => {
    const size = WINDOW * WIDTH;
    const x = gatherWindows(data, WINDOW, { from: 450, to: 500 }).slice();
    const said = ensemble.predict(x, 50);
    const others = x.map((value, at) => (outcome.ensemble.columns!.includes(at % WIDTH) ? value : value * 3 + 1));
    expect(ensemble.predict(others, 50)).toEqual(said);
    const stored = await loadEnsemble(decodeEnsemble(encodeEnsemble(outcome.ensemble)));
    expect(stored.predict(x, 50)).toEqual(said);
    expect(predictRows(stored, data).probability.subarray(450, 500)).toEqual(said);
    const ask = rollingPredictor(ensemble, 1);
    const answers = Array.from({ length: WINDOW }, (_, row) =>
      ask(0, x.subarray((row * size) / WINDOW, ((row + 1) * size) / WINDOW)),
    );
    expect(answers.at(-1)).toEqual({ kind: 'prediction', probability: said[0] });
  });

  it('are explained over all features, where the others add nothing', () => {
    const x = gatherWindows(data, WINDOW, { from: 450, to: 460 });
    const explain = ensembleExplainer(ensemble, { pairs: 2, random: createRandom(1) });
    for (const { features, members, baseScore, score } of explain(x, 10)) {
      expect(features.map(({ name }) => name)).toEqual(data.featureNames);
      const sum = features.reduce((total, { contribution }) => total + contribution, baseScore);
      expect(sum).toBeCloseTo(score, 9);
      expect(features[9]!.contribution).toBe(0);
      expect(Math.abs(features[3]!.contribution)).toBeGreaterThan(0);
      for (const { contributions } of members) expect(contributions).toHaveLength(WIDTH);
    }
    expect(rowReasons(ensemble, takeRows(data, Int32Array.of(450)))[0]).toContain('f3');
  });

  it('are of a format of their own, and altered columns are refused', () => {
    const { checksum: _checksum, ...rest } = outcome.ensemble;
    const plain = { ...rest, formatVersion: 2 };
    const read = (changed: object) => decodeEnsemble(encodeEnsemble({ ...outcome.ensemble, ...changed }));
    expect(() => read({ columns: [0] })).toThrow(/checksum/);
    expect(() => read({ ...plain, checksum: ensembleChecksum(plain) })).toThrow(/checksum/);
  });
});
