import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { createRandom } from '../../../infra/random.ts';
import { takeRows, type Dataset } from '../../dataset.ts';
import type { FittedModel } from '../estimator.ts';
import { areaUnderCurve, datasetOf, peerTable } from '../known-tables.ts';
import { estimatorOf } from '../registry.ts';
import { gatherWindows, withOwnHistory } from '../sequence-windows.ts';
import { selectBackend } from './backend.ts';
import type { BackendName } from './backend.ts';

const KINDS: readonly [kind: string, params: Record<string, unknown>][] = [
  ['dense-network', { layers: [16, 8] }],
  ['lstm-network', { window: 6, units: 8 }],
  ['temporal-convolution', { levels: 3, channels: 8 }],
  ['transformer-encoder', { window: 6, units: 8, hidden: 16, layers: 2 }],
];

function rows(from: number, to: number): Dataset {
  const { x, y } = peerTable(1200, 8, 4);
  return takeRows(
    withOwnHistory(datasetOf(x, y)),
    Int32Array.from({ length: to - from }, (_, i) => from + i),
  );
}

describeWith('native-tensorflow', 'the native backend', () => {
  const train = rows(10, 900);
  const heldOut = rows(900, 1200);

  async function fitOn(backend: BackendName, [kind, params]: (typeof KINDS)[number]): Promise<FittedModel> {
    const estimator = estimatorOf(kind);
    const settings = estimator.params.parse({ ...params, epochs: 5, batchSize: 64, dropout: 0.1, backend });
    return estimator.fit(train, settings, { random: createRandom(1) });
  }

  const predict = (model: FittedModel): Float64Array =>
    model.predict(gatherWindows(heldOut, model.window ?? 1, { from: 0, to: heldOut.rows }), heldOut.rows);

  it.each(KINDS)('trains %s to the scores of wasm, within what single precision leaves open', async (...one) => {
    const wasm = await fitOn('wasm', one);
    expect(tf.getBackend()).toBe('wasm');
    const before = tf.memory().numTensors;
    const native = await fitOn('native', one);
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.memory().numTensors).toBe(before);
    expect(native.serialise().body).toMatchObject({ backend: 'native' });
    const [a, b] = [predict(wasm), predict(native)];
    const worst = a.reduce((most, value, row) => Math.max(most, Math.abs(value - b[row]!)), 0);
    expect(worst).toBeLessThan(5e-3);
    expect(areaUnderCurve(b, heldOut.y)).toBeCloseTo(areaUnderCurve(a, heldOut.y), 2);
    // The same on a machine without it: a model predicts in plain arithmetic.
    await selectBackend('wasm');
    const loaded = await estimatorOf(one[0]).load(native.serialise());
    expect(predict(loaded)).toEqual(b);
  });

  it('gives the same bits again', async () => {
    const [one] = KINDS;
    expect((await fitOn('native', one!)).serialise().checksum).toBe((await fitOn('native', one!)).serialise().checksum);
  });

  afterAll(() => selectBackend('wasm'));
});
