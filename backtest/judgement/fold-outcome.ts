import { calibrationError, type CalibrationBin } from '../../models/scores/calibration-curve.ts';
import { coverageWords } from './coverage-words.ts';
import { baseRateHeadline, type BaseRateEvidence } from './base-rate.ts';
import type { FeatureSelection } from '../../models/selection/select-features.ts';
import {
  agreementWords,
  selectionAgreement,
  type SelectionAgreement,
} from '../../models/selection/selection-agreement.ts';
import type { MeasuredCoverage } from '../../models/intervals/measured-coverage.ts';
import type { ScoreReport } from '../../models/scores/prediction-scores.ts';
import {
  scoreReasons,
  scoreValues,
  type FoldSummary,
  type IsoRange,
  type ScoreValues,
} from '../../models/training/fold/fold-summary.ts';
import { SCORE_NAMES, type ScoreName } from '../../models/scores/score.ts';

/** A walk-forward's scores: per fold, and pooled over all out-of-sample rows with intervals. */
export interface WalkForwardOutcome {
  readonly folds: readonly Omit<FoldSummary, 'members' | 'calibration'>[];
  readonly pooled: ScoreReport;
  /** What `pooled` is held against; absent where nobody has measured it. */
  readonly baseRate?: BaseRateEvidence | undefined;
  /** How often returns lay within the intervals of the predictions; absent where nobody has measured it. */
  readonly coverage?: MeasuredCoverage | undefined;
}

/** A fold in the result document. */
export interface FoldSection extends ScoreValues {
  /** From 1. */
  readonly fold: number;
  readonly train: IsoRange;
  readonly purge: IsoRange | null;
  readonly embargo: IsoRange | null;
  readonly test: IsoRange;
  readonly trainRows: number;
  readonly testRows: number;
  /** Share of up among the training rows, and the scores of a constant that knows it; null where they were not kept. */
  readonly baseRate: number | null;
  readonly constant: ScoreValues | null;
  /** Which features its members learned from; absent where they learned from all. */
  readonly selection?: FeatureSelection;
}

/** The pooled scores in the result document. */
export interface OutOfSampleSection extends ScoreValues {
  readonly rows: number;
  /** Distinct decision times. */
  readonly bars: number;
  /** 95 % block-bootstrap intervals by score; null where there is none. */
  readonly intervals: Readonly<Record<ScoreName, readonly [number, number] | null>>;
  /** Scores of a constant that knows the share of up in each fold's training rows; null where it was not measured. */
  readonly constant: ScoreValues | null;
  /** Where the model learnt nothing, or is no better than that constant: the first of the result's `reasons`. */
  readonly headline?: string;
  readonly calibration: readonly CalibrationBin[];
  /** Mean distance of probability and share of up over the groups of `calibration`, by rows; null without rows. */
  readonly calibrationError?: number | null;
  /** How far the folds agree on the features that they learn from, where these were chosen. */
  readonly selection?: SelectionAgreement;
  /** How often returns lay within the intervals that were given with the predictions. */
  readonly coverage?: MeasuredCoverage;
}

/** `folds` and `outOfSample` of the result document, and a reason for every null in them. */
export interface WalkForwardSections {
  readonly folds: readonly FoldSection[];
  readonly outOfSample: OutOfSampleSection;
  readonly reasons: readonly string[];
}

/** Turns a walk-forward's outcome into its sections of the result document. */
export function walkForwardSections({ folds, pooled, baseRate, coverage }: WalkForwardOutcome): WalkForwardSections {
  const intervals = pooled.intervals ?? byScore(() => null);
  const constant = baseRate?.constant ?? null;
  const headline = baseRate === undefined ? null : baseRateHeadline(scoreValues(pooled.scores), baseRate);
  const selection = selectionAgreement(folds.flatMap((fold) => fold.selection ?? []));
  const withoutInterval = SCORE_NAMES.filter((name) => intervals[name] === null);
  return {
    folds: folds.map((fold) => ({
      fold: fold.index + 1,
      train: fold.train,
      purge: fold.purge,
      embargo: fold.embargo,
      test: fold.test,
      trainRows: fold.trainRows,
      testRows: fold.testRows,
      baseRate: fold.baseRate ?? null,
      constant: fold.constant ?? null,
      ...byScore((name) => fold[name]),
      ...(fold.selection === undefined ? {} : { selection: fold.selection }),
    })),
    outOfSample: {
      rows: pooled.rows,
      bars: pooled.bars,
      ...scoreValues(pooled.scores),
      intervals,
      constant: constant === null ? null : scoreValues(constant),
      calibration: pooled.calibration,
      ...(headline === null ? {} : { headline }),
      calibrationError: calibrationError(pooled.calibration),
      ...(selection === null ? {} : { selection }),
      ...(coverage === undefined ? {} : { coverage }),
    },
    reasons: [
      ...(selection === null ? [] : [agreementWords(selection)]),
      ...(coverage === undefined ? [] : [coverageWords(coverage)]),
      ...trainingReasons(folds),
      ...folds.flatMap(({ index, reasons }) => reasons.map((reason) => `fold ${index + 1}: ${reason}.`)),
      ...scoreReasons(pooled).map((reason) => `outOfSample: ${reason}.`),
      ...(pooled.calibration.length === 0 ? ['outOfSample: calibrationError: there are no predictions.'] : []),
      constant === null
        ? 'constant: the base rates of the folds are not known; run with --fresh to train them again.'
        : 'constant: it has no informationCoefficient and no rankInformationCoefficient, because it puts no row before another.',
      ...(withoutInterval.length === 0
        ? []
        : [`outOfSample intervals of ${withoutInterval.join(', ')}: too few resamples had the figure.`]),
    ],
  };
}

/** What the members could not learn from, once each, with the folds that it is true of. */
function trainingReasons(folds: WalkForwardOutcome['folds']): string[] {
  const foldsOf = new Map<string, number[]>();
  for (const { index, findings = [] } of folds) {
    for (const finding of findings) foldsOf.set(finding, [...(foldsOf.get(finding) ?? []), index + 1]);
  }
  return [...foldsOf].map(([finding, where]) => {
    const which = where.length === folds.length ? 'every fold' : `fold ${where.join(', ')}`;
    return `training rows of ${which}: ${finding}.`;
  });
}

function byScore<Value>(value: (name: ScoreName) => Value): Record<ScoreName, Value> {
  return Object.fromEntries(SCORE_NAMES.map((name) => [name, value(name)])) as Record<ScoreName, Value>;
}
