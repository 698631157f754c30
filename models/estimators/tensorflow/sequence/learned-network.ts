import { z } from 'zod';
import { networkOutputSchema } from '../../network-output.ts';
import { standardiserSchema } from '../../standardiser.ts';

/** What the body of a sequence network says besides its settings. */
export const learnedShape = {
  standardiser: standardiserSchema,
  /** Backend it was trained on; predictions need none. */
  backend: z.enum(['wasm', 'native']),
  epochs: z.int().min(0),
  validationLoss: z.array(z.number()),
  output: networkOutputSchema,
};

/** What a training finds besides the weights. */
export type LearnedNetwork = z.infer<z.ZodObject<typeof learnedShape>>;
