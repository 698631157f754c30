import { z } from 'zod';
import type { ZodType } from 'zod';
import type { Dataset } from '../../dataset.ts';
import type { Estimator, FitContext, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { assertStandardiserWidth, standardiseRow, standardiserSchema } from '../standardiser.ts';
import { assertInput, assertTrainable, outputOf } from '../training-data.ts';
import { sizeOf } from './initial-weights.ts';
import type { WeightShape } from './initial-weights.ts';
import { expectedReturnOf, networkOutputSchema, probabilityOfOutput } from './network-output.ts';
import type { NetworkSettings } from './network-settings.ts';
import type { SequenceGraph } from './train-sequence-network.ts';
import { readFloats, writeFloats } from './weight-bytes.ts';

/** A trained network in plain arithmetic: no backend, nothing allocated, the same bits on every thread. */
export interface NetworkForward {
  /** Where the caller puts the standardised window, oldest row first: `window * width` values. */
  readonly input: Float32Array;
  /** The network's one number for the window in `input`. */
  run(): number;
}

/** A kind of network that reads the last rows of a symbol. */
export interface SequenceArchitecture<Params extends NetworkSettings> {
  readonly kind: string;
  readonly formatVersion: number;
  readonly params: ZodType<Params>;
  /** Rows that a prediction looks at. */
  window(params: Params): number;
  weights(width: number, params: Params): readonly WeightShape[];
  forward(width: number, params: Params, weights: readonly Float32Array[]): NetworkForward;
  /** The same network on TensorFlow.js, for training; loaded only then (0.7 s of processor time). */
  graph(): Promise<SequenceGraph<Params>>;
}

const learnedShape = {
  standardiser: standardiserSchema,
  /** Backend it was trained on; predictions need none. */
  backend: z.enum(['wasm', 'native']),
  epochs: z.int().min(0),
  validationLoss: z.array(z.number()),
  output: networkOutputSchema,
};

/** What a training finds besides the weights. */
export type LearnedNetwork = z.infer<z.ZodObject<typeof learnedShape>>;

/** A fitted sequence network. */
export class SequenceNetworkModel<Params extends NetworkSettings> implements FittedModel {
  readonly kind: string;
  readonly featureNames: readonly string[];
  readonly window: number;
  readonly body: LearnedNetwork & { readonly params: Params };
  private readonly formatVersion: number;
  private readonly weights: readonly Float32Array[];
  private readonly network: NetworkForward;

  constructor(
    architecture: SequenceArchitecture<Params>,
    featureNames: readonly string[],
    body: LearnedNetwork & { readonly params: Params },
    weights: readonly Float32Array[],
  ) {
    this.kind = architecture.kind;
    this.formatVersion = architecture.formatVersion;
    this.featureNames = featureNames;
    this.window = architecture.window(body.params);
    this.body = body;
    this.weights = weights;
    this.network = architecture.forward(featureNames.length, body.params, weights);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    return this.each(x, { rows, out }, (raw) => probabilityOfOutput(this.body.output, raw));
  }

  /** Expected return of each row over the label's horizon; null for a network that learned classes. */
  predictReturn(x: Float64Array, rows: number): Float64Array | null {
    if (this.body.output.objective !== 'regression') return null;
    return this.each(x, { rows }, (raw) => expectedReturnOf(this.body.output, raw)!);
  }

  private each(
    x: Float64Array,
    { rows, out }: { rows: number; out?: Float64Array | undefined },
    meaning: (raw: number) => number,
  ): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    const width = this.featureNames.length;
    const source = { x, from: 0 };
    const target = { out: this.network.input, to: 0 };
    for (let row = 0; row < rows; row++) {
      for (let step = 0; step < this.window; step++) {
        source.from = (row * this.window + step) * width;
        target.to = step * width;
        standardiseRow(this.body.standardiser, source, target);
      }
      result[row] = meaning(this.network.run());
    }
    return result;
  }

  serialise(): SerialisedModel {
    const { kind, formatVersion, featureNames, body } = this;
    return sealModel({ kind, formatVersion, featureNames, body, weights: writeFloats(this.weights) });
  }

  dispose(): void {
    // Holds no tensors: training freed them.
  }
}

/** The estimator of an architecture. */
export function sequenceEstimator<Params extends NetworkSettings>(
  architecture: SequenceArchitecture<Params>,
): Estimator<Params> {
  const { kind, formatVersion, params } = architecture;
  const bodySchema = z.strictObject({ ...learnedShape, params: params as ZodType<NetworkSettings> });
  return {
    kind,
    params,
    tensors: true,
    window: (settings) => architecture.window(settings),
    async fit(dataset: Dataset, settings: Params, context: FitContext) {
      assertTrainable(dataset);
      context.signal?.throwIfAborted();
      const { trainSequenceNetwork } = await import('./train-sequence-network.ts');
      const { weights, ...learned } = await trainSequenceNetwork(architecture, { dataset, settings }, context);
      return new SequenceNetworkModel(architecture, dataset.featureNames, { ...learned, params: settings }, weights);
    },
    async load(serialised) {
      verifyModel(serialised, { kind, formatVersion });
      const body = parseBody(serialised, bodySchema) as LearnedNetwork & { params: Params };
      const width = serialised.featureNames.length;
      assertStandardiserWidth(body.standardiser, width);
      const weights = readFloats(serialised.weights, architecture.weights(width, body.params).map(sizeOf));
      return new SequenceNetworkModel(architecture, serialised.featureNames, body, weights);
    },
  };
}
