import { InputError } from '../../infra/errors.ts';
import { hashOf } from '../../infra/hash.ts';
import type { SerialisedModel } from '../estimators/estimator.ts';
import type { TrainingReference } from '../monitoring/training-reference.ts';
import type { Calibration } from './calibration.ts';
import type { Combiner } from './combiner.ts';
import type { Scaler } from './scaler.ts';

const PLAIN_FORMAT = 2;
/**
 * The format of ensembles with a `sideFeature`: programs that know the other one alone must not take them for plain
 * ones.
 */
const META_FORMAT = 3;
/** The same of ensembles whose members look at some of the features, with or without a `sideFeature`. */
const SELECTED_FORMAT = 5;

/** Format of an ensemble with or without a primary side, and with or without a selection of features. */
export function ensembleFormat({ sideFeature, columns }: Pick<SerialisedEnsemble, 'sideFeature' | 'columns'>): number {
  if (columns !== undefined) return SELECTED_FORMAT;
  return sideFeature === undefined ? PLAIN_FORMAT : META_FORMAT;
}

/** A trained ensemble as plain data: everything prediction needs, and what it was trained on. */
export interface SerialisedEnsemble {
  readonly formatVersion: number;
  readonly featureNames: readonly string[];
  readonly scaler: Scaler;
  readonly members: readonly { readonly name: string; readonly model: SerialisedModel }[];
  /** What each member's log-odds above the base rate are multiplied by before they are combined, in member order. */
  readonly memberSlopes: readonly number[];
  readonly combiner: Combiner;
  /** Log-odds of the base rate of the training rows: scores are measured from it. */
  readonly baseLogit: number;
  readonly calibration: Calibration;
  /** First decision time trained on, and the last label end: it may trade only bars that close after that. */
  readonly trainedFromMs: number;
  readonly trainedToMs: number;
  readonly trainedRows: number;
  /**
   * The feature whose sign is a primary model's side, for ensembles that learned whether that side is right
   * (meta-labels): members, combiner, base rate and calibration speak of that, and `loadEnsemble` turns it into the
   * probability of up.
   */
  readonly sideFeature?: string | undefined;
  /**
   * Which of `featureNames` the members look at, ascending; absent: all. Rows, scaler, a primary side and a regime's
   * gate are of all features all the same.
   */
  readonly columns?: readonly number[] | undefined;
  /** What later rows are compared with; final models have it. */
  readonly reference?: TrainingReference | undefined;
  /** SHA-256 of all of the above, the members by their own checksums. */
  readonly checksum: string;
}

/** Checksum over everything but the checksum itself. */
export function ensembleChecksum(ensemble: Omit<SerialisedEnsemble, 'checksum'>): string {
  const { members, ...rest } = ensemble;
  return hashOf({
    formatVersion: rest.formatVersion,
    featureNames: rest.featureNames,
    scaler: rest.scaler,
    members: members.map(({ name, model }) => ({ name, checksum: model.checksum })),
    memberSlopes: rest.memberSlopes,
    combiner: rest.combiner,
    baseLogit: rest.baseLogit,
    calibration: rest.calibration,
    trainedFromMs: rest.trainedFromMs,
    trainedToMs: rest.trainedToMs,
    trainedRows: rest.trainedRows,
    // Absent in models of folds, in those without a primary side and in those of earlier versions, whose checksums stay
    // what they were.
    reference: rest.reference,
    sideFeature: rest.sideFeature,
    columns: rest.columns,
  });
}

/**
 * Throws an InputError when the format is unknown or the content was altered. Members are checked by their own loaders.
 */
export function assertEnsembleIntact(ensemble: SerialisedEnsemble): void {
  const { formatVersion, sideFeature, featureNames } = ensemble;
  if (formatVersion !== PLAIN_FORMAT && formatVersion !== META_FORMAT && formatVersion !== SELECTED_FORMAT) {
    throw new InputError(
      `Ensemble format ${String(formatVersion)} is unknown; this version reads ${PLAIN_FORMAT} and ${META_FORMAT}, and ${SELECTED_FORMAT} of chosen features`,
      'Train the model again with this version.',
    );
  }
  const fits =
    formatVersion === ensembleFormat(ensemble) && (sideFeature === undefined || featureNames.includes(sideFeature));
  if (!fits || ensembleChecksum(ensemble) !== ensemble.checksum) {
    throw new InputError(
      'The ensemble does not match its checksum: it was altered',
      'Restore it from the registry, or train again.',
    );
  }
}

/** Bytes of an ensemble for a file or a database column: JSON, with the members' binary weights as base64. */
export function encodeEnsemble(ensemble: SerialisedEnsemble): Uint8Array {
  const members = ensemble.members.map(({ name, model }) => ({
    name,
    model: { ...model, weights: model.weights === null ? null : Buffer.from(model.weights).toString('base64') },
  }));
  return Buffer.from(JSON.stringify({ ...ensemble, members }), 'utf8');
}

/** Inverse of `encodeEnsemble`. Throws an InputError for bytes that are none, or that were altered. */
export function decodeEnsemble(bytes: Uint8Array): SerialisedEnsemble {
  let parsed: SerialisedEnsemble;
  try {
    const raw = JSON.parse(Buffer.from(bytes).toString('utf8')) as SerialisedEnsemble;
    const members = raw.members.map(({ name, model }) => {
      const weights = model.weights as unknown as string | null;
      // A copy with a buffer of its own: typed views over the weights need them aligned.
      const own = weights === null ? null : Uint8Array.from(Buffer.from(weights, 'base64'));
      return { name, model: { ...model, weights: own } };
    });
    parsed = { ...raw, members };
  } catch (cause) {
    throw new InputError('This is not a stored ensemble', 'Restore it from the registry, or train again.', cause);
  }
  assertEnsembleIntact(parsed);
  return parsed;
}
