import type { Random } from '../../infra/random.ts';
import { plural } from '../number-format.ts';
import { modelConfidence } from '../statistics/model-confidence.ts';
import { mean } from '../statistics/moments.ts';
import { SHARED_RETURNS_MIN } from '../statistics/superior-ability.ts';
import type { TrialRecord } from './trial-history.ts';

/** Which trials of a search cannot be told from the best: plain JSON. */
export interface ConfidenceSet {
  /** Chance that the truly best of the compared is in the set. */
  readonly confidence: number;
  /** Trials that were compared, those with the highest mean excess return, and those left out, all lower. */
  readonly compared: number;
  readonly leftOut: number;
  /** Trading days that the compared share. */
  readonly days: number;
  /** The compared by rank in the search: the share of resamples that tell them from the best by luck. */
  readonly trials: readonly { readonly rank: number; readonly pValue: number; readonly inSet: boolean }[];
}

/** A trial with its place in the ranking of its search, from 1. */
export interface RankedRecord {
  readonly rank: number;
  readonly record: Pick<TrialRecord, 'timeMs' | 'excessReturns'>;
}

const CONFIDENCE = 0.9;
/** Time goes with the cube of their number: 30 trials over 2,500 days take 0.2 s, 100 would take 3. */
const COMPARED_MAX = 30;
const NAMED = 12;

/**
 * The model confidence set (Hansen, Lunde and Nason 2011) of a search's trials by their daily returns in excess of the
 * benchmark: those that are not told from the best. Null for fewer than two trials with returns.
 */
export function confidenceSet(
  ranked: readonly RankedRecord[],
  random: Random,
): { readonly section: ConfidenceSet | null; readonly reason: string } | null {
  const measured = ranked.filter(({ record }) => record.excessReturns.length > 0);
  if (measured.length < 2) return null;
  const compared = measured
    .map((one) => ({ ...one, worth: mean(one.record.excessReturns) }))
    .sort((a, b) => b.worth - a.worth || a.rank - b.rank)
    .slice(0, COMPARED_MAX)
    .sort((a, b) => a.rank - b.rank);
  const losses = lossesOnSharedDays(compared.map(({ record }) => record));
  const days = losses[0]!.length;
  const pValues = days < SHARED_RETURNS_MIN ? null : modelConfidence(losses, { random });
  if (pValues === null) {
    const few = `the trials share ${plural(days, 'daily return')}; ${SHARED_RETURNS_MIN} are the least`;
    return { section: null, reason: `confidenceSet: ${few}.` };
  }
  const section: ConfidenceSet = {
    confidence: CONFIDENCE,
    compared: compared.length,
    leftOut: measured.length - compared.length,
    days,
    trials: compared.map(({ rank }, k) => ({ rank, pValue: pValues[k]!, inSet: pValues[k]! > 1 - CONFIDENCE })),
  };
  return { section, reason: setWords(section) };
}

function lossesOnSharedDays(records: readonly RankedRecord['record'][]): Float64Array[] {
  const seen = new Map<number, number>();
  for (const { timeMs } of records) for (const time of timeMs) seen.set(time, (seen.get(time) ?? 0) + 1);
  return records.map(({ timeMs, excessReturns }) =>
    excessReturns.filter((_, day) => seen.get(timeMs[day]!) === records.length).map((value) => -value),
  );
}

/** The set in a sentence. */
function setWords({ confidence, compared, leftOut, days, trials }: ConfidenceSet): string {
  const ranks = trials.filter(({ inSet }) => inSet).map(({ rank }) => rank);
  const more = ranks.length > NAMED ? ` and ${ranks.length - NAMED} more` : '';
  const left =
    leftOut === 0
      ? ''
      : ` ${plural(leftOut, 'trial')} of lower mean return ${leftOut === 1 ? 'was' : 'were'} left out.`;
  const which = ranks.includes(1) ? '' : ' The first of the ranking is not among them.';
  return (
    `${ranks.length} of ${plural(compared, 'trial')} cannot be told from the best by their excess returns over ` +
    `${plural(days, 'shared day')} (model confidence set at ${100 * confidence} %): rank ` +
    `${ranks.slice(0, NAMED).join(', ')}${more}.${which}${left}`
  );
}
