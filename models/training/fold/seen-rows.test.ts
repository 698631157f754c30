import { expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { createRandom } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import { loadEnsemble } from '../../ensemble/ensemble-model.ts';
import { datasetOf } from '../../estimators/known-tables.ts';
import { hashOfFile, pathOf, smallModels } from '../../estimators/pretrained/testing/model-files.ts';
import { loadModel } from '../../estimators/registry.ts';
import { experimentSchema } from '../../experiment/experiment.ts';
import { experimentFolds } from '../../splits/experiment-folds.ts';
import { trainFold } from './train-fold.ts';

const ROWS = 400;
const SEEN_TO = 180;
const START = Date.UTC(2020, 0, 1);
const { names } = smallModels();
const random = createRandom(8);
const values = Float64Array.from({ length: ROWS * names.length }, () => 3 * random.normal());
const y = Float64Array.from({ length: ROWS }, (_, row) => (values[row * names.length]! + random.normal() > 0 ? 1 : 0));
const decisionTimeMs = Float64Array.from({ length: ROWS }, (_, row) => START + row * DAY_MS);

function rowsOf(x: Float64Array): Dataset {
  const labelEndTimeMs = decisionTimeMs.map((timeMs) => timeMs + DAY_MS);
  const table = datasetOf(x, y, new Float64Array(ROWS).fill(1));
  return { ...table, featureNames: names, decisionTimeMs, labelEndTimeMs };
}

const experiment = experimentSchema.parse({
  name: 'brought',
  universe: ['MADE'],
  splits: { trainBars: 300, testBars: 100, embargoBars: 3 },
  estimators: [
    {
      ...{ name: 'lgbm', kind: 'pretrained', file: pathOf('lightgbm-small.txt') },
      ...{ sha256: hashOfFile('lightgbm-small.txt'), trainedFrom: new Date(START - 900 * DAY_MS).toISOString() },
      trainedTo: new Date(START + SEEN_TO * DAY_MS).toISOString(),
    },
  ],
});

const trained = async (x: Float64Array) => {
  const dataset = rowsOf(x);
  return trainFold(dataset, experimentFolds(dataset, experiment)[0]!, experiment);
};

it('rows that a member has seen elsewhere teach nothing of how far to trust it, and unseen rows do', async () => {
  const changedIn = (from: number, to: number): Float64Array =>
    values.map((value, at) => (at >= from * names.length && at < to * names.length ? -value : value));
  const learned = async (x: Float64Array) => {
    const { ensemble, inner } = await trained(x);
    const { memberSlopes, combiner, calibration } = ensemble;
    return { memberSlopes, combiner, calibration, inner };
  };
  const usual = await learned(values);
  // 296 rows are left by purge and embargo; 184 were seen, or lie in the embargo behind.
  expect(usual.inner.rows).toBe(296 - (SEEN_TO + 4));
  expect(await learned(changedIn(0, SEEN_TO + 4))).toEqual(usual);
  expect((await learned(changedIn(SEEN_TO + 4, 290))).memberSlopes).not.toEqual(usual.memberSlopes);
});

it('the ensemble has seen what its member has, and asks it about features as they are', async () => {
  const { ensemble, findings, predictions } = await trained(values);
  expect(ensemble.trainedFromMs).toBe(START - 900 * DAY_MS);
  expect(findings.at(-1)).toMatch(/^lgbm was trained elsewhere on data up to 2020-06-29.* are left out$/);
  const alone = await loadModel(ensemble.members[0]!.model);
  const loaded = await loadEnsemble(ensemble);
  const x = values.slice(0, 20 * names.length);
  expect(loaded.predictDetailed(x, 20).members[0]).toEqual(alone.predict(x, 20));
  expect(predictions.rows).toBe(100);
});
