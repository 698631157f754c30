import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { Random } from '../../../../infra/random.ts';
import { numbersOf } from '../tensor-numbers.ts';

/**
 * A batch on its way through: what goes into each layer, and the weights as tensors, kernel and bias of each layer in
 * turn.
 */
interface Pass {
  readonly rows: number;
  readonly batch: Tensor2D;
  /** `[rows, inputs]` of each layer; the first is the batch itself. */
  readonly values: Float32Array[];
  readonly weights: readonly Tensor[];
}

/** Inputs of a layer on the backend. What the way forward puts there is gone on the way back. */
const inputsOf = ({ batch, rows, values }: Pass, layer: number): Tensor2D =>
  layer === 0 ? batch : tf.tensor2d(values[layer]!, [rows, values[layer]!.length / rows]);

const numbers = (tensor: Tensor): Float32Array => tensor.dataSync() as Float32Array;

/**
 * Adds the bias to each row and cuts below zero; with `random`, drops `rate` of the values and raises the others to
 * make up for it. Whether a sum is positive cannot be foreseen, so that a branch costs more than the sum: the sign bit
 * makes a mask.
 */
function rectify(z: Float32Array, bias: Float32Array, { rate, random }: { rate: number; random: Random | null }): void {
  const units = bias.length;
  const bits = new Int32Array(z.buffer, z.byteOffset, z.length);
  for (let from = 0; from < z.length; from += units) {
    for (let unit = 0; unit < units; unit++) {
      const at = from + unit;
      z[at] = z[at]! + bias[unit]!;
      bits[at] = bits[at]! & ~(bits[at]! >> 31);
    }
  }
  if (random === null || rate === 0) return;
  const kept = 1 / (1 - rate);
  for (let i = 0; i < z.length; i++) z[i]! *= random.next() < rate ? 0 : kept;
}

/** The hidden layers' products run on the backend; the last layer has one unit and is a loop. */
function runForward(pass: Pass, dropout: { rate: number; random: Random | null }): Float32Array {
  const { rows, values, weights } = pass;
  const last = weights.length / 2 - 1;
  for (let layer = 0; layer < last; layer++) {
    const kernel = weights[2 * layer] as Tensor2D;
    const z = numbersOf(() => tf.matMul(inputsOf(pass, layer), kernel));
    rectify(z, numbers(weights[2 * layer + 1]!), dropout);
    values.push(z);
  }
  const kernel = numbers(weights[2 * last]!);
  const bias = numbers(weights[2 * last + 1]!)[0]!;
  const inputs = values[last]!;
  const out = new Float32Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = bias;
    for (let j = 0; j < kernel.length; j++) sum += inputs[at++]! * kernel[j]!;
    out[row] = sum;
  }
  return out;
}

/** The last layer's way back: gradients of its kernel and bias, and of what went into it. */
function lastGradients(inputs: Float32Array, kernel: Float32Array, dOut: Float32Array) {
  const units = kernel.length;
  const dKernel = new Float64Array(units);
  const dInputs = new Float32Array(inputs.length);
  let dBias = 0;
  for (let row = 0; row < dOut.length; row++) {
    const d = dOut[row]!;
    dBias += d;
    for (let j = 0; j < units; j++) {
      dKernel[j]! += d * inputs[row * units + j]!;
      dInputs[row * units + j] = d * kernel[j]!;
    }
  }
  return { dInputs, gradients: [tf.tensor2d(Float32Array.from(dKernel), [units, 1]), tf.tensor1d([dBias])] };
}

/**
 * Turns the gradient of a hidden layer's values into that of its sums, in place; returns the gradient of its bias. The
 * bits of a value that was not cut are a positive integer: the sign of its negation is the mask.
 */
function rectifyBack(values: Float32Array, gradient: Float32Array, units: number, kept: number): Tensor {
  const dBias = new Float64Array(units);
  const valueBits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const gradientBits = new Int32Array(gradient.buffer, gradient.byteOffset, gradient.length);
  if (kept !== 1) for (let i = 0; i < gradient.length; i++) gradient[i]! *= kept;
  for (let from = 0; from < values.length; from += units) {
    for (let unit = 0; unit < units; unit++) {
      const at = from + unit;
      gradientBits[at] = gradientBits[at]! & (-valueBits[at]! >> 31);
      dBias[unit]! += gradient[at]!;
    }
  }
  return tf.tensor1d(Float32Array.from(dBias));
}

/** Gradients of all weights from that of the output. `kept`: what the values that were not dropped were raised by. */
function runBackward(pass: Pass, dOut: Float32Array, kept: number): Tensor[] {
  const { rows, values, weights } = pass;
  const last = weights.length / 2 - 1;
  const { dInputs, gradients } = lastGradients(values[last]!, numbers(weights[2 * last]!), dOut);
  let dValues: Float32Array = dInputs;
  for (let layer = last - 1; layer >= 0; layer--) {
    const kernel = weights[2 * layer] as Tensor2D;
    const units = kernel.shape[1];
    const dBias = rectifyBack(values[layer + 1]!, dValues, units, kept);
    const dZ = tf.tensor2d(dValues, [rows, units]);
    gradients.unshift(tf.matMul(inputsOf(pass, layer), dZ, true, false) as Tensor2D, dBias as tf.Tensor1D);
    if (layer > 0) dValues = numbersOf(() => tf.matMul(dZ, kernel, false, true));
  }
  return gradients;
}

/**
 * Output `[rows, 1]` of rectified hidden layers and one plain output, as one operation with its gradient written out: a
 * matrix product a layer on the way there and two on the way back. As layers of the library they are six operations
 * each, checked and taped one by one.
 */
export function denseOutput(
  variables: readonly Variable[],
  rate: number,
): (batch: Tensor, random: Random | null) => Tensor {
  return (batch, random) => {
    const rows = batch.shape[0]!;
    const op = tf.customGrad((...inputs) => {
      const weights = inputs.slice(0, variables.length) as Tensor[];
      const pass: Pass = { rows, batch: batch as Tensor2D, values: [numbers(batch)], weights };
      const value = tf.tensor2d(runForward(pass, { rate, random }), [rows, 1]);
      const kept = random === null ? 1 : 1 / (1 - rate);
      return { value, gradFunc: (dy: Tensor): Tensor[] => runBackward(pass, numbers(dy), kept) };
    });
    return op(...variables);
  };
}
