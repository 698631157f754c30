import type { Random } from '../../../infra/random.ts';

/** A weight of a network by name: its shape, how it starts, and whether the squared penalty holds it down. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** `forget-bias`: zeros, but ones in the second quarter, so that an LSTM begins by remembering (Gers et al. 2000). */
  readonly start: 'glorot' | 'orthogonal' | 'small' | 'zeros' | 'ones' | 'forget-bias';
}

/** Numbers in a weight. */
export function sizeOf({ shape }: Pick<WeightShape, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Columns of blocks of `rows`: each block is a random orthogonal matrix (Saxe et al. 2014) by Gram and Schmidt. */
function orthogonal(rows: number, columns: number, random: Random): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let block = 0; block < columns; block += rows) {
    const count = Math.min(rows, columns - block);
    const basis: Float64Array[] = [];
    for (let i = 0; i < count; i++) {
      const vector = Float64Array.from({ length: rows }, () => random.normal());
      for (const other of basis) {
        const overlap = vector.reduce((sum, value, k) => sum + value * other[k]!, 0);
        for (let k = 0; k < rows; k++) vector[k]! -= overlap * other[k]!;
      }
      const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
      basis.push(vector.map((value) => value / length));
    }
    basis.forEach((vector, i) => vector.forEach((value, k) => (out[k * columns + block + i] = value)));
  }
  return out;
}

/**
 * The weights a training begins with; the stream of each is its own, so that one more layer leaves the others as they
 * were.
 */
export function initialWeights(shapes: readonly WeightShape[], random: Random): Float32Array[] {
  return shapes.map((weight) => {
    const { name, shape, start } = weight;
    const stream = random.fork(name);
    const size = sizeOf(weight);
    if (start === 'zeros') return new Float32Array(size);
    if (start === 'ones') return new Float32Array(size).fill(1);
    if (start === 'forget-bias') return new Float32Array(size).fill(1, size / 4, size / 2);
    if (start === 'orthogonal') return orthogonal(shape[0]!, shape[1]!, stream);
    if (start === 'small') return Float32Array.from({ length: size }, () => 0.02 * stream.normal());
    const limit = Math.sqrt(6 / (shape[0]! + shape[1]!));
    return Float32Array.from({ length: size }, () => limit * (2 * stream.next() - 1));
  });
}
