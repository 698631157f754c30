import type { OwnParameters, ParameterValue } from '../../../infra/own-files/own-file.ts';

// What an estimator's file may import, as types: `import type { OwnEstimator } from 'signalbox'`.

/** Rows to learn from, all columns of one length. */
export interface OwnDataset {
  readonly rows: number;
  readonly featureNames: readonly string[];
  /** Row-major: the value of feature `j` in row `i` is `x[i * featureNames.length + j]`; NaN where it is missing. */
  readonly x: Float64Array;
  /** 1 or 0. */
  readonly y: Float64Array;
  /** How much each row counts, above 0. */
  readonly weight: Float64Array;
}

/** A model as plain data: it is stored as JSON, and has to come back equal. */
export type OwnModel = number | string | boolean | null | readonly OwnModel[] | { readonly [key: string]: OwnModel };

/** The default export of an estimator's file. It keeps nothing from call to call. */
export interface OwnEstimator<
  Parameters extends object = Readonly<Record<string, ParameterValue>>,
> extends OwnParameters<Parameters> {
  /**
   * Learns from the rows. `random` gives numbers from 0 to 1, the same ones for the same seed. `progress` says that it
   * goes on: a fit that does not say so within `fitMinutes` (10) is ended.
   */
  fit(dataset: OwnDataset, parameters: Parameters, random: () => number, progress: () => void): OwnModel;
  /** Probability that the label is 1 for each of `rows` rows of `x`: numbers from 0 to 1. */
  predict(
    model: OwnModel,
    given: { readonly x: Float64Array; readonly rows: number; readonly featureNames: readonly string[] },
    parameters: Parameters,
  ): ArrayLike<number>;
}
