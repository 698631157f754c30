import type { CalibrationBin } from '../../models/scores/calibration-curve.ts';
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
}

/** The pooled scores in the result document. */
export interface OutOfSampleSection extends ScoreValues {
  readonly rows: number;
  /** Distinct decision times. */
  readonly bars: number;
  /** 95 % block-bootstrap intervals by score; null where there is none. */
  readonly intervals: Readonly<Record<ScoreName, readonly [number, number] | null>>;
  readonly calibration: readonly CalibrationBin[];
}

/** `folds` and `outOfSample` of the result document, and a reason for every null in them. */
export interface WalkForwardSections {
  readonly folds: readonly FoldSection[];
  readonly outOfSample: OutOfSampleSection;
  readonly reasons: readonly string[];
}

/** Turns a walk-forward's outcome into its sections of the result document. */
export function walkForwardSections({ folds, pooled }: WalkForwardOutcome): WalkForwardSections {
  const intervals = pooled.intervals ?? byScore(() => null);
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
      ...byScore((name) => fold[name]),
    })),
    outOfSample: {
      rows: pooled.rows,
      bars: pooled.bars,
      ...scoreValues(pooled.scores),
      intervals,
      calibration: pooled.calibration,
    },
    reasons: [
      ...folds.flatMap(({ index, reasons }) => reasons.map((reason) => `fold ${index + 1}: ${reason}.`)),
      ...scoreReasons(pooled).map((reason) => `outOfSample: ${reason}.`),
      ...(withoutInterval.length === 0
        ? []
        : [`outOfSample intervals of ${withoutInterval.join(', ')}: too few resamples had the figure.`]),
    ],
  };
}

function byScore<Value>(value: (name: ScoreName) => Value): Record<ScoreName, Value> {
  return Object.fromEntries(SCORE_NAMES.map((name) => [name, value(name)])) as Record<ScoreName, Value>;
}
