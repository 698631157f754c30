import { InputError } from '../../../infra/errors.ts';
import { estimatorOf } from '../../estimators/registry.ts';
import type { Experiment } from '../experiment.ts';

/**
 * Members that cannot learn from reduced features: what was trained elsewhere, and parameters that name features.
 * @throws InputError with the key
 */
export function requireReducible({ reduction, estimators }: Pick<Experiment, 'reduction' | 'estimators'>): void {
  if (reduction === undefined) return;
  for (const { name, kind, ...params } of estimators) {
    const estimator = estimatorOf(kind);
    if (estimator.learns === false) {
      throw new InputError(
        `reduction: ${name} was trained elsewhere, on features as they are`,
        'Leave reduction or that estimator out.',
      );
    }
    const mistake = estimator.mistake?.(estimator.params.parse(params), []) ?? null;
    if (mistake === null) continue;
    throw new InputError(
      `reduction: estimators.${name}.${mistake.key} names features, which are reduced before it learns`,
      'Leave reduction or that parameter out.',
    );
  }
}
