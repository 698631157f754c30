import type { ZodType } from 'zod';
import type { Random } from '../../infra/random.ts';
import type { Dataset } from '../dataset.ts';

/** A fitted model as plain data: JSON plus optional weights, never code. Checked again when it is loaded. */
export interface SerialisedModel {
  readonly kind: string;
  /** Version of this kind's format; a loader refuses versions it does not know. */
  readonly formatVersion: number;
  readonly featureNames: readonly string[];
  /** The kind's own description, JSON-safe. */
  readonly body: unknown;
  /** Binary weights where the kind has them, little endian. */
  readonly weights: Uint8Array | null;
  /** SHA-256 over kind, version, feature names, body and weights: an altered file is refused. */
  readonly checksum: string;
}

/** A model that predicts. Synchronous, so that the engine can ask it inside `handle`. */
export interface FittedModel {
  readonly kind: string;
  readonly featureNames: readonly string[];
  /**
   * Feature rows of one symbol that a prediction looks at, the predicted row the last of them; absent: 1, that row
   * alone.
   */
  readonly window?: number;
  /** It takes features as they are, not scaled as an ensemble scales them; absent: scaled ones. */
  readonly unscaled?: true;
  /**
   * Probability that the label is 1 for each of `rows` rows of row-major `x` (`rows * width`; NaN allowed). A model
   * with a window takes `rows * window * width`: for each row its window, oldest row first. Writes into `out` (length
   * >= rows) where given, else allocates.
   */
  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array;
  serialise(): SerialisedModel;
  /** Frees what the garbage collector cannot (tensors). Idempotent. */
  dispose(): void;
}

/** What `fit` may use besides its data. */
export interface FitContext {
  readonly random: Random;
  /** Fraction done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** Aborted when the job was cancelled: `fit` stops soon and throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Threads the estimator may use; the result is the same for any number. */
  readonly threads?: number;
}

/** A parameter that cannot be used, and what to do about it. */
interface ParameterMistake {
  readonly key: string;
  readonly message: string;
  readonly remedy: string;
}

/**
 * A way to learn. Estimators know nothing of files, trackers or folds; `fit` forgets the last fit, and the same data,
 * parameters and seed give the same model to the last bit.
 */
export interface Estimator<Params> {
  readonly kind: string;
  /** Strict schema of the parameters with their defaults: unknown keys are errors. */
  readonly params: ZodType<Params>;
  /** Whether a fit computes on a TensorFlow.js backend, which the run then records. */
  readonly tensors?: true;
  /** False: a fit brings a model that was trained elsewhere. */
  readonly learns?: false;
  /** What in the parameters does not fit these features, before anything is trained; absent or null: nothing. */
  mistake?(params: Params, featureNames: readonly string[]): ParameterMistake | null;
  /** Rows of a symbol that a model with these parameters looks at; absent: 1. More than 1 needs `dataset.history`. */
  window?(params: Params): number;
  /**
   * Whether a fit with these parameters learns from `realisedReturn` besides the label; absent: never. Its rows are
   * then known only when their returns are.
   */
  learnsReturns?(params: Params): boolean;
  fit(dataset: Dataset, params: Params, context: FitContext): Promise<FittedModel>;
  /** Restores a model; throws an InputError naming what is wrong when it was altered or is of an unknown version. */
  load(serialised: SerialisedModel): Promise<FittedModel>;
}
