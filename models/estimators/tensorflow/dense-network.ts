import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { initializers, layers as layerKinds, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import type { Random } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { assertStandardiserWidth, fitStandardiser, standardiseRow, standardiserSchema } from '../standardiser.ts';
import type { Standardiser } from '../standardiser.ts';
import { purgedTail } from '../time-blocks.ts';
import { assertInput, assertTrainable, outputOf } from '../training-data.ts';
import { selectBackend } from './backend.ts';
import { FeedForward } from './feed-forward.ts';
import type { DenseLayer } from './feed-forward.ts';
import { trainNetwork } from './training-loop.ts';
import type { NetworkRows, TrainableNetwork } from './training-loop.ts';
import { readFloats, writeFloats } from './weight-bytes.ts';

const KIND = 'dense-network';
const FORMAT_VERSION = 1;

const params = z.strictObject({
  /** Units of the hidden layers. */
  layers: z.array(z.int().min(1).max(4096)).min(1).max(8).default([32, 16]),
  /** Most passes over the rows; early stopping usually ends sooner. */
  epochs: z.int().positive().max(10_000).default(60),
  batchSize: z.int().positive().default(256),
  learningRate: z.number().positive().default(0.003),
  /** Share of hidden units left out at random in each training step. */
  dropout: z.number().min(0).max(0.9).default(0.2),
  /** Penalty on the squared kernel weights. */
  l2: z.number().min(0).default(0.001),
  /** Share of the rows at the end of the training time, purged, that early stopping judges by; 0 trains all epochs. */
  validationFraction: z.number().min(0).max(0.5).default(0.15),
  patience: z.int().min(1).default(8),
  /** `auto` takes the native backend where it is built, else wasm. */
  backend: z.enum(['auto', 'wasm', 'native']).default('auto'),
});

export type DenseNetworkParams = z.infer<typeof params>;

const bodySchema = z.strictObject({
  params,
  standardiser: standardiserSchema,
  /** Backend it was trained on; predictions need none. */
  backend: z.enum(['wasm', 'native']),
  epochs: z.int().min(0),
  validationLoss: z.array(z.number()),
});

type Body = z.infer<typeof bodySchema>;

/** Fewer rows than this on either side of the validation cut say nothing about when to stop. */
const VALIDATION_ROWS_MIN = 20;

function layerSizes(width: number, hidden: readonly number[]): { inputs: number; units: number }[] {
  const units = [...hidden, 1];
  return units.map((count, index) => ({ inputs: index === 0 ? width : units[index - 1]!, units: count }));
}

/** Rows of the dataset, standardised and in single precision. */
function networkRows(dataset: Dataset, standardiser: Standardiser, rowIndex: Int32Array): NetworkRows {
  const { width } = dataset;
  const x = new Float32Array(rowIndex.length * width);
  rowIndex.forEach((row, i) => {
    standardiseRow(standardiser, { x: dataset.x, from: row * width }, { out: x, to: i * width });
  });
  const take = (column: Float64Array): Float32Array => Float32Array.from(rowIndex, (row) => column[row]!);
  return { rows: rowIndex.length, inputs: width, x, y: take(dataset.y), weight: take(dataset.weight) };
}

function buildModel(width: number, hidden: readonly number[], random: Random): Sequential {
  const model = sequential();
  layerSizes(width, hidden).forEach(({ inputs, units }, index) => {
    model.add(
      layerKinds.dense({
        units,
        ...(index === 0 ? { inputShape: [inputs] } : {}),
        ...(index < hidden.length ? { activation: 'relu' as const } : {}),
        kernelInitializer: initializers.glorotUniform({ seed: random.integer(2 ** 31) }),
      }),
    );
  });
  return model;
}

/** Dropout by masks of our own generator: the library's layer repeats one mask for ever when it is seeded. */
function dropped(values: Tensor, rate: number, random: Random): Tensor {
  const mask = new Float32Array(values.size);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = random.next() < rate ? 0 : kept;
  return tf.mul(values, tf.tensor(mask, values.shape, 'float32'));
}

function trainable(model: Sequential, width: number, dropout: number): TrainableNetwork {
  const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
  return {
    variables,
    penalised: variables.filter((variable) => variable.shape.length > 1),
    rowShape: [width],
    logits: (batch, random) =>
      model.layers.reduce((values, layer, index) => {
        const out = layer.apply(values) as Tensor;
        const hidden = index < model.layers.length - 1;
        return hidden && random !== null && dropout > 0 ? dropped(out, dropout, random) : out;
      }, batch),
  };
}

/** A fitted network; it predicts in plain arithmetic, without a TensorFlow backend. */
export class DenseNetworkModel implements FittedModel {
  readonly kind = KIND;
  readonly featureNames: readonly string[];
  readonly body: Body;
  private readonly layers: readonly DenseLayer[];
  private readonly network: FeedForward;

  constructor(featureNames: readonly string[], body: Body, layers: readonly DenseLayer[]) {
    this.featureNames = featureNames;
    this.body = body;
    this.layers = layers;
    this.network = new FeedForward(layers);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    const width = this.featureNames.length;
    const source = { x, from: 0 };
    const target = { out: this.network.input, to: 0 };
    for (let row = 0; row < rows; row++) {
      source.from = row * width;
      standardiseRow(this.body.standardiser, source, target);
      result[row] = this.network.run();
    }
    return result;
  }

  serialise(): SerialisedModel {
    const weights = writeFloats(this.layers.flatMap((layer) => [layer.kernel, layer.bias]));
    const { featureNames, body } = this;
    return sealModel({ kind: KIND, formatVersion: FORMAT_VERSION, featureNames, body, weights });
  }

  dispose(): void {
    // Holds no tensors: training freed them.
  }
}

function layersOf(width: number, hidden: readonly number[], arrays: readonly Float32Array[]): DenseLayer[] {
  return layerSizes(width, hidden).map((size, i) => ({ ...size, kernel: arrays[2 * i]!, bias: arrays[2 * i + 1]! }));
}

/** Feed-forward network on TensorFlow.js layers: rectified hidden layers, one sigmoid output, Adam, early stopping in time. */
export const denseNetwork: Estimator<DenseNetworkParams> = {
  kind: KIND,
  params,
  async fit(dataset, settings, context) {
    assertTrainable(dataset);
    context.signal?.throwIfAborted();
    const backend = await selectBackend(settings.backend);
    const tail = purgedTail(dataset, settings.validationFraction, VALIDATION_ROWS_MIN);
    const every = Int32Array.from({ length: dataset.rows }, (_, row) => row);
    // The validation rows stand for the future: the standardiser does not see them either.
    const standardiser = fitStandardiser(tail === null ? dataset : { ...dataset, rows: tail.train.length });
    const data = {
      train: networkRows(dataset, standardiser, tail?.train ?? every),
      validation: tail === null ? null : networkRows(dataset, standardiser, tail.validation),
    };
    const model = buildModel(dataset.width, settings.layers, context.random.fork('network-weights'));
    try {
      const network = trainable(model, dataset.width, settings.dropout);
      const outcome = await trainNetwork(network, data, settings, context);
      const arrays = network.variables.map((variable) => Float32Array.from(variable.dataSync()));
      const body = { params: settings, standardiser, backend, ...outcome, validationLoss: [...outcome.validationLoss] };
      return new DenseNetworkModel(dataset.featureNames, body, layersOf(dataset.width, settings.layers, arrays));
    } finally {
      model.dispose();
    }
  },
  async load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const body = parseBody(serialised, bodySchema);
    const width = serialised.featureNames.length;
    assertStandardiserWidth(body.standardiser, width);
    const lengths = layerSizes(width, body.params.layers).flatMap(({ inputs, units }) => [inputs * units, units]);
    const arrays = readFloats(serialised.weights, lengths);
    return new DenseNetworkModel(serialised.featureNames, body, layersOf(width, body.params.layers, arrays));
  },
};
