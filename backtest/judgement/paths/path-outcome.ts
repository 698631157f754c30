import type { ScoreValues } from '../../../models/training/fold/fold-summary.ts';
import type { Evaluation } from '../evaluation.ts';
import type { PathFan } from './path-fan.ts';
import { mean, median } from '../../statistics/moments.ts';
import { unannualisedSharpe } from '../trial-history.ts';
import type { ScoreName } from '../../../models/scores/score.ts';

/** What one reconstructed path of a combinatorial split showed. */
export interface PathSection extends ScoreValues {
  readonly path: number;
  readonly rows: number;
  readonly totalReturn: number;
  readonly cagr: number | null;
  readonly sharpe: number | null;
  readonly maxDrawdown: number;
  readonly trades: number;
  /** Of the net return in excess of buy-and-hold of the same average exposure: a year, and annualised. */
  readonly excessReturn: number | null;
  readonly excessSharpe: number | null;
}

const DISTRIBUTED = ['totalReturn', 'sharpe', 'excessReturn', 'excessSharpe', 'informationCoefficient', 'auc'] as const;
type DistributedFigure = (typeof DISTRIBUTED)[number];

/** A figure over the paths that have it; null where none has. `positiveShare` is of an AUC the share above 0.5. */
export interface PathDistribution {
  readonly median: number | null;
  readonly worst: number | null;
  readonly positiveShare: number | null;
}

/** `paths` of the result document. */
export interface PathsSection {
  readonly each: readonly PathSection[];
  readonly distribution: Readonly<Record<DistributedFigure, PathDistribution>>;
  /** The equity of the paths together; absent for one path. */
  readonly fan?: PathFan;
}

/** Measures one path: its scores and its session. */
export function pathSection(
  path: number,
  { rows, scores }: { rows: number; scores: Record<ScoreName, number | null> },
  evaluation: Evaluation,
): PathSection {
  const { totalReturn, cagr, sharpe, maxDrawdown, trades } = evaluation.measured.performance;
  const { periodsPerYear } = evaluation.market;
  const { excessReturns } = evaluation.record;
  const known = evaluation.withoutBenchmark === null && excessReturns.length > 0;
  const ratio = known ? unannualisedSharpe(excessReturns) : null;
  return {
    path,
    rows,
    ...scores,
    totalReturn,
    cagr,
    sharpe,
    maxDrawdown,
    trades,
    excessReturn: known ? mean(excessReturns) * periodsPerYear : null,
    excessSharpe: ratio === null ? null : ratio * Math.sqrt(periodsPerYear),
  };
}

/** Says of every figure that a path lacks why. */
export function pathReasons({ each }: PathsSection): string[] {
  return each.flatMap((path) => {
    const missing = Object.entries(path).flatMap(([name, value]) => (value === null ? [name] : []));
    const why = 'its returns or outcomes do not vary, or are too few';
    return missing.length === 0 ? [] : [`paths, path ${path.path + 1}: ${missing.join(', ')}: ${why}.`];
  });
}

/**
 * All paths with the distribution of their figures: paths share their bars, so that their spread is that of models, not
 * of markets.
 */
export function pathsSection(each: readonly PathSection[], fan: PathFan | null = null): PathsSection {
  const over = (figure: DistributedFigure): PathDistribution => {
    const values = each.map((path) => path[figure]).filter((value) => value !== null);
    if (values.length === 0) return { median: null, worst: null, positiveShare: null };
    const nothing = figure === 'auc' ? 0.5 : 0;
    return {
      median: median(values),
      worst: Math.min(...values),
      positiveShare: values.filter((value) => value > nothing).length / values.length,
    };
  };
  const distribution = Object.fromEntries(DISTRIBUTED.map((figure) => [figure, over(figure)]));
  const section = { each, distribution: distribution as PathsSection['distribution'] };
  return fan === null ? section : { ...section, fan };
}
