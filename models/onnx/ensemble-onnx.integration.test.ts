import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { onnxRuntime } from '../../infra/onnx/onnx-runtime.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import type { Dataset } from '../dataset.ts';
import { loadEnsemble, type EnsembleModel } from '../ensemble/ensemble-model.ts';
import { datasetOf } from '../estimators/known-tables.ts';
import type { RandomForestModel } from '../estimators/forest/random-forest.ts';
import { pythonWithModels } from '../estimators/pretrained/testing/python-models.ts';
import { experimentSchema } from '../experiment/experiment.ts';
import { trainFinal } from '../training/fold/train-fold.ts';
import { ensembleOnnx } from './ensemble-onnx.ts';

const ROWS = 500;
const NAMES = ['return(1)', 'rsi(14)', 'flag', 'atr(14)', 'empty'];
const random = createRandom('onnx');

function table(): Dataset {
  const x = Float64Array.from({ length: ROWS * NAMES.length }, (_, at) => {
    const column = at % NAMES.length;
    if (column === 4 || random.next() < 0.1) return NaN;
    if (random.next() < 0.01) return random.next() < 0.5 ? Infinity : -Infinity;
    return column === 2 ? Math.round(random.next()) : 100 * random.normal() * 10 ** (-2 * column);
  });
  const known = (value: number): number => (Number.isFinite(value) ? value : 0);
  const driven = (row: number): number => known(x[row * NAMES.length]!) / 100 + known(x[row * NAMES.length + 2]!);
  const realisedReturn = Float64Array.from({ length: ROWS }, (_, row) => 0.01 * (driven(row) - 0.5 + random.normal()));
  const y = realisedReturn.map((value) => (value > 0 ? 1 : 0));
  const decisionTimeMs = y.map((_, row) => Date.UTC(2020, 0, 1) + row * DAY_MS);
  const labelEndTimeMs = decisionTimeMs.map((timeMs) => timeMs + DAY_MS);
  const weight = new Float64Array(ROWS).fill(1);
  return { ...datasetOf(x, y, weight), featureNames: NAMES, realisedReturn, decisionTimeMs, labelEndTimeMs };
}

const network = { layers: [6, 4], epochs: 4, batchSize: 64, learningRate: 0.02, backend: 'wasm' };
const estimators = [
  { name: 'forest', kind: 'random-forest', trees: 40, maxDepth: 8 },
  { name: 'forest-of-returns', kind: 'random-forest', trees: 30, maxDepth: 5, objective: 'regression' },
  { name: 'boosting', kind: 'gradient-boosting', rounds: 50, maxDepth: 4 },
  { name: 'boosting-of-returns', kind: 'gradient-boosting', rounds: 30, maxDepth: 3, objective: 'regression' },
  { name: 'dense', kind: 'dense-network', ...network },
  { name: 'dense-of-returns', kind: 'dense-network', ...network, objective: 'regression' },
  { name: 'logistic', kind: 'logistic-regression' },
  { name: 'ridge', kind: 'ridge-regression' },
];

const dataset = table();

/** Rows as they were learned, and as many whose cells stand on the cuts of the trees once scaled, or beside them. */
function probesOf({ members, serialised }: EnsembleModel): Float64Array {
  const { center, factor } = serialised.scaler;
  const { cuts, offsets } = (members[0]!.model as RandomForestModel).bins;
  const near = dataset.x.map((value, at) => {
    const feature = at % NAMES.length;
    const count = offsets[feature + 1]! - offsets[feature]!;
    if (count === 0 || random.next() < 0.2) return value;
    const cut = cuts[offsets[feature]! + Math.floor(count * random.next())]!;
    return (center[feature]! + cut / factor[feature]!) * (1 + (Math.floor(3 * random.next()) - 1) * 2 ** -52);
  });
  return Float64Array.from([...dataset.x, ...near]);
}

const RUN = `
import json, sys
import numpy as np
import onnxruntime as ort
x = np.fromfile(sys.argv[2], dtype=np.float64).reshape(-1, ${NAMES.length})
session = ort.InferenceSession(sys.argv[1], providers=['CPUExecutionProvider'])
names = [one.name for one in session.get_outputs()]
found = session.run(None, {'features': x})
print(json.dumps({name: column.reshape(-1).tolist() for name, column in zip(names, found)}))
`;

type Said = Readonly<Record<string, ArrayLike<number>>>;

const worst = (one: Float64Array, other: ArrayLike<number>): number =>
  one.reduce((most, value, row) => Math.max(most, Math.abs(value - other[row]!)), 0);

interface Settings {
  readonly kind?: string;
  readonly calibration?: string;
  readonly selection?: object;
  readonly reduction?: object;
}

async function ensembleOf({ selection, reduction, ...settings }: Settings): Promise<EnsembleModel> {
  const ensemble = { innerFolds: 2, ...settings };
  const shape = { name: 'written', universe: ['MADE'], estimators, ensemble, selection, reduction };
  return loadEnsemble((await trainFinal(dataset, experimentSchema.parse(shape))).ensemble);
}

/** Writes an ensemble and compares what is said of it elsewhere, each member and all together. */
async function compare(settings: Settings, ask: (bytes: Uint8Array, x: Float64Array) => Said): Promise<void> {
  const ensemble = await ensembleOf(settings);
  expect(ensemble.members[0]!.model.featureNames.length < NAMES.length).toBe(settings.selection !== undefined);
  const { bytes, outputs, withoutProbability } = ensembleOnnx('written', ensemble);
  expect(withoutProbability).toBeNull();
  expect(outputs).toEqual([...estimators.map(({ name }) => name), 'probability']);
  const x = probesOf(ensemble);
  const found = ask(bytes, x);
  const { probability, members } = ensemble.predictDetailed(x, 2 * ROWS);
  members.forEach((values, m) => {
    const { name } = estimators[m]!;
    expect([name, worst(values, found[name]!) < 1e-6]).toEqual([name, true]);
    expect([name, new Set(Array.from(found[name]!)).size > 10]).toEqual([name, true]);
  });
  expect(worst(probability, found['probability']!)).toBeLessThan(1e-6);
}

const SETTINGS: Settings[] = [
  { kind: 'weighted' },
  { kind: 'stacked', calibration: 'none' },
  { kind: 'weighted', selection: { pairs: 2 } },
];

describeWith('onnxruntime', 'an ensemble written as ONNX, in Node', () => {
  const ask = (bytes: Uint8Array, x: Float64Array): Said => {
    const { newSession, newTensor } = onnxRuntime();
    const session = newSession();
    const own = bytes.slice();
    session.loadModel(own.buffer, own.byteOffset, own.byteLength, {});
    const features = newTensor('float64', x, [x.length / NAMES.length, NAMES.length]);
    const wanted = Object.fromEntries(session.outputMetadata.map(({ name }) => [name, null]));
    const found = session.run({ features }, wanted, {});
    return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data]));
  };

  it.each(SETTINGS)('says what it says here: %j', (settings) => compare(settings, ask));

  it.each([
    { reduction: { pca: { components: 3 } } },
    { reduction: { maxDrift: 0.08 } },
    { reduction: { pca: { components: 2 } }, selection: { pairs: 2 } },
  ])('says the same over reduced features: %j', async (settings) => {
    const ensemble = await ensembleOf(settings);
    const found = ask(ensembleOnnx('written', ensemble).bytes, dataset.x);
    const { probability, members } = ensemble.predictDetailed(dataset.x, ROWS);
    expect(
      members.map((values, m) => worst(values, found[estimators[m]!.name]!)).filter((most) => !(most < 1e-6)),
    ).toEqual([]);
    expect(worst(probability, found['probability']!)).toBeLessThan(1e-6);
  });
});

describeWith('python', 'an ensemble written as ONNX, in Python', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-onnx-'));
  let python: string;
  beforeAll(async () => {
    python = await pythonWithModels();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const ask = (bytes: Uint8Array, x: Float64Array): Said => {
    writeFileSync(join(folder, 'model.onnx'), bytes);
    writeFileSync(join(folder, 'x'), new Uint8Array(x.buffer, x.byteOffset, x.byteLength));
    const said = execFileSync(python, ['-c', RUN, join(folder, 'model.onnx'), join(folder, 'x')], { encoding: 'utf8' });
    return JSON.parse(said) as Said;
  };

  it.each(SETTINGS)('says what it says here: %j', (settings) => compare(settings, ask));

  it('has no output for all together where that cannot be written, and says why', async () => {
    const { bytes, outputs, withoutProbability } = ensembleOnnx('w', await ensembleOf({ calibration: 'isotonic' }));
    expect(withoutProbability).toBe('ensemble.calibration isotonic is not written');
    expect(Object.keys(ask(bytes, dataset.x))).toEqual(outputs);
    expect(outputs).not.toContain('probability');
  });
});
