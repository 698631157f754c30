import type { Standardiser } from '../standardiser.ts';
import { standardiseRow } from '../standardiser.ts';
import { assertInput, outputOf } from '../training-data.ts';
import { expectedReturnOf, probabilityOfOutput } from '../network-output.ts';
import type { NetworkOutput } from '../network-output.ts';

/** A trained network in plain arithmetic: no backend, nothing allocated, the same bits on every thread. */
export interface NetworkForward {
  /** Where the caller puts the standardised window, oldest row first: `window * width` values. */
  readonly input: Float32Array;
  /** The network's one number for the window in `input`. */
  run(): number;
}

/** What predicting needs of a fitted network. */
export interface PredictingNetwork {
  readonly kind: string;
  readonly featureNames: readonly string[];
  /** Rows that a prediction looks at. */
  readonly window: number;
  readonly forward: NetworkForward;
  readonly standardiser: Standardiser;
  readonly output: NetworkOutput;
}

/** Rows to predict, and where to. */
interface Rows {
  readonly rows: number;
  readonly out?: Float64Array | undefined;
}

/** Probability of label 1 for each row of `x`; see `FittedModel.predict`. */
export function networkProbabilities(network: PredictingNetwork, x: Float64Array, rows: Rows): Float64Array {
  return each(network, x, { ...rows, meaning: (raw) => probabilityOfOutput(network.output, raw) });
}

/** Expected return of each row over the label's horizon; null for a network that learned classes. */
export function networkReturns(network: PredictingNetwork, x: Float64Array, rows: number): Float64Array | null {
  if (network.output.objective !== 'regression') return null;
  return each(network, x, { rows, meaning: (raw) => expectedReturnOf(network.output, raw)! });
}

function each(
  network: PredictingNetwork,
  x: Float64Array,
  { rows, out, meaning }: Rows & { readonly meaning: (raw: number) => number },
): Float64Array {
  assertInput(x, rows, network);
  const result = outputOf(rows, out);
  const { window, forward, standardiser } = network;
  const width = network.featureNames.length;
  const source = { x, from: 0 };
  const target = { out: forward.input, to: 0 };
  for (let row = 0; row < rows; row++) {
    for (let step = 0; step < window; step++) {
      source.from = (row * window + step) * width;
      target.to = step * width;
      standardiseRow(standardiser, source, target);
    }
    result[row] = meaning(forward.run());
  }
  return result;
}
