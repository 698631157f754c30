import type { Random } from '../../infra/random.ts';
import { blockLength, bootstrapIntervals, type BootstrapOptions, type Interval } from './block-bootstrap.ts';
import { calibrationCurve, type CalibrationBin } from './calibration-curve.ts';
import { informationCoefficient, orderedColumn, rankInformationCoefficient } from './information-coefficient.ts';
import { auc, brier, hitRate, logLoss } from './probability-scores.ts';
import { barsOfDecisions, resampleTable } from './resample-table.ts';
import { ResampledScores } from './resampled-scores.ts';
import { SCORE_NAMES, type Scorable, type Scores, type ScoreName } from './score.ts';

export type ScoreIntervals = Readonly<Record<ScoreName, Interval | null>>;

/** What intervals of scores are asked for with. */
export interface ScoreBootstrap {
  readonly random: Random;
  readonly horizonBars: number;
  readonly resamples?: number | undefined;
}

/** Scores with what is needed to judge them. */
export interface ScoreReport {
  readonly rows: number;
  /** Distinct decision times. */
  readonly bars: number;
  readonly scores: Scores;
  /** 95 % block-bootstrap intervals; null when none were asked for or a figure has none. */
  readonly intervals: ScoreIntervals | null;
  readonly calibration: readonly CalibrationBin[];
}

/** The scores of all rows, each counted once. */
function scoresOf(input: Scorable): Scores {
  const score = orderedColumn(input.score);
  const outcome = orderedColumn(input.realisedReturn);
  return {
    informationCoefficient: informationCoefficient(input.score, input.realisedReturn),
    rankInformationCoefficient: rankInformationCoefficient(score, outcome),
    logLoss: logLoss(input.probability, input.y),
    auc: auc(score, input.y),
    brier: brier(input.probability, input.y),
    hitRate: hitRate(input.probability, input.y),
  };
}

/** How the intervals of `bars` bars are resampled: blocks as in `blockLength`. */
export function resampling(bars: number, { random, horizonBars, resamples }: ScoreBootstrap): BootstrapOptions {
  const blockBars = blockLength(bars, horizonBars);
  return resamples === undefined ? { random, blockBars } : { random, blockBars, resamples };
}

function intervalsOf(input: Scorable, bootstrap: ScoreBootstrap): ScoreIntervals | null {
  if (input.y.length === 0) return null;
  const table = resampleTable(input);
  const resampled = new ResampledScores(table);
  return bootstrapIntervals(table.bars, (counts) => resampled.scores(counts), resampling(table.bars, bootstrap));
}

/** A figure that is none has no interval: what resamples say is of the rows that it was refused for. */
function ofFigures(intervals: ScoreIntervals, scores: Scores): ScoreIntervals {
  return Object.fromEntries(
    SCORE_NAMES.map((name) => [name, scores[name].value === null ? null : intervals[name]]),
  ) as ScoreIntervals;
}

/** The report of a set of predictions with `intervals` found elsewhere. */
export function scoreReport(input: Scorable, intervals: ScoreIntervals | null): ScoreReport {
  const rows = input.y.length;
  const { bars } = barsOfDecisions(input.decisionTimeMs);
  const calibration = calibrationCurve(input.probability, input.y);
  const scores = scoresOf(input);
  return { rows, bars, scores, intervals: intervals && ofFigures(intervals, scores), calibration };
}

/**
 * All scores of a set of predictions; with `bootstrap`, their 95 % intervals from a stationary bootstrap over bars
 * (blocks as in `blockLength`). Rows of one decision time are drawn together.
 */
export function scorePredictions(input: Scorable, bootstrap?: ScoreBootstrap): ScoreReport {
  return scoreReport(input, bootstrap === undefined ? null : intervalsOf(input, bootstrap));
}
