import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The numbers of a tensor that `make` computes; nothing stays on the backend. An array must not leave `tidy` itself:
 * tidy looks for tensors in every element of it, which takes longer than the products of a small network.
 */
export function numbersOf(make: () => Tensor): Float32Array {
  const tensor = tf.tidy(make);
  const numbers = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return numbers;
}
