import type { ScoreName } from '../../models/scores/score.ts';
import { unannualisedSharpe } from '../judgement/trial-history.ts';
import { mean } from '../statistics/moments.ts';
import type { PlanMeasure } from './plan-schema.ts';

/** What a result's measures are taken from: daily returns, those in excess of the benchmark, and pooled scores. */
export interface Measured {
  readonly returns: Float64Array;
  /** Empty where there is no benchmark. */
  readonly excessReturns: Float64Array;
  readonly scores: Readonly<Record<ScoreName, number | null>>;
  readonly periodsPerYear: number;
}

/** A measure of a plan in a result, annualised where it is a ratio or a return; null where the result has none. */
export function measureOf(measure: PlanMeasure, of: Measured): number | null {
  const { returns, excessReturns, scores, periodsPerYear } = of;
  if (measure === 'informationCoefficient' || measure === 'auc') return scores[measure];
  if (measure === 'excessReturn') return excessReturns.length === 0 ? null : mean(excessReturns) * periodsPerYear;
  const ratio = unannualisedSharpe(measure === 'sharpe' ? returns : excessReturns);
  return ratio === null ? null : ratio * Math.sqrt(periodsPerYear);
}
