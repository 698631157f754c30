import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import { estimatorOf } from '../estimators/registry.ts';
import type { Experiment } from './experiment.ts';

/** What of the features members learn from, found anew from the training rows of each fold. */
export const reductionSchema = z
  .strictObject({
    /** Principal components in place of the features. */
    pca: z
      .strictObject({
        components: z.int().positive().optional(),
        /** As many components as hold this share of the variance. */
        variance: z.number().positive().max(1).optional(),
      })
      .refine(({ components, variance }) => (components === undefined) !== (variance === undefined), {
        message: 'give either components or variance',
      })
      .optional(),
    /** Kolmogorov-Smirnov distance between the halves of the training rows beyond which a feature is left out. */
    maxDrift: z.number().positive().max(1).optional(),
  })
  .refine(({ pca, maxDrift }) => pca !== undefined || maxDrift !== undefined, {
    message: 'give pca, maxDrift or both',
  });

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
