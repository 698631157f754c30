import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { ZodType } from 'zod';
import type { Random } from '../../../../infra/random.ts';
import type { WeightShape } from '../initial-weights.ts';
import type { NetworkForward } from '../network-predictions.ts';
import type { NetworkSettings } from '../network-settings.ts';

/** A kind of network that reads the last rows of a symbol. */
export interface SequenceArchitecture<Params extends NetworkSettings> {
  readonly kind: string;
  readonly formatVersion: number;
  readonly params: ZodType<Params>;
  /** Rows that a prediction looks at. */
  window(params: Params): number;
  weights(width: number, params: Params): readonly WeightShape[];
  forward(width: number, params: Params, weights: readonly Float32Array[]): NetworkForward;
  /** The same network on TensorFlow.js, for training; loaded only then (0.7 s of processor time). */
  graph(): Promise<SequenceGraph<Params>>;
}

/**
 * The differentiable form of an architecture: maps a batch of windows (`[rows, window, width]`) to `[rows, 1]` by
 * `weights`, one variable per entry of the architecture's `weights`. `random` is given while training, for dropout.
 */
export type SequenceGraph<Params> = (
  weights: readonly Variable[],
  size: { readonly width: number; readonly window: number; readonly params: Params },
) => (batch: Tensor, random: Random | null) => Tensor;
