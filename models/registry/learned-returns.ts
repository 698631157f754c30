import { ESTIMATOR_KINDS, estimatorOf } from '../estimators/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';

/**
 * Whether a member of the experiment learns returns over the label's whole horizon, not the label alone. Unknown kinds
 * are refused where they are read and where they are trained.
 */
export function learnsReturns({ estimators }: Pick<Experiment, 'estimators'>): boolean {
  return estimators.some(({ name: _name, kind, ...params }) => {
    if (!ESTIMATOR_KINDS.includes(kind)) return false;
    const estimator = estimatorOf(kind);
    return estimator.learnsReturns?.(estimator.params.parse(params)) ?? false;
  });
}
