/** A figure, or why it cannot be had: never a made-up 0. */
export type Score =
  { readonly value: number; readonly reason: null } | { readonly value: null; readonly reason: string };

export function scored(value: number): Score {
  return Number.isFinite(value) ? { value, reason: null } : unscored('The figure is not finite');
}

export function unscored(reason: string): Score {
  return { value: null, reason };
}

/** That a column has a row without a value, which no figure may be made of; null where every row has one. */
export function missingValue(values: Float64Array, what: string): Score | null {
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(values[row])) return unscored(`Row ${row} has no ${what}`);
  }
  return null;
}

/** Out-of-sample predictions as columns of equal length, ascending in decision time. */
export interface Scorable {
  /** What correlations and the AUC are computed from. */
  readonly score: Float64Array;
  /** Calibrated probability: log loss, Brier score, hit rate and calibration curve. */
  readonly probability: Float64Array;
  readonly y: Float64Array;
  readonly realisedReturn: Float64Array;
  readonly decisionTimeMs: Float64Array;
}

export const SCORE_NAMES = [
  'informationCoefficient',
  'rankInformationCoefficient',
  'logLoss',
  'auc',
  'brier',
  'hitRate',
] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];
export type Scores = Readonly<Record<ScoreName, Score>>;
