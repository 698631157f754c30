import { plural, probability } from '../number-format.ts';
import { effectiveTrials, type EffectiveTrials } from '../statistics/effective-trials.ts';
import { deflatedSharpe, type SharpeEvidence, type TrialSpread } from '../statistics/significance.ts';

/** `effectiveTrials` of a result document. */
export interface EffectiveSection extends EffectiveTrials {
  /** `deflatedSharpe` as if there had been a trial per cluster alone; null where that ratio is. */
  readonly deflatedSharpe: number | null;
}

/**
 * How many of the trials differ, beside their number, and what that makes of the ratio. The verdict goes by all of
 * them: who tries the same twice has tried twice. Null where trials cannot be compared.
 */
export function effectiveSection(
  excess: readonly Float64Array[],
  { evidence, spread }: { readonly evidence: SharpeEvidence | null; readonly spread: TrialSpread },
): { section: EffectiveSection; reason: string } | null {
  const found = effectiveTrials(excess);
  if (found === null) return null;
  const deflated = evidence === null ? NaN : deflatedSharpe(evidence, { ...spread, trials: found.clusters });
  const section = { ...found, deflatedSharpe: Number.isFinite(deflated) ? deflated : null };
  return { section, reason: effectiveWords(section) };
}

/** The same in words. */
export function effectiveWords({ trials, clusters, independent, deflatedSharpe: deflated }: EffectiveSection): string {
  const told = deflated === null ? '' : `; deflated by these alone, the ratio is ${probability(deflated)}`;
  return (
    `${trials} trials fall into ${plural(clusters, 'cluster')} that share less than half of their variance` +
    `, and vary like ${independent.toFixed(1)} independent ones${told}.`
  );
}
