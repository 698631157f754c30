import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../../infra/random.ts';
import { datasetOf, peerTable } from '../../known-tables.ts';
import { nativeTensorflow } from '../../../../infra/native-tensorflow.ts';
import { selectBackend } from '../backend.ts';
import { denseNetwork, type DenseNetworkModel } from './dense-network.ts';
import { mendTransposedMatmul } from '../transposed-matmul.ts';

const params = denseNetwork.params.parse({ layers: [16, 8], epochs: 6, batchSize: 64, backend: 'wasm' });

function rows(count: number) {
  const { x, y } = peerTable(count, 8, 4);
  return datasetOf(x, y);
}

beforeAll(() => selectBackend('wasm'));

describe('the wasm backend', () => {
  it('multiplies transposed matrices as plain arithmetic does, and leaves nothing behind', () => {
    mendTransposedMatmul();
    const random = createRandom(1);
    const [m, k, n] = [5, 7, 3];
    const a = Float32Array.from({ length: m * k }, () => random.normal());
    const b = Float32Array.from({ length: k * n }, () => random.normal());
    const expected = Array.from({ length: m * n }, (_, cell) => {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += a[Math.floor(cell / n) * k + i]! * b[i * n + (cell % n)]!;
      return sum;
    });
    const before = tf.memory().numTensors;
    for (const [flipA, flipB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const product = tf.tidy(() => {
        const plainA = tf.tensor2d(a, [m, k]);
        const plainB = tf.tensor2d(b, [k, n]);
        const left = flipA ? tf.transpose(plainA) : plainA;
        const right = flipB ? tf.transpose(plainB) : plainB;
        return tf.matMul(left, right, flipA, flipB).dataSync();
      });
      product.forEach((value, cell) => expect(value).toBeCloseTo(expected[cell]!, 4));
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a native backend that is not built, and does not fall back', async () => {
    if (nativeTensorflow() === null)
      await expect(selectBackend('native')).rejects.toThrow(/native TensorFlow backend cannot be loaded/);
    expect(await selectBackend('wasm')).toBe('wasm');
  });
});

describe('dense network', () => {
  it('leaves no tensor behind: after a fit, an aborted fit and predictions', async () => {
    const data = rows(300);
    await denseNetwork.fit(data, params, { random: createRandom(1) });
    const before = tf.memory().numTensors;
    const model = await denseNetwork.fit(data, params, { random: createRandom(2) });
    model.predict(data.x, data.rows);
    const controller = new AbortController();
    const aborted = denseNetwork.fit(data, params, {
      random: createRandom(3),
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('stop')),
    });
    await expect(aborted).rejects.toThrow('stop');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('predicts by plain arithmetic what TensorFlow computes from the same weights', async () => {
    const data = rows(200);
    const settings = { ...params, layers: [5], validationFraction: 0 };
    const model = (await denseNetwork.fit(data, settings, { random: createRandom(1) })) as DenseNetworkModel;
    const weights = model.serialise().weights!;
    const floats = new Float32Array(weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.length));
    const { mean, inverseDeviation } = model.body.standardiser;
    const clip = (z: number): number => Math.min(6, Math.max(-6, z));
    const z = Float32Array.from(data.x, (v, i) => clip((v - mean[i % 8]!) * inverseDeviation[i % 8]!));
    const expected = tf.tidy(() => {
      const hidden = tf.relu(
        tf.add(tf.matMul(tf.tensor2d(z, [200, 8]), tf.tensor2d(floats.slice(0, 40), [8, 5])), floats.slice(40, 45)),
      );
      const out = tf.add(tf.matMul(hidden as tf.Tensor2D, tf.tensor2d(floats.slice(45, 50), [5, 1])), floats[50]!);
      return tf.sigmoid(out).dataSync();
    });
    model.predict(data.x, 200).forEach((value, row) => expect(value).toBeCloseTo(expected[row]!, 5));
  });

  it('stops early on rows at the end that it does not train on, and keeps the best epoch', async () => {
    const noise = createRandom(5);
    const x = Float64Array.from({ length: 200 * 8 }, () => noise.normal());
    const y = Float64Array.from({ length: 200 }, () => (noise.next() < 0.5 ? 0 : 1));
    const settings = { ...params, epochs: 200, learningRate: 0.02, dropout: 0, l2: 0, patience: 4 };
    const model = (await denseNetwork.fit(datasetOf(x, y), settings, { random: createRandom(1) })) as DenseNetworkModel;
    const { validationLoss, epochs } = model.body;
    expect(epochs).toBeLessThan(200);
    const held = model.predict(x.slice(170 * 8), 30);
    const loss = held.reduce((sum, p, i) => sum - Math.log(y[170 + i] === 1 ? p : 1 - p), 0) / 30;
    expect(loss).toBeCloseTo(Math.min(...validationLoss), 4);
  });

  it('learns returns by its regression head, and says how likely a positive one is', async () => {
    const noise = createRandom(6);
    const data = rows(600);
    const realisedReturn = data.x.filter((_, i) => i % 8 === 2).map((value) => 0.01 * value + 0.01 * noise.normal());
    const settings = { ...params, objective: 'regression' as const, epochs: 20, learningRate: 0.01, dropout: 0 };
    const model = await denseNetwork.fit({ ...data, realisedReturn }, settings, { random: createRandom(1) });
    const expected = (model as DenseNetworkModel).predictReturn(data.x, 600)!;
    const product = (a: Float64Array, b: Float64Array): number =>
      a.reduce((sum, value, row) => sum + value * b[row]!, 0);
    const correlation =
      product(expected, realisedReturn) /
      Math.sqrt(product(expected, expected) * product(realisedReturn, realisedReturn));
    expect(correlation).toBeGreaterThan(0.6);
    const probability = model.predict(data.x, 600);
    probability.forEach((value, row) => expect(value > 0.5).toBe(expected[row]! > 0));
    // Two deviations of the noise above zero: almost certain, and the residual says how certain.
    const sure = probability.filter((_, row) => expected[row]! > 0.015);
    expect(sure.length).toBeGreaterThan(10);
    expect(sure.every((value) => value > 0.85)).toBe(true);
    const classes = await denseNetwork.fit(data, { ...params, epochs: 1 }, { random: createRandom(1) });
    expect((classes as DenseNetworkModel).predictReturn(data.x, 600)).toBeNull();
    const holes = { ...data, realisedReturn: realisedReturn.map((value, row) => (row === 5 ? NaN : value)) };
    await expect(denseNetwork.fit(holes, settings, { random: createRandom(1) })).rejects.toThrow(
      /return of row 5 is NaN/,
    );
  });

  it('trains in a worker thread to the same bits', async () => {
    const here = await denseNetwork.fit(rows(120), params, { random: createRandom(1) });
    const base = new URL('../../', import.meta.url).href;
    const loader = new URL('../../../../infra/typescript/typescript-loader.mjs', import.meta.url).href;
    const code = `
      (async () => {
        await import(${JSON.stringify(loader)});
        const { denseNetwork } = await import('${base}tensorflow/dense/dense-network.ts');
        const { datasetOf, peerTable } = await import('${base}known-tables.ts');
        const { createRandom } = await import('${base}../../infra/random.ts');
        const { x, y } = peerTable(120, 8, 4);
        const model = await denseNetwork.fit(datasetOf(x, y), ${JSON.stringify(params)}, { random: createRandom(1) });
        require('node:worker_threads').parentPort.postMessage(model.serialise().checksum);
      })()`;
    const worker = new Worker(code, { eval: true, execArgv: [] });
    const checksum = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(checksum).toBe(here.serialise().checksum);
  });
});
