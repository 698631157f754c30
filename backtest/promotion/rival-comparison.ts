import { SHARED_DAYS_MIN, type Comparison } from '../../models/promotion/promotion-gate.ts';
import { mean, sampleDeviation } from '../statistics/moments.ts';
import {
  expectedMaximum,
  expectedMaximumSharpe,
  probabilisticSharpe,
  sharpeEvidence,
} from '../statistics/significance.ts';
import { unannualisedSharpe, type TrialRecord } from '../judgement/trial-history.ts';
import type { Tries } from '../judgement/trial-store.ts';

/**
 * Daily record of a version; days before `causalFromMs` were predicted by models that knew later bars and prove
 * nothing.
 */
export interface ComparedRecord {
  readonly record: TrialRecord;
  readonly causalFromMs: number;
}

/** The differences that a comparison rests on, one per day that both predicted. */
interface Differences {
  /** Net return less the rival's, and the same of the excess over buy-and-hold of the same average exposure. */
  readonly net: Float64Array;
  readonly excess: Float64Array;
}

/**
 * Compares a challenger with the champion by net daily returns, on the days that both predicted out of sample; where
 * there is no champion, with holding the market at the challenger's own average exposure.
 *
 * The confidence is that the true Sharpe ratio of the difference exceeds what luck shows in the best of everything
 * tried. Two kinds of luck are weighed, and the larger counts: configurations spread as far as their records do
 * (deflated Sharpe ratio); each new state of the data and each offer to the gate is a look of its own at a 95 %
 * threshold, and the best of k worthless looks is expected at `expectedMaximum(k)` standard errors of a ratio, 1 /
 * sqrt(days - 1), however alike the models were.
 */
export function compareWithRival(
  challenger: ComparedRecord,
  rival: ComparedRecord | null,
  { tries, periodsPerYear }: { tries: Tries; periodsPerYear: number },
): Comparison {
  const fromMs = Math.max(challenger.causalFromMs, rival?.causalFromMs ?? -Infinity);
  const judged = (record: TrialRecord): Float64Array => {
    const { net, excess } = differencesOf(record, rival?.record ?? null, fromMs);
    return rival === null ? excess : net;
  };
  const { net, excess } = differencesOf(challenger.record, rival?.record ?? null, fromMs);
  const measured = sharpeEvidence(rival === null ? excess : net);
  const trials = Math.max(1, tries.trials.length);
  const chance = (target: number): number | null => {
    const value = measured === null ? NaN : probabilisticSharpe(measured, target);
    return Number.isFinite(value) ? value : null;
  };
  const spread = { trials: trials + tries.offers, sharpeDeviation: deviationOf(tries.trials.map(judged)) };
  const looks = Math.max(tries.dataStates, tries.offers + 1);
  const lucky = Math.max(
    expectedMaximumSharpe(spread),
    expectedMaximum(looks) / Math.sqrt(Math.max(1, net.length - 1)),
  );
  return {
    rival: rival === null ? 'holding' : 'champion',
    days: net.length,
    annualDifference: net.length === 0 ? 0 : mean(net) * periodsPerYear,
    annualExcess: excess.length === 0 ? 0 : mean(excess) * periodsPerYear,
    confidence: chance(lucky),
    aloneConfidence: chance(0),
    trials,
    offers: tries.offers,
    sinceMs: tries.sinceMs,
  };
}

/**
 * Sample deviation of the ratios of trials with enough days to have one; a trial that never differed earned nothing: 0.
 */
function deviationOf(differences: readonly Float64Array[]): number {
  const ratios = differences
    .filter(({ length }) => length >= SHARED_DAYS_MIN)
    .map((difference) => unannualisedSharpe(difference) ?? 0);
  return ratios.length < 2 ? 0 : sampleDeviation(ratios);
}

function differencesOf(own: TrialRecord, rival: TrialRecord | null, fromMs: number): Differences {
  const at = new Map(Array.from(rival?.timeMs ?? [], (timeMs, day) => [timeMs, day]));
  const shared = Array.from(own.timeMs.keys()).filter(
    (day) => own.timeMs[day]! > fromMs && (rival === null || at.has(own.timeMs[day]!)),
  );
  const less = (name: 'returns' | 'excessReturns'): Float64Array =>
    Float64Array.from(shared, (day) => own[name][day]! - (rival?.[name][at.get(own.timeMs[day]!)!] ?? 0));
  return { net: less('returns'), excess: less('excessReturns') };
}
