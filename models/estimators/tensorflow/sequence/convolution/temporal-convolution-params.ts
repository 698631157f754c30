import { z } from 'zod';
import { trainingShape } from '../../network-settings.ts';

/** Longest window: beyond it a levels and kernel size were hardly meant. */
const WINDOW_MAX = 1024;

export const temporalConvolutionParamsSchema = z
  .strictObject({
    /** Rows that one convolution joins; level `l` joins rows `kernelSize^l` apart. */
    kernelSize: z.int().min(2).max(8).default(2),
    /** Convolutions one over another. The window is `kernelSize^levels` rows: all that the last step can see. */
    levels: z.int().min(1).max(10).default(4),
    channels: z.int().min(1).max(512).default(16),
    ...trainingShape,
  })
  .refine(({ kernelSize, levels }) => kernelSize ** levels <= WINDOW_MAX, {
    message: `kernelSize to the power of levels must not exceed ${WINDOW_MAX} rows`,
    path: ['levels'],
  });

export type TemporalConvolutionParams = z.infer<typeof temporalConvolutionParamsSchema>;
