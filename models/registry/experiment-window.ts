import { estimatorOf } from '../estimators/registry.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { TrainingParts } from '../training/fold/training-context.ts';

/**
 * Rows of a symbol that the experiment's members look at, the predicted one included: 1 without sequence networks. A
 * symbol's first rows, which have fewer before them, are no rows of the dataset.
 */
export function experimentWindow(
  { estimators }: Pick<Experiment, 'estimators'>,
  parts: Pick<TrainingParts, 'estimatorOf'> = { estimatorOf },
): number {
  return estimators.reduce((most, { name: _name, kind, ...params }) => {
    const estimator = parts.estimatorOf(kind);
    return estimator.window === undefined ? most : Math.max(most, estimator.window(estimator.params.parse(params)));
  }, 1);
}
