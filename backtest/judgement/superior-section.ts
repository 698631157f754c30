import type { Random } from '../../infra/random.ts';
import { plural, probability } from '../number-format.ts';
import { SHARED_RETURNS_MIN, superiorAbility, type SuperiorAbility } from '../statistics/superior-ability.ts';

/** `superiorAbility` of a result document: the figures, without the place of the best among the trials. */
export type SuperiorSection = Omit<SuperiorAbility, 'best'>;

/**
 * Tests the best of several trials by their daily returns in excess of the benchmark, and says the outcome in a
 * sentence. Null for fewer than two trials: there is no choice to be luck; a null section has its reason in the
 * sentence.
 */
export function superiorSection(
  excess: readonly Float64Array[],
  random: Random,
): { section: SuperiorSection | null; reason: string } | null {
  if (excess.length < 2) return null;
  const found = superiorAbility(excess, { random });
  if (found === null) {
    const days = excess[0]!.length;
    const why =
      days < SHARED_RETURNS_MIN
        ? `the trials share ${plural(days, 'daily return')}; ${SHARED_RETURNS_MIN} are the least`
        : 'no trial differs from its benchmark';
    return { section: null, reason: `superiorAbility: ${why}.` };
  }
  const { best: _best, ...section } = found;
  return { section, reason: superiorText(section) };
}

/** What the tests found, in a sentence. */
function superiorText({ trials, periods, consistent, realityCheck }: SuperiorSection): string {
  return (
    `The best of ${trials} trials over ${plural(periods, 'shared day')} against its benchmark: where none is better, ` +
    `luck does as well with probability ${probability(consistent)} (Hansen's test of superior predictive ability), ` +
    `${probability(realityCheck)} by White's reality check.`
  );
}
