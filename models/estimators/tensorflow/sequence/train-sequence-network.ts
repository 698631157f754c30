import * as tf from '@tensorflow/tfjs-core';
import type { Dataset, RowHistory } from '../../../dataset.ts';
import type { FitContext } from '../../estimator.ts';
import { requireWindows } from '../../sequence-windows.ts';
import { fitStandardiser, standardiseRow } from '../../standardiser.ts';
import type { Standardiser } from '../../standardiser.ts';
import { purgedTail } from '../../time-blocks.ts';
import { selectBackend } from '../backend.ts';
import { initialWeights } from '../initial-weights.ts';
import { targetsOf } from '../../network-output.ts';
import type { NetworkSettings } from '../network-settings.ts';
import type { LearnedNetwork } from './learned-network.ts';
import type { SequenceArchitecture } from './sequence-architecture.ts';
import { residualOf } from '../regression-residual.ts';
import { trainNetwork } from '../training-loop.ts';
import type { NetworkRows, TrainableNetwork } from '../training-loop.ts';

/** Fewer rows than this on either side of the validation cut say nothing about when to stop. */
const VALIDATION_ROWS_MIN = 20;

/** The rows of each symbol that the dataset's windows lie in, standardised and in single precision. */
function standardisedHistory(
  dataset: Dataset,
  standardiser: Standardiser,
  window: number,
): { history: RowHistory; values: Float32Array[]; first: Int32Array } {
  const history = requireWindows(dataset, window);
  const symbols = history.values.length;
  const first = new Int32Array(symbols).fill(-1);
  const last = new Int32Array(symbols).fill(-1);
  for (let row = 0; row < dataset.rows; row++) {
    const symbol = dataset.symbolIndex[row]!;
    const at = history.at[row]!;
    if (first[symbol] === -1 || at - window + 1 < first[symbol]!) first[symbol] = at - window + 1;
    last[symbol] = Math.max(last[symbol]!, at);
  }
  const { width } = dataset;
  const values = history.values.map((x, symbol) => {
    if (first[symbol] === -1) return new Float32Array(0);
    const out = new Float32Array((last[symbol]! - first[symbol]! + 1) * width);
    for (let at = first[symbol]!; at <= last[symbol]!; at++) {
      standardiseRow(standardiser, { x, from: at * width }, { out, to: (at - first[symbol]!) * width });
    }
    return out;
  });
  return { history, values, first };
}

/** Rows at `index` as windows that are put together when a batch asks for them. */
function windowRows(
  dataset: Dataset,
  source: ReturnType<typeof standardisedHistory> & { window: number; target: Float32Array },
  index: Int32Array,
): NetworkRows {
  const { history, values, first, window, target } = source;
  const inputs = window * dataset.width;
  return {
    rows: index.length,
    inputs,
    copyInputs: (i, out, to) => {
      const row = index[i]!;
      const symbol = dataset.symbolIndex[row]!;
      const end = (history.at[row]! - first[symbol]! + 1) * dataset.width;
      out.set(values[symbol]!.subarray(end - inputs, end), to);
    },
    target: Float32Array.from(index, (row) => target[row]!),
    weight: Float32Array.from(index, (row) => dataset.weight[row]!),
  };
}

/** Trains on the backend that `settings` ask for: Adam, early stopping on the purged end of the training time. */
export async function trainSequenceNetwork<Params extends NetworkSettings>(
  architecture: SequenceArchitecture<Params>,
  { dataset, settings }: { dataset: Dataset; settings: Params },
  context: FitContext,
): Promise<LearnedNetwork & { weights: Float32Array[] }> {
  const backend = await selectBackend(settings.backend);
  const graph = await architecture.graph();
  const window = architecture.window(settings);
  const { width } = dataset;
  const tail = purgedTail(dataset, settings.validationFraction, VALIDATION_ROWS_MIN);
  const train = tail?.train ?? Int32Array.from({ length: dataset.rows }, (_, row) => row);
  // The validation rows stand for the future: the standardiser does not see them either.
  const standardiser = fitStandardiser({ ...dataset, rows: train.length });
  const { target, output } = targetsOf(dataset, train, settings.objective);
  const source = { ...standardisedHistory(dataset, standardiser, window), window, target };
  const data = {
    train: windowRows(dataset, source, train),
    validation: tail === null ? null : windowRows(dataset, source, tail.validation),
  };
  const shapes = architecture.weights(width, settings);
  const initial = initialWeights(shapes, context.random.fork('network-weights'));
  const variables = shapes.map(({ shape }, i) =>
    tf.tidy(() => tf.variable(tf.tensor(initial[i]!, [...shape], 'float32'))),
  );
  try {
    const network: TrainableNetwork = {
      variables,
      penalised: variables.filter((_, i) => shapes[i]!.start === 'glorot' || shapes[i]!.start === 'orthogonal'),
      rowShape: [window, width],
      output: graph(variables, { width, window, params: settings }),
    };
    const { epochs, validationLoss } = await trainNetwork(network, data, settings, context);
    const weights = variables.map((variable) => Float32Array.from(variable.dataSync()));
    if (output.objective === 'regression') {
      const [index, rows] = tail === null ? [train, data.train] : [tail.validation, data.validation!];
      const forward = architecture.forward(width, settings, weights);
      output.residual = residualOf(dataset, output, { index, rows, network: forward });
    }
    return { standardiser, backend, epochs, validationLoss: [...validationLoss], output, weights };
  } finally {
    variables.forEach((variable) => variable.dispose());
  }
}
