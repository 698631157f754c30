import type { Random } from '../../infra/random.ts';
import { blockLength, bootstrapIntervals } from './block-bootstrap.ts';
import { calibrationCurve, type CalibrationBin } from './calibration-curve.ts';
import { informationCoefficient, orderedColumn, rankInformationCoefficient } from './information-coefficient.ts';
import { auc, brier, hitRate, logLoss } from './probability-scores.ts';
import type { Score } from './score.ts';

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

/** Scores with what is needed to judge them. */
export interface ScoreReport {
  readonly rows: number;
  /** Distinct decision times. */
  readonly bars: number;
  readonly scores: Scores;
  /** 95 % block-bootstrap intervals; null when none were asked for or a figure has none. */
  readonly intervals: Readonly<Record<ScoreName, readonly [number, number] | null>> | null;
  readonly calibration: readonly CalibrationBin[];
}

function scorer(input: Scorable): (counts?: Int32Array) => Scores {
  const score = orderedColumn(input.score);
  const outcome = orderedColumn(input.realisedReturn);
  return (counts) => ({
    informationCoefficient: informationCoefficient(input.score, input.realisedReturn, counts),
    rankInformationCoefficient: rankInformationCoefficient(score, outcome, counts),
    logLoss: logLoss(input.probability, input.y, counts),
    auc: auc(score, input.y, counts),
    brier: brier(input.probability, input.y, counts),
    hitRate: hitRate(input.probability, input.y, counts),
  });
}

/**
 * All scores of a set of predictions; with `bootstrap`, their 95 % intervals from a stationary bootstrap over bars (blocks as in
 * `blockLength`). Rows of one decision time are drawn together.
 */
export function scorePredictions(
  input: Scorable,
  bootstrap?: { random: Random; horizonBars: number; resamples?: number },
): ScoreReport {
  const rows = input.y.length;
  const barOfRow = new Int32Array(rows);
  let bars = rows === 0 ? 0 : 1;
  for (let row = 1; row < rows; row++) {
    if (input.decisionTimeMs[row] !== input.decisionTimeMs[row - 1]) bars++;
    barOfRow[row] = bars - 1;
  }
  const figures = scorer(input);
  const intervals =
    bootstrap === undefined || rows === 0
      ? null
      : bootstrapIntervals(barOfRow, bars, figures, {
          random: bootstrap.random,
          blockBars: blockLength(bars, bootstrap.horizonBars),
          ...(bootstrap.resamples === undefined ? {} : { resamples: bootstrap.resamples }),
        });
  return { rows, bars, scores: figures(), intervals, calibration: calibrationCurve(input.probability, input.y) };
}
