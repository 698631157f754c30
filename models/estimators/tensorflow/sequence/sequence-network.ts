import { z } from 'zod';
import type { ZodType } from 'zod';
import type { Dataset } from '../../../dataset.ts';
import type { Estimator, FitContext, FittedModel, SerialisedModel } from '../../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../../serialised-model.ts';
import { assertStandardiserWidth } from '../../standardiser.ts';
import { assertTrainable } from '../../training-data.ts';
import { sizeOf } from '../initial-weights.ts';
import { networkProbabilities, networkReturns } from '../network-predictions.ts';
import type { PredictingNetwork } from '../network-predictions.ts';
import type { NetworkSettings } from '../network-settings.ts';
import { learnedShape } from './learned-network.ts';
import type { LearnedNetwork } from './learned-network.ts';
import type { SequenceArchitecture } from './sequence-architecture.ts';
import { readFloats, writeFloats } from '../weight-bytes.ts';

/** A fitted sequence network. */
export class SequenceNetworkModel<Params extends NetworkSettings> implements FittedModel {
  readonly kind: string;
  readonly featureNames: readonly string[];
  readonly window: number;
  readonly body: LearnedNetwork & { readonly params: Params };
  readonly #formatVersion: number;
  readonly #weights: readonly Float32Array[];
  readonly #network: PredictingNetwork;

  constructor(
    architecture: SequenceArchitecture<Params>,
    featureNames: readonly string[],
    body: LearnedNetwork & { readonly params: Params },
    weights: readonly Float32Array[],
  ) {
    this.kind = architecture.kind;
    this.#formatVersion = architecture.formatVersion;
    this.featureNames = featureNames;
    this.window = architecture.window(body.params);
    this.body = body;
    this.#weights = weights;
    const { kind, window } = this;
    const { standardiser, output } = body;
    const forward = architecture.forward(featureNames.length, body.params, weights);
    this.#network = { kind, featureNames, window, forward, standardiser, output };
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    return networkProbabilities(this.#network, x, { rows, out });
  }

  /** Expected return of each row over the label's horizon; null for a network that learned classes. */
  predictReturn(x: Float64Array, rows: number): Float64Array | null {
    return networkReturns(this.#network, x, rows);
  }

  serialise(): SerialisedModel {
    const { kind, featureNames, body } = this;
    const formatVersion = this.#formatVersion;
    return sealModel({ kind, formatVersion, featureNames, body, weights: writeFloats(this.#weights) });
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
