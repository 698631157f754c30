import { z } from 'zod';

/** How a network is trained: the same keys for every kind, each kind with its own defaults. */
export const trainingShape = {
  /**
   * `classification` learns the label; `regression` learns the realised return over the label's horizon and says from
   * it how likely a positive one is.
   */
  objective: z.enum(['classification', 'regression']).default('classification'),
  /** Most passes over the rows; early stopping usually ends sooner. */
  epochs: z.int().positive().max(10_000).default(60),
  batchSize: z.int().positive().default(256),
  learningRate: z.number().positive().default(0.003),
  /** Share of hidden units left out at random in each training step. */
  dropout: z.number().min(0).max(0.9).default(0.2),
  /** Penalty on the squared kernel weights. */
  l2: z.number().min(0).default(0.001),
  /** Share of the rows at the end of the training time, purged, that early stopping judges by; 0 trains all epochs. */
  validationFraction: z.number().min(0).max(0.5).default(0.15),
  patience: z.int().min(1).default(8),
  /** `auto` takes the backend the run has chosen; without one the native backend where it is built, else wasm. */
  backend: z.enum(['auto', 'wasm', 'native']).default('auto'),
};

/** Settings that every network has. */
export type NetworkSettings = z.infer<z.ZodObject<typeof trainingShape>>;
