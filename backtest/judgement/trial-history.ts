import { sampleDeviation } from '../statistics/moments.ts';
import { overfittingOf } from '../statistics/overfitting.ts';
import { sharpeEvidence, type TrialSpread } from '../statistics/significance.ts';

/** The out-of-sample record of one trial: three columns of equal length, one row per trading day. */
export interface TrialRecord {
  /** When each return's day closed, ascending. */
  readonly timeMs: Float64Array;
  /** Simple net return of the day. */
  readonly returns: Float64Array;
  /** The same less that of buy-and-hold of the same average exposure. */
  readonly excessReturns: Float64Array;
}

/** What the trials on one set of data say about the best of them. */
export interface TrialHistory {
  /** Distinct trials, at least 1. */
  readonly trials: number;
  /** Spread of the unannualised Sharpe ratios of the returns, and of the excess returns. */
  readonly spread: TrialSpread;
  readonly excessSpread: TrialSpread;
  /** 0..1 by combinatorially symmetric cross-validation over the days that all trials share, or null with `reason`. */
  readonly probabilityOfOverfitting: number | null;
  readonly reason: string | null;
  /** Excess returns on the days that the trials share, one column a trial: what competes for being the best. */
  readonly excess: readonly Float64Array[];
}

/** Unannualised Sharpe ratio; null where returns do not vary or are fewer than three. */
export function unannualisedSharpe(returns: Float64Array): number | null {
  return sharpeEvidence(returns)?.sharpe ?? null;
}

/**
 * A trial whose returns do not vary earned nothing: it counts with a ratio of 0, so that doing nothing is not
 * forgotten.
 */
function spreadOf(columns: readonly Float64Array[]): TrialSpread {
  const ratios = columns.map((column) => unannualisedSharpe(column) ?? 0);
  return { trials: columns.length, sharpeDeviation: ratios.length < 2 ? 0 : sampleDeviation(ratios) };
}

/** Summarises the distinct trials on one set of data, the one in question among them. */
export function historyOf(trials: readonly TrialRecord[]): TrialHistory {
  if (trials.length === 0) throw new Error('a history needs the trial in question');
  const { probability, reason } = overfittingOf(onSharedDays(trials, 'returns'));
  return {
    trials: trials.length,
    spread: spreadOf(trials.map((trial) => trial.returns)),
    excessSpread: spreadOf(trials.map((trial) => trial.excessReturns)),
    probabilityOfOverfitting: probability,
    reason,
    excess: onSharedDays(trials, 'excessReturns'),
  };
}

/**
 * Each trial's returns on the days that all trials have. Trials of a search inside an early training window end long
 * before the others: they count in number and spread, but while the shared days are less than half of the newest
 * record, the one that ends first is left out here, as long as two remain.
 */
function onSharedDays(all: readonly TrialRecord[], column: 'returns' | 'excessReturns'): Float64Array[] {
  const trials = [...all].sort((a, b) => (a.timeMs.at(-1) ?? -Infinity) - (b.timeMs.at(-1) ?? -Infinity));
  const newest = trials.at(-1)!.timeMs.length;
  const seen = new Map<number, number>();
  for (const { timeMs } of trials) for (const time of timeMs) seen.set(time, (seen.get(time) ?? 0) + 1);
  const shared = (): number => [...seen.values()].filter((count) => count === trials.length).length;
  while (trials.length > 2 && shared() < newest / 2) {
    for (const time of trials.shift()!.timeMs) seen.set(time, seen.get(time)! - 1);
  }
  return trials.map((trial) => trial[column].filter((_, day) => seen.get(trial.timeMs[day]!) === trials.length));
}
