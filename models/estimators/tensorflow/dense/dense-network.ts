import { z } from 'zod';
import type { Estimator, FittedModel, SerialisedModel } from '../../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../../serialised-model.ts';
import { assertStandardiserWidth, standardiserSchema } from '../../standardiser.ts';
import { trainableRows } from '../../training-data.ts';
import { denseNetworkParamsSchema, type DenseNetworkParams } from './dense-network-params.ts';
import { FeedForward, layersOf, layerSizes } from './feed-forward.ts';
import type { DenseLayer } from './feed-forward.ts';
import { networkOutputSchema } from '../../network-output.ts';
import { networkProbabilities, networkReturns } from '../network-predictions.ts';
import type { PredictingNetwork } from '../network-predictions.ts';
import { readFloats, writeFloats } from '../weight-bytes.ts';

const KIND = 'dense-network';
const FORMAT_VERSION = 1;

const bodySchema = z.strictObject({
  params: denseNetworkParamsSchema,
  standardiser: standardiserSchema,
  /** Backend it was trained on; predictions need none. */
  backend: z.enum(['wasm', 'native']),
  epochs: z.int().min(0),
  validationLoss: z.array(z.number()),
  output: networkOutputSchema.default({ objective: 'classification' }),
});

type Body = z.infer<typeof bodySchema>;

/** A fitted network; it predicts in plain arithmetic, without a TensorFlow backend. */
export class DenseNetworkModel implements FittedModel {
  readonly kind = KIND;
  readonly featureNames: readonly string[];
  readonly body: Body;
  readonly layers: readonly DenseLayer[];
  readonly #network: PredictingNetwork;

  constructor(featureNames: readonly string[], body: Body, layers: readonly DenseLayer[]) {
    this.featureNames = featureNames;
    this.body = body;
    this.layers = layers;
    const { standardiser, output } = body;
    this.#network = { kind: KIND, featureNames, window: 1, forward: new FeedForward(layers), standardiser, output };
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    return networkProbabilities(this.#network, x, { rows, out });
  }

  /** Expected return of each row over the label's horizon; null for a network that learned classes. */
  predictReturn(x: Float64Array, rows: number): Float64Array | null {
    return networkReturns(this.#network, x, rows);
  }

  serialise(): SerialisedModel {
    const weights = writeFloats(this.layers.flatMap((layer) => [layer.kernel, layer.bias]));
    const { featureNames, body } = this;
    return sealModel({ kind: KIND, formatVersion: FORMAT_VERSION, featureNames, body, weights });
  }

  dispose(): void {
    // Holds no tensors: training freed them.
  }
}

/** Feed-forward network on TensorFlow.js layers: rectified hidden layers, one output, Adam, early stopping in time. */
export const denseNetwork: Estimator<DenseNetworkParams> = {
  kind: KIND,
  params: denseNetworkParamsSchema,
  tensors: true,
  learnsReturns: ({ objective }) => objective === 'regression',
  async fit(given, settings, context) {
    const dataset = trainableRows(given);
    context.signal?.throwIfAborted();
    // TensorFlow.js takes 0.7 s of processor time to load, and only training needs it.
    const { trainDenseNetwork } = await import('./train-dense-network.ts');
    const { arrays, ...learned } = await trainDenseNetwork(dataset, settings, context);
    const layers = layersOf(dataset.width, settings.layers, arrays);
    return new DenseNetworkModel(dataset.featureNames, { params: settings, ...learned }, layers);
  },
  async load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const body = parseBody(serialised, bodySchema);
    const width = serialised.featureNames.length;
    assertStandardiserWidth(body.standardiser, width);
    const lengths = layerSizes(width, body.params.layers).flatMap(({ inputs, units }) => [inputs * units, units]);
    const arrays = readFloats(serialised.weights, lengths);
    return new DenseNetworkModel(serialised.featureNames, body, layersOf(width, body.params.layers, arrays));
  },
};
