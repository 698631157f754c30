import { centredMean, isSpread } from '../scores/rounding.ts';
import type { ScoreValues } from '../training/fold/fold-summary.ts';
import type { ObjectiveName } from './search-schema.ts';

/** What a trial showed on rows that it was not trained on: plain figures, whoever measured them. */
export interface TrialEvidence {
  readonly rows: number;
  readonly scores: ScoreValues;
  /**
   * Closes of the trading days, UTC milliseconds, with the simple net return of each, and that in excess of the
   * benchmark.
   */
  readonly dayMs: readonly number[];
  readonly returns: readonly number[];
  readonly excessReturns: readonly number[];
  readonly trades: number;
}

/** Larger is better. Null where the figure cannot be computed: such a trial is never chosen. */
export function objectiveOf(name: ObjectiveName, evidence: TrialEvidence): number | null {
  if (name === 'netSharpe') return sharpe(evidence.excessReturns);
  const score = evidence.scores[name];
  if (score === null) return null;
  return name === 'logLoss' || name === 'brier' ? -score : score;
}

/** Unannualised: mean over sample deviation. 0 for a record that never moves: doing nothing earns nothing. */
function sharpe(returns: readonly number[]): number | null {
  const { length } = returns;
  if (length < 3) return null;
  const mean = centredMean(returns);
  const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1));
  const largest = returns.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return isSpread(deviation, largest) ? mean / deviation : 0;
}
