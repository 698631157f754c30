import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Random } from '../../../infra/random.ts';
import type { FitContext } from '../estimator.ts';

/** Rows as a network sees them: standardised, float32, `rows * inputs`. */
export interface NetworkRows {
  readonly rows: number;
  readonly inputs: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weight: Float32Array;
}

/** A network while it trains. `logits` maps a batch (`[rows, ...]`) to `[rows, 1]`; `random` is given while training, for dropout. */
export interface TrainableNetwork {
  readonly variables: readonly Variable[];
  /** The variables the squared penalty holds down. */
  readonly penalised: readonly Variable[];
  logits(batch: Tensor, random: Random | null): Tensor;
  /** Shape of one row. */
  readonly rowShape: readonly number[];
}

export interface TrainingSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly l2: number;
  /** Epochs without a better validation loss before training stops. */
  readonly patience: number;
}

export interface TrainingOutcome {
  readonly epochs: number;
  /** Weighted log-loss on the validation rows after each epoch; empty without validation rows. */
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

function gather(data: NetworkRows, order: Int32Array): NetworkRows {
  const { inputs } = data;
  const x = new Float32Array(order.length * inputs);
  order.forEach((row, i) => x.set(data.x.subarray(row * inputs, (row + 1) * inputs), i * inputs));
  const take = (column: Float32Array): Float32Array => Float32Array.from(order, (row) => column[row]!);
  return { rows: order.length, inputs, x, y: take(data.y), weight: take(data.weight) };
}

/** Weighted mean log-loss of logits: `max(s, 0) - s y + log(1 + e^-|s|)`. */
function logLoss(logits: Tensor, y: Tensor, weight: Tensor): Scalar {
  const each = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, y)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
  return tf.div(tf.sum(tf.mul(each, weight)), tf.sum(weight));
}

function batchTensors(network: TrainableNetwork, batch: NetworkRows): { x: Tensor; y: Tensor; weight: Tensor } {
  return {
    x: tf.tensor(batch.x, [batch.rows, ...network.rowShape], 'float32'),
    y: tf.tensor2d(batch.y, [batch.rows, 1]),
    weight: tf.tensor2d(batch.weight, [batch.rows, 1]),
  };
}

function lossOn(network: TrainableNetwork, data: NetworkRows): number {
  return tf.tidy(() => {
    const { x, y, weight } = batchTensors(network, data);
    return logLoss(network.logits(x, null), y, weight).dataSync()[0]!;
  });
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
          l2: settings.l2,
          random,
        });
      }
      if (data.validation === null) best.epoch = epoch + 1;
      else {
        const loss = lossOn(network, data.validation);
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
  batch: NetworkRows,
  step: { optimiser: ReturnType<typeof tf.train.adam>; l2: number; random: Random },
): void {
  tf.tidy(() => {
    const { x, y, weight } = batchTensors(network, batch);
    step.optimiser.minimize(
      () => {
        const loss = logLoss(network.logits(x, step.random), y, weight);
        if (step.l2 === 0) return loss;
        const squares = network.penalised.map((variable) => tf.sum(tf.square(variable)));
        return tf.add(loss, tf.mul(step.l2, tf.addN(squares))) as Scalar;
      },
      false,
      [...network.variables],
    );
  });
}
