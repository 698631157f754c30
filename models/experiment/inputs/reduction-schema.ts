import { z } from 'zod';

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
