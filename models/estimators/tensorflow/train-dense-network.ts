import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { initializers, layers as layerKinds, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';
import type { Random } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import type { FitContext } from '../estimator.ts';
import { fitStandardiser, standardiseRow } from '../standardiser.ts';
import type { Standardiser } from '../standardiser.ts';
import { purgedTail } from '../time-blocks.ts';
import { selectBackend, type BackendName } from './backend.ts';
import type { DenseNetworkParams } from './dense-network.ts';
import { layerSizes } from './feed-forward.ts';
import { trainNetwork } from './training-loop.ts';
import type { NetworkRows, TrainableNetwork } from './training-loop.ts';

/** Fewer rows than this on either side of the validation cut say nothing about when to stop. */
const VALIDATION_ROWS_MIN = 20;

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

/** What training a dense network leaves behind: no tensors, plain arrays. */
export interface TrainedDenseNetwork {
  readonly standardiser: Standardiser;
  readonly backend: BackendName;
  readonly epochs: number;
  readonly validationLoss: number[];
  /** Kernel and bias of each layer in turn. */
  readonly arrays: readonly Float32Array[];
}

/** Trains on the backend that `settings` ask for: Adam, early stopping on the purged end of the training time. */
export async function trainDenseNetwork(
  dataset: Dataset,
  settings: DenseNetworkParams,
  context: FitContext,
): Promise<TrainedDenseNetwork> {
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
    const { epochs, validationLoss } = await trainNetwork(network, data, settings, context);
    const arrays = network.variables.map((variable) => Float32Array.from(variable.dataSync()));
    return { standardiser, backend, epochs, validationLoss: [...validationLoss], arrays };
  } finally {
    model.dispose();
  }
}
