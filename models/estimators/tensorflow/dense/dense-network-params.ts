import { z } from 'zod';
import { trainingShape } from '../network-settings.ts';

export const denseNetworkParamsSchema = z.strictObject({
  /** Units of the hidden layers. */
  layers: z.array(z.int().min(1).max(4096)).min(1).max(8).default([32, 16]),
  ...trainingShape,
});

export type DenseNetworkParams = z.infer<typeof denseNetworkParamsSchema>;
