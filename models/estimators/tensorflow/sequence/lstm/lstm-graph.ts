import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { dropped } from '../dropout.ts';
import { hyperbolicTangent } from '../exponential.ts';
import type { LstmNetworkParams } from './lstm-params.ts';
import { numbersOf } from '../../tensor-numbers.ts';
import type { SequenceGraph } from '../sequence-architecture.ts';

/** What the way forward leaves for the way back, for every step. */
interface Trace {
  readonly rows: number;
  readonly window: number;
  readonly width: number;
  readonly units: number;
  /** Inputs of each step, then a one for the bias, then the state before it: `window * rows * (width + 1 + units)`. */
  readonly inputs: Float32Array;
  /** Gates of each step after their curve, `rows * 4 units`; the candidate `g` as `(g + 1) / 2`. */
  readonly gates: Float32Array[];
  readonly cells: Float32Array;
  /** Hyperbolic tangents of the cells. */
  readonly shown: Float32Array;
  /** Gradient of the products of every step: `window * rows * 4 units`. */
  readonly dZ: Float32Array;
}

function emptyTrace(rows: number, window: number, width: number, units: number): Trace {
  const cells = window * rows * units;
  const depth = width + 1 + units;
  const inputs = new Float32Array(window * rows * depth);
  for (let at = width; at < inputs.length; at += depth) inputs[at] = 1;
  return {
    rows,
    window,
    width,
    units,
    inputs,
    gates: [],
    cells: new Float32Array(cells),
    shown: new Float32Array(cells),
    dZ: new Float32Array(4 * cells),
  };
}

/** Where a step's states go: beside the inputs of the next step, or, after the last, into an array of their own. */
interface States {
  readonly values: Float32Array;
  readonly from: number;
  readonly stride: number;
}

/** One step's cells and states from its gates. */
function applyGates(trace: Trace, step: number, gates: Float32Array, states: States): void {
  const { rows, units, cells, shown } = trace;
  const { values, from, stride } = states;
  const own = step * rows * units;
  const before = own - rows * units;
  for (let row = 0; row < rows; row++) {
    const at = row * 4 * units;
    for (let unit = 0; unit < units; unit++) {
      const k = row * units + unit;
      const carried = step === 0 ? 0 : gates[at + units + unit]! * cells[before + k]!;
      const cell = carried + gates[at + unit]! * (2 * gates[at + 2 * units + unit]! - 1);
      const tanh = hyperbolicTangent(cell);
      cells[own + k] = cell;
      shown[own + k] = tanh;
      values[from + row * stride + unit] = gates[at + 3 * units + unit]! * tanh;
    }
  }
}

/**
 * The way back through one step's gates: from the gradients of state and cell to those of the products; `dCell` becomes
 * the step before's.
 */
function gateGradients(trace: Trace, step: number, dState: Float32Array, dCell: Float32Array): void {
  const { rows, units, cells, shown, dZ } = trace;
  const gates = trace.gates[step]!;
  const own = step * rows * units;
  const before = own - rows * units;
  for (let row = 0; row < rows; row++) {
    const at = row * 4 * units;
    const to = step * rows * 4 * units + at;
    for (let unit = 0; unit < units; unit++) {
      const k = row * units + unit;
      const i = gates[at + unit]!;
      const f = gates[at + units + unit]!;
      const g = 2 * gates[at + 2 * units + unit]! - 1;
      const o = gates[at + 3 * units + unit]!;
      const tanh = shown[own + k]!;
      const d = dCell[k]! + dState[k]! * o * (1 - tanh * tanh);
      dZ[to + unit] = d * g * i * (1 - i);
      dZ[to + units + unit] = step === 0 ? 0 : d * cells[before + k]! * f * (1 - f);
      dZ[to + 2 * units + unit] = d * i * (1 - g * g);
      dZ[to + 3 * units + unit] = dState[k]! * tanh * o * (1 - o);
      dCell[k] = d * f;
    }
  }
}

/** Writes the batch (`[rows, window, width]`) beside the states, step by step. */
function copyInputs({ rows, window, width, units, inputs }: Trace, x: Float32Array): void {
  const depth = width + 1 + units;
  for (let row = 0; row < rows; row++) {
    for (let step = 0; step < window; step++) {
      const from = (row * window + step) * width;
      const to = (step * rows + row) * depth;
      for (let j = 0; j < width; j++) inputs[to + j] = x[from + j]!;
    }
  }
}

/**
 * Kernel, bias and recurrent kernel as one matrix, `[width + 1 + units, 4 units]`, with the candidate's columns
 * doubled: by `tanh(z) = 2 / (1 + e^-2z) - 1` one logistic curve then serves all four gates.
 */
function stackedWeights(kernel: Tensor, recurrent: Tensor, bias: Tensor, units: number): Tensor2D {
  return tf.tidy(() => {
    const doubled = new Float32Array(4 * units).fill(1).fill(2, 2 * units, 3 * units);
    const stacked = tf.concat([kernel, tf.reshape(bias, [1, 4 * units]), recurrent], 0);
    return tf.mul(stacked, tf.tensor1d(doubled)) as Tensor2D;
  });
}

/** States after the last step, `[rows, units]`; one product and one curve a step run on the backend. */
function runForward(stacked: Tensor2D, trace: Trace): Float32Array {
  const { rows, window, width, units, inputs, gates } = trace;
  const depth = width + 1 + units;
  const last = new Float32Array(rows * units);
  for (let row = 0; row < rows; row++) inputs.fill(0, row * depth + width + 1, (row + 1) * depth);
  for (let step = 0; step < window; step++) {
    const own = inputs.subarray(step * rows * depth, (step + 1) * rows * depth);
    gates[step] = numbersOf(() => tf.sigmoid(tf.matMul(tf.tensor2d(own, [rows, depth]), stacked)));
    const next = { values: inputs, from: (step + 1) * rows * depth + width + 1, stride: depth };
    applyGates(trace, step, gates[step], step === window - 1 ? { values: last, from: 0, stride: units } : next);
  }
  return last;
}

/** Gradients of kernel, recurrent kernel and bias from that of the last states: back-propagation through time. */
function runBackward(trace: Trace, recurrent: Tensor2D, dLast: Float32Array): Tensor[] {
  const { rows, window, width, units } = trace;
  const turned = tf.transpose(recurrent);
  let dState = dLast;
  const dCell = new Float32Array(rows * units);
  for (let step = window - 1; step >= 0; step--) {
    gateGradients(trace, step, dState, dCell);
    if (step === 0) break;
    const dZ = trace.dZ.subarray(step * rows * 4 * units, (step + 1) * rows * 4 * units);
    dState = numbersOf(() => tf.matMul(tf.tensor2d(dZ, [rows, 4 * units]), turned));
  }
  turned.dispose();
  return tf.tidy(() => {
    const dZ = tf.tensor2d(trace.dZ, [window * rows, 4 * units]);
    const inputs = tf.tensor2d(trace.inputs, [window * rows, width + 1 + units]);
    const all = tf.matMul(inputs, dZ, true, false);
    const columns = 4 * units;
    return [
      tf.slice(all, [0, 0], [width, columns]),
      tf.slice(all, [width + 1, 0], [units, columns]),
      tf.reshape(tf.slice(all, [width, 0], [1, columns]), [columns]),
    ];
  });
}

/**
 * An LSTM whose matrix products and logistic curves run on the backend, with its gradient written out: one round trip
 * to the backend a step each way, and one product for the gradients of all weights. The library's own layer needs
 * thirty operations a step, of 0.1 to 0.6 ms each.
 */
export const lstmGraph: SequenceGraph<LstmNetworkParams> = (weights, { width, window, params }) => {
  const [kernel, recurrent, bias, outputKernel, outputBias] = weights;
  const { units, dropout } = params;
  // One batch is gone when the next begins: the same buffers serve all of a size.
  let trace = emptyTrace(0, window, width, units);
  return (batch, random) => {
    const rows = batch.shape[0]!;
    if (trace.rows !== rows) trace = emptyTrace(rows, window, width, units);
    const own = trace;
    copyInputs(own, batch.dataSync() as Float32Array);
    const lastState = tf.customGrad((...inputs) => {
      const [w, u, b] = inputs as Tensor[];
      const value = tf.tensor2d(runForward(stackedWeights(w!, u!, b!, units), own), [rows, units]);
      const gradFunc = (dy: Tensor): Tensor[] => runBackward(own, recurrent as Tensor2D, dy.dataSync() as Float32Array);
      return { value, gradFunc };
    });
    const state = lastState(kernel!, recurrent!, bias!);
    const kept = random !== null && dropout > 0 ? dropped(state, dropout, random) : state;
    return tf.add(tf.matMul(kept as Tensor2D, outputKernel as unknown as Tensor2D), outputBias!);
  };
};
