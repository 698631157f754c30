import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { dropped } from '../dropout.ts';
import type { TemporalConvolutionParams } from './temporal-convolution-params.ts';
import type { SequenceGraph } from '../sequence-architecture.ts';

/** The stack of convolutions on tensors: a level joins `kernelSize` neighbouring rows by one product. */
export const temporalConvolutionGraph: SequenceGraph<TemporalConvolutionParams> = (weights, { width, params }) => {
  const { kernelSize, levels, channels, dropout } = params;
  const weight = (at: number): Tensor2D => weights[at] as unknown as Tensor2D;
  return (batch, random) => {
    let x: Tensor = batch;
    let inputs = width;
    for (let level = 0; level < levels; level++) {
      const first = level === 0 ? 0 : 2 * level + 1;
      const steps = x.size / (kernelSize * inputs);
      const joined = tf.reshape(x, [steps, kernelSize * inputs]) as Tensor2D;
      const convolved = tf.fused.matMul({
        a: joined,
        b: weight(first),
        transposeA: false,
        transposeB: false,
        bias: weights[first + 1]!,
        activation: 'relu',
      });
      const last = tf.slice(joined, [0, (kernelSize - 1) * inputs], [steps, inputs]);
      const own = level === 0 ? tf.matMul(last, weight(2)) : last;
      const kept = random !== null && dropout > 0 ? dropped(convolved, dropout, random) : convolved;
      x = tf.add(kept, own);
      inputs = channels;
    }
    return tf.add(tf.matMul(x as Tensor2D, weight(weights.length - 2)), weights.at(-1)!);
  };
};
