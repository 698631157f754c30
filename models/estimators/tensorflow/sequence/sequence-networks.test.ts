import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../features/timeframe.ts';
import { createRandom } from '../../../../infra/random.ts';
import { takeRows, type Dataset } from '../../../dataset.ts';
import type { FittedModel } from '../../estimator.ts';
import { areaUnderCurve, datasetOf } from '../../known-tables.ts';
import { estimatorOf } from '../../registry.ts';
import { gatherWindows, withOwnHistory } from '../../sequence-windows.ts';
import { selectBackend } from '../backend.ts';
import { SequenceNetworkModel } from './sequence-network.ts';

const WIDTH = 4;
const SYMBOLS = ['A', 'B'];
const quick = { epochs: 8, batchSize: 64, dropout: 0, learningRate: 0.02, backend: 'wasm' };

const KINDS: readonly [kind: string, params: Record<string, unknown>][] = [
  ['lstm-network', { window: 4, units: 8 }],
  ['temporal-convolution', { levels: 2, channels: 8 }],
  ['transformer-encoder', { window: 4, units: 8, hidden: 16 }],
];

/** Two symbols in turn at each time. The label follows feature 0 of the row three back, of the same symbol. */
function laggedSeries(times: number, seed: string): Dataset {
  const random = createRandom(seed);
  const rows = times * SYMBOLS.length;
  const x = Float64Array.from({ length: rows * WIDTH }, () => random.normal());
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const back = row - 3 * SYMBOLS.length;
    y[row] = (back < 0 ? 0 : x[back * WIDTH]!) + 0.3 * random.normal() > 0 ? 1 : 0;
  }
  const base = datasetOf(x, y);
  const series = withOwnHistory({
    ...base,
    realisedReturn: y.map((label) => (label === 1 ? 0.01 : -0.01) + 0.005 * random.normal()),
    decisionTimeMs: base.decisionTimeMs.map((_, row) => Math.floor(row / SYMBOLS.length) * DAY_MS),
    labelEndTimeMs: base.decisionTimeMs.map((_, row) => Math.floor(row / SYMBOLS.length) * DAY_MS + 80_000_000),
    symbolIndex: Int32Array.from({ length: rows }, (_, row) => row % SYMBOLS.length),
    symbols: SYMBOLS,
  });
  return rowsFrom(series, 3 * SYMBOLS.length, rows);
}

function rowsFrom(data: Dataset, from: number, to: number): Dataset {
  return takeRows(
    data,
    Int32Array.from({ length: to - from }, (_, i) => from + i),
  );
}

function predictAll(model: FittedModel, data: Dataset): Float64Array {
  return model.predict(gatherWindows(data, model.window ?? 1, { from: 0, to: data.rows }), data.rows);
}

beforeAll(() => selectBackend('wasm'));

describe.each(KINDS)('%s', (kind, shape) => {
  const estimator = estimatorOf(kind);
  const params = estimator.params.parse({ ...quick, ...shape });
  const fit = (data: Dataset, extra: Record<string, unknown> = {}): Promise<FittedModel> =>
    estimator.fit(data, { ...(params as object), ...extra }, { random: createRandom(5) });
  const train = laggedSeries(400, 'train');
  const test = laggedSeries(200, 'test');

  it('finds what stands three rows back, where a network of one row cannot', async () => {
    expect(areaUnderCurve(predictAll(await fit(train, { epochs: 25 }), test), test.y)).toBeGreaterThan(0.9);
    const dense = estimatorOf('dense-network');
    const alone = await dense.fit(train, dense.params.parse(quick), { random: createRandom(5) });
    expect(areaUnderCurve(predictAll(alone, test), test.y)).toBeLessThan(0.6);
  });

  it('looks neither forward nor at other symbols', async () => {
    const cut = rowsFrom(train, 0, 300);
    const before = await fit(cut);
    // The same rows, but everything after them and a third symbol hold other numbers.
    const history = cut.history!;
    const lastAt = Math.max(...history.at);
    const values = history.values.map((own) => own.map((value, i) => (i >= (lastAt + 1) * WIDTH ? 1e6 : value)));
    const changed = { ...cut, symbols: [...SYMBOLS, 'C'] };
    const from = Int32Array.from([...history.from, 0]);
    const after = await fit({
      ...changed,
      history: { at: history.at, from, values: [...values, new Float64Array(80).fill(9)] },
    });
    expect(after.serialise().checksum).toBe(before.serialise().checksum);
  });

  it('refuses rows that have fewer rows before them than it looks at, naming the first', async () => {
    const short = withOwnHistory(rowsFrom(train, 0, 100));
    await expect(fit(short)).rejects.toThrow(/A at 1970-01-04.* has 1 of the 4 rows/);
    const { history: _history, ...none } = rowsFrom(train, 0, 100);
    await expect(fit(none)).rejects.toThrow(/without their history/);
  });

  it('leaves no tensor behind: after fits, an aborted fit, predictions and disposal', async () => {
    await fit(rowsFrom(train, 0, 100));
    const before = tf.memory().numTensors;
    const model = await fit(rowsFrom(train, 0, 200), { dropout: 0.3 });
    expect(tf.memory().numTensors).toBe(before);
    predictAll(model, test);
    const controller = new AbortController();
    const aborted = estimator.fit(train, params, {
      random: createRandom(3),
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('stop')),
    });
    await expect(aborted).rejects.toThrow('stop');
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('learns returns by its regression head, and turns them into probabilities of the same order', async () => {
    const model = await fit(train, { objective: 'regression', epochs: 25 });
    if (!(model instanceof SequenceNetworkModel)) throw new Error('not a sequence network');
    const x = gatherWindows(test, model.window, { from: 0, to: test.rows });
    const expected = model.predictReturn(x, test.rows)!;
    const probability = model.predict(x, test.rows);
    expect(areaUnderCurve(expected, test.y)).toBeGreaterThan(0.9);
    const up = expected.reduce((sum, value, row) => sum + (test.y[row] === 1 ? value : 0), 0);
    expect(up / test.y.reduce((sum, y) => sum + y, 0)).toBeGreaterThan(0.004);
    probability.forEach((value, row) => expect(value > 0.5).toBe(expected[row]! > 0));
    const loaded = await estimator.load(model.serialise());
    expect(loaded.predict(x, test.rows)).toEqual(probability);
  });

  it('stops early by rows at the end that it does not train on', async () => {
    const noise = createRandom('noise');
    const random = { ...train, y: train.y.map(() => (noise.next() < 0.5 ? 0 : 1)) };
    const model = await fit(random, { epochs: 300, patience: 3 });
    if (!(model instanceof SequenceNetworkModel)) throw new Error('not a sequence network');
    expect(model.body.epochs).toBeLessThan(300);
    expect(model.body.validationLoss.length).toBe(model.body.epochs);
    // The label of a row that is validated on changes nothing that is trained on.
    const last = random.rows - 1;
    const flipped = { ...random, y: random.y.map((y, row) => (row === last ? 1 - y : y)) };
    const [one, two] = [await fit(random, { epochs: 1 }), await fit(flipped, { epochs: 1 })];
    expect(two.serialise().weights).toEqual(one.serialise().weights);
  });
});
