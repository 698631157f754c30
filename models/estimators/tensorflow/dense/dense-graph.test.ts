import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { createRandom } from '../../../../infra/random.ts';
import { selectBackend } from '../backend.ts';
import { denseOutput } from './dense-graph.ts';
import { dropped } from '../sequence/dropout.ts';

const ROWS = 24;
const SIZES = [3, 6, 5, 1];

beforeAll(() => selectBackend('wasm'));

/** The same network as the library's operations, which know their own gradients. */
function taped(variables: readonly Variable[], batch: Tensor, rate: number): Tensor {
  const random = createRandom('masks');
  const last = variables.length / 2 - 1;
  return Array.from({ length: last + 1 }).reduce<Tensor>((values, _, layer) => {
    const kernel = variables[2 * layer] as unknown as Tensor2D;
    const sums = tf.add(tf.matMul(values as Tensor2D, kernel), variables[2 * layer + 1]!);
    if (layer === last) return sums;
    return rate > 0 ? dropped(tf.relu(sums), rate, random) : tf.relu(sums);
  }, batch);
}

it.each([0, 0.4])('has the output and the gradients of the library (dropout %d)', (rate) => {
  const random = createRandom(2);
  const normals = (...shape: number[]): Tensor =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
      shape,
    );
  const variables = SIZES.slice(1).flatMap((units, layer) => [
    tf.variable(normals(SIZES[layer]!, units)),
    tf.variable(normals(units)),
  ]);
  const batch = normals(ROWS, SIZES[0]!);
  const before = tf.memory().numTensors;
  const both = [
    () => denseOutput(variables, rate)(batch, createRandom('masks')),
    () => taped(variables, batch, rate),
  ].map((output) =>
    tf.tidy(() => {
      // Each row with a weight of its own; the sum of squares makes the gradient depend on the output.
      const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(output())) as tf.Scalar, variables);
      const numbers = [tf.reshape(output(), [ROWS]), value, ...variables.map(({ name }) => grads[name]!)];
      return tf.concat(numbers.map((tensor) => tf.reshape(tensor, [tensor.size])));
    }),
  );
  expect(tf.memory().numTensors).toBe(before + 2);
  const [found, expected] = both.map((tensor) => [...tensor.dataSync()]);
  const zeros = expected!.filter((value) => value === 0).length;
  expect(zeros).toBeLessThan(expected!.length / 2);
  found!.forEach((value, i) =>
    expect(Math.abs(value - expected![i]!)).toBeLessThan(1e-4 * (1 + Math.abs(expected![i]!))),
  );
  tf.dispose([...both, ...variables, batch]);
});

it('drops nothing outside of training', () => {
  const kernel = tf.variable(tf.ones([3, 1]));
  const bias = tf.variable(tf.ones([1]));
  const hidden = [tf.variable(tf.ones([3, 3])), tf.variable(tf.zeros([3]))];
  const batch = tf.ones([2, 3]);
  const output = tf.tidy(() => denseOutput([...hidden, kernel, bias], 0.9)(batch, null));
  expect([...output.dataSync()]).toEqual([10, 10]);
  tf.dispose([output, kernel, bias, ...hidden, batch]);
});
