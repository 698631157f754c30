import type { Random } from '../../../infra/random.ts';
import type { Dataset } from '../../dataset.ts';
import type { fitScaler } from '../../ensemble/scaler.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../../estimators/estimator.ts';
import type { purgedKFolds } from '../../splits/combinatorial.ts';
import type { selectFeatures } from '../../selection/select-features.ts';
import type { assertNoLeakage } from '../../splits/leakage-guard.ts';

/** What training may use besides data and experiment. */
export interface TrainingContext {
  /** Fraction done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
  /** Threads an estimator may use; the result is the same for any number. */
  readonly threads?: number;
  /** Parts that tests exchange for broken ones, to see the guards notice. Everything else leaves them out. */
  readonly parts?: Partial<TrainingParts>;
}

/** The replaceable parts of a training. */
export interface TrainingParts {
  readonly estimatorOf: (kind: string) => Estimator<unknown>;
  readonly loadModel: (model: SerialisedModel) => Promise<FittedModel>;
  readonly fitScaler: typeof fitScaler;
  readonly innerFolds: typeof purgedKFolds;
  readonly guard: typeof assertNoLeakage;
  readonly selectFeatures: typeof selectFeatures;
}

/** One fit of one member. */
export interface FitRequest {
  readonly name: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Scaled training rows with weights of mean 1. */
  readonly dataset: Dataset;
  readonly random: Random;
  /** For messages: `fold 3`, `the final model`. */
  readonly where: string;
}
