import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** What a batch is judged by. */
export interface Judged {
  readonly objective: 'classification' | 'regression';
  /** Label, or standardised return. */
  readonly target: Float32Array;
  readonly weight: Float32Array;
}

/**
 * Weighted mean of the log-loss of logits, `max(s, 0) - s y + log(1 + e^-|s|)`, or of half the squared error; into
 * `gradient`, where given, its derivative by each output.
 */
export function networkLoss(
  output: Float32Array,
  { objective, target, weight }: Judged,
  gradient?: Float32Array,
): number {
  let total = 0;
  for (const value of weight) total += value;
  let loss = 0;
  for (let row = 0; row < output.length; row++) {
    const s = output[row]!;
    const share = weight[row]! / total;
    if (objective === 'regression') {
      const missed = s - target[row]!;
      loss += 0.5 * share * missed * missed;
      if (gradient !== undefined) gradient[row] = share * missed;
      continue;
    }
    const small = Math.exp(-Math.abs(s));
    loss += share * (Math.max(s, 0) - s * target[row]! + Math.log1p(small));
    if (gradient !== undefined) gradient[row] = share * ((s >= 0 ? 1 : small) / (1 + small) - target[row]!);
  }
  return loss;
}

/** The same as one operation on tensors: written out it would be a dozen each way. */
export function lossTensor(output: Tensor, judged: Judged): Scalar {
  const op = tf.customGrad((input) => {
    const values = (input as Tensor).dataSync() as Float32Array;
    const gradient = new Float32Array(values.length);
    const value = tf.scalar(networkLoss(values, judged, gradient));
    const gradFunc = (dy: Tensor): Tensor => tf.mul(dy, tf.tensor(gradient, output.shape, 'float32'));
    return { value, gradFunc };
  });
  return op(output) as Scalar;
}
