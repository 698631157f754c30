import type { Variable } from '@tensorflow/tfjs-core';
import { initializers, layers as layerKinds, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';
import type { Random } from '../../../../infra/random.ts';
import type { Dataset } from '../../../dataset.ts';
import type { FitContext } from '../../estimator.ts';
import { fitStandardiser, standardiseRow } from '../../standardiser.ts';
import type { Standardiser } from '../../standardiser.ts';
import { purgedTail } from '../../time-blocks.ts';
import { selectBackend, type BackendName } from '../backend.ts';
import { denseOutput } from './dense-graph.ts';
import type { DenseNetworkParams } from './dense-network-params.ts';
import { FeedForward, layersOf, layerSizes } from './feed-forward.ts';
import { targetsOf } from '../../network-output.ts';
import type { NetworkOutput } from '../../network-output.ts';
import { residualOf } from '../regression-residual.ts';
import { trainNetwork } from '../training-loop.ts';
import type { NetworkRows, TrainableNetwork } from '../training-loop.ts';

/** Fewer rows than this on either side of the validation cut say nothing about when to stop. */
const VALIDATION_ROWS_MIN = 20;

/** Rows of the dataset, standardised and in single precision. */
function networkRows(
  dataset: Dataset,
  { standardiser, target }: { standardiser: Standardiser; target: Float32Array },
  rowIndex: Int32Array,
): NetworkRows {
  const { width } = dataset;
  const x = new Float32Array(rowIndex.length * width);
  rowIndex.forEach((row, i) => {
    standardiseRow(standardiser, { x: dataset.x, from: row * width }, { out: x, to: i * width });
  });
  return {
    rows: rowIndex.length,
    inputs: width,
    copyInputs: (row, out, to) => {
      const from = row * width;
      for (let j = 0; j < width; j++) out[to + j] = x[from + j]!;
    },
    target: Float32Array.from(rowIndex, (row) => target[row]!),
    weight: Float32Array.from(rowIndex, (row) => dataset.weight[row]!),
  };
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

function trainable(model: Sequential, width: number, dropout: number): TrainableNetwork {
  const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
  return {
    variables,
    penalised: variables.filter((variable) => variable.shape.length > 1),
    rowShape: [width],
    output: denseOutput(variables, dropout),
  };
}

/** What training a dense network leaves behind: no tensors, plain arrays. */
export interface TrainedDenseNetwork {
  readonly standardiser: Standardiser;
  readonly backend: BackendName;
  readonly epochs: number;
  readonly validationLoss: number[];
  readonly output: NetworkOutput;
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
  const train = tail?.train ?? Int32Array.from({ length: dataset.rows }, (_, row) => row);
  // The validation rows stand for the future: the standardiser does not see them either.
  const standardiser = fitStandardiser({ ...dataset, rows: train.length });
  const { target, output } = targetsOf(dataset, train, settings.objective);
  const data = {
    train: networkRows(dataset, { standardiser, target }, train),
    validation: tail === null ? null : networkRows(dataset, { standardiser, target }, tail.validation),
  };
  const model = buildModel(dataset.width, settings.layers, context.random.fork('network-weights'));
  try {
    const network = trainable(model, dataset.width, settings.dropout);
    const { epochs, validationLoss } = await trainNetwork(network, data, settings, context);
    const arrays = network.variables.map((variable) => Float32Array.from(variable.dataSync()));
    if (output.objective === 'regression') {
      const [index, rows] = tail === null ? [train, data.train] : [tail.validation, data.validation!];
      const forward = new FeedForward(layersOf(dataset.width, settings.layers, arrays));
      output.residual = residualOf(dataset, output, { index, rows, network: forward });
    }
    return { standardiser, backend, epochs, validationLoss: [...validationLoss], output, arrays };
  } finally {
    model.dispose();
  }
}
