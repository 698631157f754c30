import type { CalibrationBin } from '../../scores/calibration-curve.ts';
import type { ScoreReport } from '../../scores/prediction-scores.ts';
import type { FeatureSelection } from '../../selection/select-features.ts';
import type { TimeRange } from '../../splits/fold.ts';
import type { FoldOutcome } from './train-fold.ts';
import { SCORE_NAMES, type ScoreName, type Scores } from '../../scores/score.ts';

/** First and last decision time, ISO 8601, both inclusive. */
export interface IsoRange {
  readonly from: string;
  readonly to: string;
}

/** A figure per score; null where it cannot be computed. */
export type ScoreValues = Readonly<Record<ScoreName, number | null>>;

/** What is kept of a fold besides its predictions and its model: plain JSON, no wall time, equal for equal input. */
export interface FoldSummary extends ScoreValues {
  readonly index: number;
  readonly train: IsoRange;
  readonly purge: IsoRange | null;
  readonly embargo: IsoRange | null;
  readonly test: IsoRange;
  readonly trainRows: number;
  readonly testRows: number;
  /** Share of up among the training rows; absent in trainings from before it was kept. */
  readonly baseRate?: number;
  /** Scores of a constant that knows `baseRate`; absent as above. */
  readonly constant?: ScoreValues;
  /** What could not be learned from the training rows, and why; absent as above. */
  readonly findings?: readonly string[];
  readonly calibration: readonly CalibrationBin[];
  readonly members: readonly ({ readonly name: string; readonly weight: number | null } & ScoreValues)[];
  /** Why a figure is null, in words. */
  readonly reasons: readonly string[];
  /** Which features its members learned from; absent where they learned from all. */
  readonly selection?: FeatureSelection;
}

/** Figures of a score report with nulls where there is none. */
export function scoreValues(scores: Scores): ScoreValues {
  return Object.fromEntries(SCORE_NAMES.map((name) => [name, scores[name].value])) as ScoreValues;
}

/** Reasons of the scores that are null. */
export function scoreReasons(report: ScoreReport): string[] {
  return SCORE_NAMES.flatMap((name) => {
    const score = report.scores[name];
    return score.value === null ? [`${name}: ${score.reason}`] : [];
  });
}

/** The summary of a finished fold. */
export function foldSummary(outcome: FoldOutcome): FoldSummary {
  const weights = weightsOf(outcome);
  return {
    index: outcome.index,
    train: isoRange(outcome.ranges.train),
    purge: outcome.ranges.purge && isoRange(outcome.ranges.purge),
    embargo: outcome.ranges.embargo && isoRange(outcome.ranges.embargo),
    test: isoRange(outcome.ranges.test),
    trainRows: outcome.trainRows,
    testRows: outcome.testRows,
    ...scoreValues(outcome.report.scores),
    baseRate: outcome.baseRate,
    constant: scoreValues(outcome.constant),
    findings: outcome.findings,
    calibration: outcome.report.calibration,
    members: outcome.members.map(({ name, scores }, m) => ({
      name,
      weight: weights?.[m] ?? null,
      ...scoreValues(scores),
    })),
    reasons: scoreReasons(outcome.report),
    ...(outcome.selection === null ? {} : { selection: outcome.selection }),
  };
}

/** Weights of a weighted ensemble in member order; null for combiners that have no single set. */
function weightsOf(outcome: FoldOutcome): readonly number[] | null {
  const { combiner } = outcome.ensemble;
  return combiner.kind === 'weighted' ? combiner.weights : null;
}

/** Both ends in ISO 8601. */
export function isoRange(range: TimeRange): IsoRange {
  return { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
}
