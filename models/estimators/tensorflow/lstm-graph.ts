import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { hyperbolicTangent, logistic } from './exponential.ts';
import { dropped } from './dropout.ts';
import type { LstmNetworkParams } from './lstm-network.ts';
import { numbersOf } from './tensor-numbers.ts';
import type { SequenceGraph } from './train-sequence-network.ts';

/** What the way forward leaves for the way back, for every step. */
interface Trace {
  readonly rows: number;
  readonly window: number;
  readonly width: number;
  readonly units: number;
  /** Inputs of each step beside the state before it: `window * rows * (width + units)`. */
  readonly inputs: Float32Array;
  /** Gates after their curves: `window * rows * 4 units`. */
  readonly gates: Float32Array;
  readonly cells: Float32Array;
  /** Hyperbolic tangents of the cells. */
  readonly shown: Float32Array;
  /** Gradient of the products of every step: `window * rows * 4 units`. */
  readonly dZ: Float32Array;
}

function emptyTrace(rows: number, window: number, width: number, units: number): Trace {
  const cells = window * rows * units;
  return {
    rows,
    window,
    width,
    units,
    inputs: new Float32Array(window * rows * (width + units)),
    gates: new Float32Array(4 * cells),
    cells: new Float32Array(cells),
    shown: new Float32Array(cells),
    dZ: new Float32Array(4 * cells),
  };
}

/** One step's gates, cells and states from the products `z`; the states go into the inputs of the next step and into `state`. */
function applyGates(trace: Trace, step: number, z: Float32Array, state: Float32Array): void {
  const { rows, units, gates, cells, shown } = trace;
  const before = (step - 1) * rows * units;
  for (let row = 0; row < rows; row++) {
    const at = row * 4 * units;
    const to = step * rows * 4 * units + at;
    for (let unit = 0; unit < units; unit++) {
      const k = row * units + unit;
      const i = logistic(z[at + unit]!);
      const f = logistic(z[at + units + unit]!);
      const g = hyperbolicTangent(z[at + 2 * units + unit]!);
      const o = logistic(z[at + 3 * units + unit]!);
      const cell = (step === 0 ? 0 : f * cells[before + k]!) + i * g;
      const tanh = hyperbolicTangent(cell);
      gates[to + unit] = i;
      gates[to + units + unit] = f;
      gates[to + 2 * units + unit] = g;
      gates[to + 3 * units + unit] = o;
      cells[step * rows * units + k] = cell;
      shown[step * rows * units + k] = tanh;
      state[k] = o * tanh;
    }
  }
}

/** The way back through one step's gates: from the gradients of state and cell to those of the products; `dCell` becomes the step before's. */
function gateGradients(trace: Trace, step: number, gradient: Gradients): void {
  const { rows, units, gates, cells, shown, dZ } = trace;
  const { dState, dCell } = gradient;
  const before = (step - 1) * rows * units;
  for (let row = 0; row < rows; row++) {
    const at = (step * rows + row) * 4 * units;
    for (let unit = 0; unit < units; unit++) {
      const k = row * units + unit;
      const i = gates[at + unit]!;
      const f = gates[at + units + unit]!;
      const g = gates[at + 2 * units + unit]!;
      const o = gates[at + 3 * units + unit]!;
      const tanh = shown[step * rows * units + k]!;
      const d = dCell[k]! + dState[k]! * o * (1 - tanh * tanh);
      dZ[at + unit] = d * g * i * (1 - i);
      dZ[at + units + unit] = step === 0 ? 0 : d * cells[before + k]! * f * (1 - f);
      dZ[at + 2 * units + unit] = d * i * (1 - g * g);
      dZ[at + 3 * units + unit] = dState[k]! * tanh * o * (1 - o);
      dCell[k] = d * f;
    }
  }
}

interface Gradients {
  readonly dState: Float32Array;
  readonly dCell: Float32Array;
}

function copyStepInputs(trace: Trace, step: number, x: Float32Array, state: Float32Array): Float32Array {
  const { rows, window, width, units } = trace;
  const depth = width + units;
  const inputs = trace.inputs.subarray(step * rows * depth, (step + 1) * rows * depth);
  for (let row = 0; row < rows; row++) {
    const from = (row * window + step) * width;
    for (let j = 0; j < width; j++) inputs[row * depth + j] = x[from + j]!;
    for (let unit = 0; unit < units; unit++) inputs[row * depth + width + unit] = state[row * units + unit]!;
  }
  return inputs;
}

/** States after the last step, `[rows, units]`; one product with the stacked kernel a step. */
function runForward(x: Float32Array, stacked: Tensor2D, bias: Tensor, trace: Trace): Float32Array {
  const { rows, window, width, units } = trace;
  const state = new Float32Array(rows * units);
  for (let step = 0; step < window; step++) {
    const inputs = copyStepInputs(trace, step, x, state);
    const z = numbersOf(() => {
      const a = tf.tensor2d(inputs, [rows, width + units]);
      return tf.fused.matMul({ a, b: stacked, transposeA: false, transposeB: false, bias });
    });
    applyGates(trace, step, z, state);
  }
  return state;
}

/** Gradients of kernel, recurrent kernel and bias from that of the last states: back-propagation through time. */
function runBackward(trace: Trace, recurrent: Tensor2D, dLast: Float32Array): Tensor[] {
  const { rows, window, width, units } = trace;
  const turned = tf.transpose(recurrent);
  const gradient: Gradients = {
    dState: Float32Array.from(dLast),
    dCell: new Float32Array(rows * units),
  };
  for (let step = window - 1; step >= 0; step--) {
    gateGradients(trace, step, gradient);
    if (step === 0) break;
    const dZ = trace.dZ.subarray(step * rows * 4 * units, (step + 1) * rows * 4 * units);
    gradient.dState.set(numbersOf(() => tf.matMul(tf.tensor2d(dZ, [rows, 4 * units]), turned)));
  }
  turned.dispose();
  return tf.tidy(() => {
    const dZ = tf.tensor2d(trace.dZ, [window * rows, 4 * units]);
    const inputs = tf.tensor2d(trace.inputs, [window * rows, width + units]);
    const both = tf.matMul(inputs, dZ, true, false);
    const columns = 4 * units;
    return [
      tf.slice(both, [0, 0], [width, columns]),
      tf.slice(both, [width, 0], [units, columns]),
      tf.tensor1d(columnSums(trace.dZ, columns)),
    ];
  });
}

function columnSums(values: Float32Array, columns: number): Float32Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < values.length; at += columns) {
    for (let j = 0; j < columns; j++) sums[j]! += values[at + j]!;
  }
  return Float32Array.from(sums);
}

/**
 * An LSTM whose matrix products run on the backend and whose gates are plain loops, with its gradient written out. The library's
 * own layer takes 127 ms for a batch of 128 windows of 32 rows by 16 features at 32 units on the mended wasm backend, this 25 ms
 * (both at load 3 on two cores): thirty operations a step cost 0.1 to 0.6 ms each.
 */
export const lstmGraph: SequenceGraph<LstmNetworkParams> = (weights, { width, window, params }) => {
  const [kernel, recurrent, bias, outputKernel, outputBias] = weights;
  const { units, dropout } = params;
  // One batch is gone when the next begins: the same buffers serve all of a size.
  let trace = emptyTrace(0, window, width, units);
  return (batch, random) => {
    const x = batch.dataSync() as Float32Array;
    const rows = batch.shape[0]!;
    if (trace.rows !== rows) trace = emptyTrace(rows, window, width, units);
    const own = trace;
    const lastState = tf.customGrad((...inputs) => {
      const [w, u, b] = inputs as Tensor[];
      const stacked = tf.concat([w!, u!], 0) as Tensor2D;
      const value = tf.tensor2d(runForward(x, stacked, b!, own), [rows, units]);
      const gradFunc = (dy: Tensor): Tensor[] => runBackward(own, recurrent as Tensor2D, dy.dataSync() as Float32Array);
      return { value, gradFunc };
    });
    const state = lastState(kernel!, recurrent!, bias!);
    const kept = random !== null && dropout > 0 ? dropped(state, dropout, random) : state;
    return tf.add(tf.matMul(kept as Tensor2D, outputKernel as unknown as Tensor2D), outputBias!);
  };
};
