import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Random } from '../../../../infra/random.ts';

/** Dropout by masks of our own generator: the library's layer repeats one mask for ever when it is seeded. */
export function dropped(values: Tensor, rate: number, random: Random): Tensor {
  const mask = new Float32Array(values.size);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = random.next() < rate ? 0 : kept;
  return tf.mul(values, tf.tensor(mask, values.shape, 'float32'));
}
