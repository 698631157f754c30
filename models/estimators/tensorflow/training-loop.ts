import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
// Loading the layers registers the gradients of the core's operations, which its own main file leaves out.
import '@tensorflow/tfjs-layers';
import type { Random } from '../../../infra/random.ts';
import type { FitContext } from '../estimator.ts';
import { Adam } from './adam.ts';
import { lossTensor, networkLoss } from './network-loss.ts';
import { numbersOf } from './tensor-numbers.ts';

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

/**
 * A network while it trains. `output` maps a batch (`[rows, ...]`) to `[rows, 1]`; `random` is given while training,
 * for dropout.
 */
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
  /**
   * Weighted log-loss (classification) or half the squared error in standardised returns (regression) on the validation
   * rows after each epoch; empty without validation rows.
   */
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
  const rows = order.length;
  const batch = {
    rows,
    x: new Float32Array(rows * data.inputs),
    target: new Float32Array(rows),
    weight: new Float32Array(rows),
  };
  for (let i = 0; i < rows; i++) {
    const row = order[i]!;
    data.copyInputs(row, batch.x, i * data.inputs);
    batch.target[i] = data.target[row]!;
    batch.weight[i] = data.weight[row]!;
  }
  return batch;
}

/** Numbers that a validation batch may hold: a window of 32 rows by 40 features leaves 3,276 rows to a batch. */
const VALIDATION_NUMBERS_MAX = 2 ** 22;

function lossOn(network: TrainableNetwork, data: NetworkRows, objective: TrainingSettings['objective']): number {
  const size = Math.max(1, Math.floor(VALIDATION_NUMBERS_MAX / data.inputs));
  const output = new Float32Array(data.rows);
  for (let from = 0; from < data.rows; from += size) {
    const order = Int32Array.from({ length: Math.min(size, data.rows - from) }, (_, i) => from + i);
    const { x } = gather(data, order);
    output.set(
      numbersOf(() => network.output(tf.tensor(x, [order.length, ...network.rowShape], 'float32'), null)),
      from,
    );
  }
  return networkLoss(output, { objective, target: data.target, weight: data.weight });
}

function assign(variables: readonly Variable[], values: readonly Float32Array[]): void {
  tf.tidy(() => variables.forEach((variable, i) => variable.assign(tf.tensor(values[i]!, variable.shape, 'float32'))));
}

/**
 * Trains by Adam on seeded shuffles and keeps the weights of the epoch with the least validation loss. Everything it
 * makes on the backend is gone when it returns or throws; the caller's network stays. Lets the event loop turn per
 * epoch.
 */
export async function trainNetwork(
  network: TrainableNetwork,
  data: { train: NetworkRows; validation: NetworkRows | null },
  settings: TrainingSettings,
  context: FitContext,
): Promise<TrainingOutcome> {
  const weights = network.variables.map((variable) => Float32Array.from(variable.dataSync()));
  const step = {
    settings,
    weights,
    adam: new Adam(
      network.variables.map(({ size }) => size),
      settings.learningRate,
    ),
  };
  const random = context.random.fork('network-training');
  const order = Int32Array.from({ length: data.train.rows }, (_, row) => row);
  const validationLoss: number[] = [];
  let best = { loss: Infinity, epoch: 0, weights: null as Float32Array[] | null };
  let epoch = 0;
  for (; epoch < settings.epochs && epoch - best.epoch <= settings.patience; epoch++) {
    shuffle(order, random);
    for (let from = 0; from < order.length; from += settings.batchSize) {
      context.signal?.throwIfAborted();
      trainBatch(network, gather(data.train, order.slice(from, from + settings.batchSize)), { ...step, random });
    }
    if (data.validation === null) best.epoch = epoch + 1;
    else {
      const loss = lossOn(network, data.validation, settings.objective);
      validationLoss.push(loss);
      if (loss < best.loss) best = { loss, epoch: epoch + 1, weights: weights.map((values) => values.slice()) };
    }
    context.onProgress?.((epoch + 1) / settings.epochs);
    await nextTurn();
  }
  context.signal?.throwIfAborted();
  if (best.weights !== null) assign(network.variables, best.weights);
  return { epochs: epoch, validationLoss };
}

function trainBatch(
  network: TrainableNetwork,
  batch: Batch,
  step: { settings: TrainingSettings; adam: Adam; weights: readonly Float32Array[]; random: Random },
): void {
  const { settings, adam, weights, random } = step;
  tf.tidy(() => {
    const x = tf.tensor(batch.x, [batch.rows, ...network.rowShape], 'float32');
    const { grads } = tf.variableGrads(
      () => lossTensor(network.output(x, random), { objective: settings.objective, ...batch }),
      [...network.variables],
    );
    adam.nextStep();
    network.variables.forEach((variable, i) => {
      const penalty = network.penalised.includes(variable) ? settings.l2 : 0;
      adam.update(i, weights[i]!, grads[variable.name]!.dataSync() as Float32Array, penalty);
    });
    assign(network.variables, weights);
  });
}
