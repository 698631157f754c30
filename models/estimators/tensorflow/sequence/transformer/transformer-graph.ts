import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { Random } from '../../../../../infra/random.ts';
import { attend, attendBack, sharesOf } from './attention.ts';
import type { AttentionSize } from './attention.ts';
import { dropped } from '../dropout.ts';
import { normaliseBack, normaliseRow } from './layer-norm.ts';
import type { SequenceGraph } from '../sequence-architecture.ts';
import { EMBEDDING_WEIGHTS, LAYER_WEIGHTS } from './transformer-params.ts';
import type { TransformerEncoderParams } from './transformer-params.ts';

/** Layer normalisation of each row of `[rows, units]`: one loop each way, where the library's operations are nine. */
function normalised(x: Tensor2D, scale: Tensor, shift: Tensor): Tensor2D {
  const units = x.shape[1];
  const op = tf.customGrad((...inputs) => {
    const [a, b, c] = inputs as Tensor[];
    const values = a!.dataSync() as Float32Array;
    const scales = b!.dataSync() as Float32Array;
    const out = new Float32Array(values.length);
    const weights = { scale: scales, shift: c!.dataSync() as Float32Array };
    for (let from = 0; from < out.length; from += units) {
      normaliseRow({ values, from }, weights, { values: out, from });
    }
    const gradFunc = (dy: Tensor): Tensor[] => {
      const gradient = {
        dOut: dy.dataSync() as Float32Array,
        dIn: new Float32Array(values.length),
        dScale: new Float32Array(units),
        dShift: new Float32Array(units),
      };
      for (let from = 0; from < values.length; from += units) normaliseBack({ values, from }, scales, gradient);
      return [tf.tensor2d(gradient.dIn, x.shape), tf.tensor1d(gradient.dScale), tf.tensor1d(gradient.dShift)];
    };
    return { value: tf.tensor2d(out, x.shape), gradFunc };
  });
  return op(x, scale, shift) as Tensor2D;
}

/** Attention of each window of `[windows * rows, 3 units]`, giving `[windows * queries, units]`. */
function attended(qkv: Tensor2D, windows: number, size: AttentionSize): Tensor2D {
  const { window, units, firstQuery } = size;
  const queries = window - firstQuery;
  const shareCount = sharesOf(size);
  const op = tf.customGrad((...inputs) => {
    const [input] = inputs as Tensor[];
    const values = input!.dataSync() as Float32Array;
    const out = new Float32Array(windows * queries * units);
    const shares = new Float32Array(windows * shareCount);
    for (let w = 0; w < windows; w++) {
      const source = { qkv: values, from: w * window * 3 * units };
      attend(size, source, { out, to: w * queries * units, shares, sharesAt: w * shareCount });
    }
    const gradFunc = (dy: Tensor): Tensor => {
      const dQkv = new Float32Array(values.length);
      const dOut = dy.dataSync() as Float32Array;
      for (let w = 0; w < windows; w++) {
        const seen = { qkv: values, from: w * window * 3 * units, shares, sharesAt: w * shareCount };
        attendBack(size, seen, { dOut, to: w * queries * units, dQkv });
      }
      return tf.tensor2d(dQkv, qkv.shape);
    };
    return { value: tf.tensor2d(out, [windows * queries, units]), gradFunc };
  });
  return op(qkv) as Tensor2D;
}

function linear(
  a: Tensor2D,
  weights: readonly Variable[],
  at: number,
  activation: 'linear' | 'relu' = 'linear',
): Tensor2D {
  const b = weights[at] as unknown as Tensor2D;
  return tf.fused.matMul({
    a,
    b,
    transposeA: false,
    transposeB: false,
    bias: weights[at + 1]!,
    activation,
  }) as Tensor2D;
}

/** Rows `[windows, first.., units]` of `[windows * window, units]`. */
function lastRows(x: Tensor2D, windows: number, size: AttentionSize): Tensor2D {
  const { window, units, firstQuery } = size;
  if (firstQuery === 0) return x;
  const queries = window - firstQuery;
  const cut = tf.slice(tf.reshape(x, [windows, window, units]), [0, firstQuery, 0], [windows, queries, units]);
  return tf.reshape(cut, [windows * queries, units]) as Tensor2D;
}

/**
 * The encoder on tensors; its products run on the backend, normalisation and attention are plain loops with written
 * gradients.
 */
export const transformerGraph: SequenceGraph<TransformerEncoderParams> = (weights, { width, window, params }) => {
  const { units, heads, layers, dropout } = params;
  const kept = (x: Tensor, random: Random | null): Tensor2D =>
    (random !== null && dropout > 0 ? dropped(x, dropout, random) : x) as Tensor2D;
  return (batch, random) => {
    const windows = batch.shape[0]!;
    const flat = tf.reshape(batch, [windows * window, width]) as Tensor2D;
    const placed = tf.add(tf.reshape(linear(flat, weights, 0), [windows, window, units]), weights[2]!);
    let x = tf.reshape(placed, [windows * window, units]) as Tensor2D;
    for (let layer = 0; layer < layers; layer++) {
      const first = EMBEDDING_WEIGHTS + layer * LAYER_WEIGHTS;
      const size = { window, units, heads, firstQuery: layer === layers - 1 ? window - 1 : 0 };
      const qkv = linear(normalised(x, weights[first]!, weights[first + 1]!), weights, first + 2);
      const joined = linear(attended(qkv, windows, size), weights, first + 4);
      x = tf.add(lastRows(x, windows, size), kept(joined, random)) as Tensor2D;
      const hidden = linear(normalised(x, weights[first + 6]!, weights[first + 7]!), weights, first + 8, 'relu');
      x = tf.add(x, kept(linear(hidden, weights, first + 10), random)) as Tensor2D;
    }
    const last = weights.length - 4;
    return linear(normalised(x, weights[last]!, weights[last + 1]!), weights, last + 2);
  };
};
