import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import type { Estimator, FittedModel, SerialisedModel } from './estimator.ts';
import { mlRandomForest } from './baseline/ml-random-forest.ts';
import { gradientBoosting } from './boosting/gradient-boosting.ts';
import { randomForest } from './forest/random-forest.ts';
import { logisticRegression } from './linear/logistic-regression.ts';
import { ridgeRegression } from './linear/ridge-regression.ts';
import { fileEstimator } from './own/file-estimator.ts';
import { pretrainedEstimator } from './pretrained/pretrained-estimator.ts';
import { denseNetwork } from './tensorflow/dense/dense-network.ts';
import { lstmNetwork } from './tensorflow/sequence/lstm/lstm-network.ts';
import { loadReduced, REDUCED } from './reduction/reduced-model.ts';
import { temporalConvolution } from './tensorflow/sequence/convolution/temporal-convolution.ts';
import { transformerEncoder } from './tensorflow/sequence/transformer/transformer-encoder.ts';

/** Erases the parameters' type: a caller parses with `params` and hands the result to `fit` of the same estimator. */
function erased<Params>(estimator: Estimator<Params>): Estimator<unknown> {
  return {
    ...estimator,
    fit: (dataset, params, context) => estimator.fit(dataset, estimator.params.parse(params), context),
    window: (params) => estimator.window?.(estimator.params.parse(params)) ?? 1,
    learnsReturns: (params) => estimator.learnsReturns?.(estimator.params.parse(params)) ?? false,
  };
}

const ALL = [
  erased(randomForest),
  erased(gradientBoosting),
  erased(logisticRegression),
  erased(ridgeRegression),
  erased(denseNetwork),
  erased(lstmNetwork),
  erased(temporalConvolution),
  erased(transformerEncoder),
  erased(mlRandomForest),
  erased(fileEstimator),
  erased(pretrainedEstimator),
];

const ESTIMATORS: ReadonlyMap<string, Estimator<unknown>> = new Map(ALL.map((one) => [one.kind, one]));

/** Kinds that an experiment may name. */
export const ESTIMATOR_KINDS: readonly string[] = [...ESTIMATORS.keys()];

/** The estimator of a kind. Throws an InputError with the nearest kind for an unknown one. */
export function estimatorOf(kind: string): Estimator<unknown> {
  const found = ESTIMATORS.get(kind);
  if (found !== undefined) return found;
  const nearest = nearestName(kind, ESTIMATOR_KINDS, Infinity);
  throw new InputError(
    `unknown estimator "${kind}"; nearest: "${nearest}"`,
    `choose one of: ${ESTIMATOR_KINDS.join(', ')}`,
  );
}

const KIND_LENGTH_MAX = 100;

/** Restores a model of any kind. Throws an InputError for an unknown kind, an unknown version or altered content. */
export async function loadModel(serialised: SerialisedModel): Promise<FittedModel> {
  const kind: unknown = serialised?.kind;
  if (typeof kind !== 'string' || kind.length > KIND_LENGTH_MAX) {
    throw new InputError('The model does not say of which kind it is: it was altered.', 'Train it again.');
  }
  if (kind === REDUCED) return loadReduced(serialised, loadModel);
  return estimatorOf(kind).load(serialised);
}
