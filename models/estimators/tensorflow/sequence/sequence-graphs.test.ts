import * as tf from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../../infra/random.ts';
import { selectBackend } from '../backend.ts';
import { initialWeights } from '../initial-weights.ts';
import { lstmArchitecture } from './lstm/lstm-network.ts';
import type { NetworkSettings } from '../network-settings.ts';
import type { SequenceArchitecture } from './sequence-architecture.ts';
import { temporalConvolutionArchitecture } from './convolution/temporal-convolution.ts';
import { transformerArchitecture } from './transformer/transformer-encoder.ts';

const WIDTH = 3;
const ROWS = 5;

const CASES: readonly [SequenceArchitecture<never>, Record<string, unknown>][] = [
  [lstmArchitecture as unknown as SequenceArchitecture<never>, { window: 4, units: 3 }],
  [temporalConvolutionArchitecture as unknown as SequenceArchitecture<never>, { levels: 3, channels: 4 }],
  [
    temporalConvolutionArchitecture as unknown as SequenceArchitecture<never>,
    { kernelSize: 3, levels: 2, channels: 2 },
  ],
  [
    transformerArchitecture as unknown as SequenceArchitecture<never>,
    { window: 5, units: 4, heads: 2, layers: 2, hidden: 6 },
  ],
];

beforeAll(() => selectBackend('wasm'));

/** The architecture with weights that are all in use, and a batch of standard normal windows. */
function prepared(architecture: SequenceArchitecture<NetworkSettings>, settings: Record<string, unknown>) {
  const params = architecture.params.parse({ ...settings, dropout: 0 });
  const window = architecture.window(params);
  const random = createRandom(3);
  const shapes = architecture.weights(WIDTH, params);
  // Nothing at zero: a bias that starts there would hide a missing term.
  const weights = initialWeights(shapes, random).map((values) => values.map((value) => value + 0.1 * random.normal()));
  const x = Float32Array.from({ length: ROWS * window * WIDTH }, () => random.normal());
  return { params, window, shapes, weights, x };
}

/** Sum of the plain network's outputs over the batch, each times its own factor. */
function plainOutputs(
  architecture: SequenceArchitecture<NetworkSettings>,
  { params, window, x }: ReturnType<typeof prepared>,
  weights: readonly Float32Array[],
): number[] {
  const network = architecture.forward(WIDTH, params, weights);
  return Array.from({ length: ROWS }, (_, row) => {
    network.input.set(x.subarray(row * window * WIDTH, (row + 1) * window * WIDTH));
    return network.run();
  });
}

const factor = (row: number): number => 0.5 + 0.3 * row;

describe.each(CASES.map(([architecture, settings]) => [architecture.kind, architecture, settings] as const))(
  '%s on TensorFlow.js',
  (_kind, erased, settings) => {
    const architecture = erased as unknown as SequenceArchitecture<NetworkSettings>;
    const ready = prepared(architecture, settings);
    const { params, window, shapes, weights, x } = ready;

    async function onTensors<T>(
      work: (variables: Variable[], output: (batch: tf.Tensor) => tf.Tensor, batch: tf.Tensor) => T,
    ): Promise<T> {
      const graph = await architecture.graph();
      const variables = shapes.map(({ shape }, i) => tf.variable(tf.tensor(weights[i]!, [...shape])));
      const batch = tf.tensor(x, [ROWS, window, WIDTH]);
      const output = graph(variables, { width: WIDTH, window, params });
      try {
        return tf.tidy(() => work(variables, (input) => output(input, null), batch) as never) as T;
      } finally {
        tf.dispose([...variables, batch]);
      }
    }

    it('gives what the plain network gives', async () => {
      const found = await onTensors((_, output, batch) => [...output(batch).dataSync()]);
      const expected = plainOutputs(architecture, ready, weights);
      found.forEach((value, row) => expect(value).toBeCloseTo(expected[row]!, 5));
    });

    it('has the gradient that finite differences of the plain network show', async () => {
      const gradients = await onTensors((variables, output, batch) => {
        const factors = tf.tensor2d(
          Float32Array.from({ length: ROWS }, (_, row) => factor(row)),
          [ROWS, 1],
        );
        const { grads } = tf.variableGrads(() => tf.sum(tf.mul(output(batch), factors)), variables);
        return variables.map((variable) => [...grads[variable.name]!.dataSync()]);
      });
      const total = (changed: readonly Float32Array[]): number =>
        plainOutputs(architecture, ready, changed).reduce((sum, value, row) => sum + factor(row) * value, 0);
      const step = 2 ** -9;
      shapes.forEach(({ name }, w) => {
        for (let i = 0; i < weights[w]!.length; i++) {
          const moved = (by: number): number => {
            const changed = weights.map((values) => values.slice());
            changed[w]![i]! += by;
            return total(changed);
          };
          const slope = (moved(step) - moved(-step)) / (2 * step);
          expect(Math.abs(gradients[w]![i]! - slope), `${name}[${i}]`).toBeLessThan(2e-3 + 0.01 * Math.abs(slope));
        }
      });
    });
  },
);
