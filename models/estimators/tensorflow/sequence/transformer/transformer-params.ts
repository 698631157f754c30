import { z } from 'zod';
import { trainingShape } from '../../network-settings.ts';

export const transformerEncoderParamsSchema = z
  .strictObject({
    /** Rows of a symbol that are read, the predicted one last. */
    window: z.int().min(2).max(256).default(16),
    /** Width of a row inside the network. */
    units: z.int().min(1).max(256).default(16),
    heads: z.int().min(1).max(16).default(2),
    /** Encoder layers, each attention and a rectified layer. */
    layers: z.int().min(1).max(6).default(1),
    /** Units of the rectified layer. */
    hidden: z.int().min(1).max(1024).default(32),
    ...trainingShape,
  })
  .refine(({ units, heads }) => units % heads === 0, {
    message: 'units must be a multiple of heads',
    path: ['heads'],
  });

export type TransformerEncoderParams = z.infer<typeof transformerEncoderParamsSchema>;

/** Weights before those of the layers, and of each layer, in the order of `weights`. */
export const EMBEDDING_WEIGHTS = 3;
export const LAYER_WEIGHTS = 12;
