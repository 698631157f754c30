import type { Database } from '../../infra/postgres/database.ts';
import { countNamedTrials } from '../judgement/trial-store.ts';
import { comparePlan, type DoneWork, type PlanSection } from './compare-plan.ts';
import { measureOf, type Measured } from './plan-measures.ts';
import { keepOutcome, readPlans, type OutcomeKind } from './plan-store.ts';

/** What a result is of. */
export interface FollowedWork extends Pick<DoneWork, 'experiment' | 'dataHash' | 'chosenBy'> {
  readonly kind: OutcomeKind;
  /** As the experiment calls itself, over other data or with changed keys too. */
  readonly name: string;
  readonly experimentHash: string;
  readonly measured: Measured;
}

/** The name that plans go by: without what other data and changed keys add to it. */
export function plannedName(name: string): string {
  return name.replace(/\..*$/, '').replace(/-set-[0-9a-f]{8}$/, '');
}

/**
 * Compares a result with the newest plan of its experiment and keeps the comparison; undefined where there is no plan.
 * The result's own trials are on record by then.
 */
export async function followPlan(database: Database, work: FollowedWork): Promise<PlanSection | undefined> {
  const name = plannedName(work.name);
  const plans = await readPlans(database, name);
  const newest = plans.at(-1);
  if (newest === undefined) return undefined;
  const trials = await countNamedTrials(database, name, newest.registeredAt);
  const value = measureOf(newest.plan.measure, work.measured);
  const compared = comparePlan(newest, { ...work, value, trials, plans: plans.length });
  const { kind, experimentHash, dataHash } = work;
  await keepOutcome(database, newest.id, { kind, experimentHash, dataHash, compared });
  return compared;
}
