import { bestFirst, type DoneTrial } from './done-trial.ts';
import type { SearchSettings } from './search-schema.ts';

/**
 * Shares of the resource, rung by rung, for successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm
 * Identification and Hyperparameter Optimization", AISTATS 2016): the first is `from`, each next one `eta` times as
 * much, the last the whole. The rungs are synchronous: one begins when the one before is complete, so that the outcome
 * does not depend on which worker was fast (Li and others, "A System for Massively Parallel Hyperparameter Tuning",
 * MLSys 2020, give that up for speed).
 */
export function rungShares({ halving, trials }: Pick<SearchSettings, 'halving' | 'trials'>): number[] {
  const { eta, from } = halving;
  const shares: number[] = [];
  // A rung of fewer than two trials chooses nothing.
  for (let share = from, left = trials; share < 1 && left >= eta; share *= eta, left = Math.floor(left / eta)) {
    shares.push(share);
  }
  return [...shares, 1];
}

/** Numbers of the trials of a rung that go on: the best one in `eta`, at least one; the earlier of equals. */
export function keptOf(rung: readonly DoneTrial[], eta: number): number[] {
  const kept = Math.max(1, Math.floor(rung.length / eta));
  return bestFirst(rung)
    .slice(0, kept)
    .map(({ trial }) => trial)
    .sort((a, b) => a - b);
}
