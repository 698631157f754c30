import { z } from 'zod';
import { trainingShape } from '../../network-settings.ts';

export const lstmNetworkParamsSchema = z.strictObject({
  /** Rows of a symbol that are read, the predicted one last. */
  window: z.int().min(2).max(512).default(20),
  /** Width of state and output. */
  units: z.int().min(1).max(512).default(24),
  ...trainingShape,
});

export type LstmNetworkParams = z.infer<typeof lstmNetworkParamsSchema>;
