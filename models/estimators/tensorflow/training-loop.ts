import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
// Loading the layers registers the gradients of the core's operations, which its own main file leaves out.
import '@tensorflow/tfjs-layers';
import type { Random } from '../../../infra/random.ts';
import type { FitContext } from '../estimator.ts';

/** Rows as a network sees them: standardised, float32, `inputs` numbers each. */
export interface NetworkRows {
  readonly rows: number;
  readonly inputs: number;
  /** Writes the inputs of row `row` into `out` at `to`. */
  copyInputs(row: number, out: Float32Array, to: number): void;
  /** Label, or standardised return. */
  readonly target: Float32Array;
  readonly weight: Float32Array;
}

interface Batch {
  readonly rows: number;
  readonly x: Float32Array;
  readonly target: Float32Array;
  readonly weight: Float32Array;
}

/** A network while it trains. `output` maps a batch (`[rows, ...]`) to `[rows, 1]`; `random` is given while training, for dropout. */
export interface TrainableNetwork {
  readonly variables: readonly Variable[];
  /** The variables the squared penalty holds down. */
  readonly penalised: readonly Variable[];
  output(batch: Tensor, random: Random | null): Tensor;
  /** Shape of one row. */
  readonly rowShape: readonly number[];
}

export interface TrainingSettings {
  readonly objective: 'classification' | 'regression';
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly l2: number;
  /** Epochs without a better validation loss before training stops. */
  readonly patience: number;
}

export interface TrainingOutcome {
  readonly epochs: number;
  /** Weighted log-loss (classification) or half the squared error in standardised returns (regression) on the validation rows after each epoch; empty without validation rows. */
  readonly validationLoss: readonly number[];
}

function shuffle(order: Int32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
}

function gather(data: NetworkRows, order: Int32Array): Batch {
  const x = new Float32Array(order.length * data.inputs);
  order.forEach((row, i) => data.copyInputs(row, x, i * data.inputs));
  const take = (column: Float32Array): Float32Array => Float32Array.from(order, (row) => column[row]!);
  return { rows: order.length, x, target: take(data.target), weight: take(data.weight) };
}

/** Log-loss of logits, `max(s, 0) - s y + log(1 + e^-|s|)`, or half the squared error, of each row. */
function lossOfEach(objective: TrainingSettings['objective'], output: Tensor, target: Tensor): Tensor {
  if (objective === 'regression') return tf.mul(0.5, tf.square(tf.sub(output, target)));
  return tf.add(tf.sub(tf.relu(output), tf.mul(output, target)), tf.log1p(tf.exp(tf.neg(tf.abs(output)))));
}

function batchTensors(network: TrainableNetwork, batch: Batch): { x: Tensor; target: Tensor; weight: Tensor } {
  return {
    x: tf.tensor(batch.x, [batch.rows, ...network.rowShape], 'float32'),
    target: tf.tensor2d(batch.target, [batch.rows, 1]),
    weight: tf.tensor2d(batch.weight, [batch.rows, 1]),
  };
}

/** Weighted mean loss of a batch. */
function lossOfBatch(
  network: TrainableNetwork,
  batch: Batch,
  { objective, random }: { objective: TrainingSettings['objective']; random: Random | null },
): Scalar {
  const { x, target, weight } = batchTensors(network, batch);
  const each = lossOfEach(objective, network.output(x, random), target);
  return tf.div(tf.sum(tf.mul(each, weight)), tf.sum(weight));
}

/** Numbers that a validation batch may hold: a window of 32 rows by 40 features leaves 3,276 rows to a batch. */
const VALIDATION_NUMBERS_MAX = 2 ** 22;

function lossOn(network: TrainableNetwork, data: NetworkRows, objective: TrainingSettings['objective']): number {
  const size = Math.max(1, Math.floor(VALIDATION_NUMBERS_MAX / data.inputs));
  let loss = 0;
  let total = 0;
  for (let from = 0; from < data.rows; from += size) {
    const order = Int32Array.from({ length: Math.min(size, data.rows - from) }, (_, i) => from + i);
    const batch = gather(data, order);
    const mean = tf.tidy(() => lossOfBatch(network, batch, { objective, random: null }).dataSync()[0]!);
    if (order.length === data.rows) return mean;
    const weight = batch.weight.reduce((sum, value) => sum + value, 0);
    loss += mean * weight;
    total += weight;
  }
  return loss / total;
}

function copyOf(variables: readonly Variable[]): Float32Array[] {
  return variables.map((variable) => Float32Array.from(variable.dataSync()));
}

function restore(variables: readonly Variable[], values: readonly Float32Array[]): void {
  tf.tidy(() => variables.forEach((variable, i) => variable.assign(tf.tensor(values[i]!, variable.shape, 'float32'))));
}

/**
 * Trains by Adam on seeded shuffles and keeps the weights of the epoch with the least validation loss. Everything it
 * makes on the backend is gone when it returns or throws; the caller's network stays. Lets the event loop turn per epoch.
 */
export async function trainNetwork(
  network: TrainableNetwork,
  data: { train: NetworkRows; validation: NetworkRows | null },
  settings: TrainingSettings,
  context: FitContext,
): Promise<TrainingOutcome> {
  const optimiser = tf.train.adam(settings.learningRate);
  const random = context.random.fork('network-training');
  const order = Int32Array.from({ length: data.train.rows }, (_, row) => row);
  const validationLoss: number[] = [];
  let best = { loss: Infinity, epoch: 0, weights: null as Float32Array[] | null };
  try {
    let epoch = 0;
    for (; epoch < settings.epochs && epoch - best.epoch <= settings.patience; epoch++) {
      shuffle(order, random);
      for (let from = 0; from < order.length; from += settings.batchSize) {
        context.signal?.throwIfAborted();
        trainBatch(network, gather(data.train, order.slice(from, from + settings.batchSize)), {
          optimiser,
          settings,
          random,
        });
      }
      if (data.validation === null) best.epoch = epoch + 1;
      else {
        const loss = lossOn(network, data.validation, settings.objective);
        validationLoss.push(loss);
        if (loss < best.loss) best = { loss, epoch: epoch + 1, weights: copyOf(network.variables) };
      }
      context.onProgress?.((epoch + 1) / settings.epochs);
      await nextTurn();
    }
    context.signal?.throwIfAborted();
    if (best.weights !== null) restore(network.variables, best.weights);
    return { epochs: epoch, validationLoss };
  } finally {
    optimiser.dispose();
  }
}

function trainBatch(
  network: TrainableNetwork,
  batch: Batch,
  step: { optimiser: ReturnType<typeof tf.train.adam>; settings: TrainingSettings; random: Random },
): void {
  tf.tidy(() => {
    const { objective, l2 } = step.settings;
    step.optimiser.minimize(
      () => {
        const loss = lossOfBatch(network, batch, { objective, random: step.random });
        if (l2 === 0) return loss;
        const squares = network.penalised.map((variable) => tf.sum(tf.square(variable)));
        return tf.add(loss, tf.mul(l2, tf.addN(squares))) as Scalar;
      },
      false,
      [...network.variables],
    );
  });
}
