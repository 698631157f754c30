import { ESTIMATOR_KINDS, estimatorOf } from '../estimators/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';

/**
 * Names of the members that learn returns over the label's whole horizon, not the label alone. Unknown kinds are
 * refused where they are read and where they are trained.
 */
export function returnLearners({ estimators }: Pick<Experiment, 'estimators'>): string[] {
  const learners = estimators.filter(({ name: _name, kind, ...params }) => {
    if (!ESTIMATOR_KINDS.includes(kind)) return false;
    const estimator = estimatorOf(kind);
    return estimator.learnsReturns?.(estimator.params.parse(params)) ?? false;
  });
  return learners.map(({ name }) => name);
}

/** Whether a member of the experiment learns returns. */
export function learnsReturns(experiment: Pick<Experiment, 'estimators'>): boolean {
  return returnLearners(experiment).length > 0;
}
