import { nextPlaces, type ProposalSettings } from './rule-proposals.ts';
import type { RuleConstraints, RuleObjective } from '../../../models/search/rule-search-schema.ts';
import { worthOf } from './rule-objective.ts';
import type { RuleSpace, Place } from './rule-space.ts';
import type { RuleTrial } from './rule-trial.ts';
import type { RuleParameters } from './rule-trial.ts';

/** What is searched for, and how. */
export interface SearchOfRules extends ProposalSettings {
  readonly objective: RuleObjective;
  readonly constraints: RuleConstraints;
}

/** A trial with its place and its worth: null where it breaks a constraint or has no objective. */
export interface PlacedTrial {
  readonly place: Place;
  readonly worth: number | null;
  readonly trial: RuleTrial;
}

/** Runs trials in any order and returns them in that of `parameters`. */
export type RunTrials = (parameters: readonly RuleParameters[]) => Promise<readonly RuleTrial[]>;

/**
 * Tries what the method proposes until it proposes nothing more. In the order of the proposals, whatever order they end
 * in.
 */
export async function searchRules(space: RuleSpace, search: SearchOfRules, run: RunTrials): Promise<PlacedTrial[]> {
  const tried: PlacedTrial[] = [];
  for (;;) {
    const places = nextPlaces(space, search, tried);
    if (places.length === 0) return tried;
    const trials = await run(places.map((place) => space.parametersAt(place)));
    places.forEach((place, at) => {
      const trial = trials[at]!;
      tried.push({ place, trial, worth: worthOf(trial.figures, search) });
    });
  }
}

/** The best trial, the earlier of equals; null where none may be chosen. */
export function bestOfRules(tried: readonly PlacedTrial[]): PlacedTrial | null {
  let best: PlacedTrial | null = null;
  for (const one of tried) if (one.worth !== null && one.worth > (best?.worth ?? -Infinity)) best = one;
  return best;
}
