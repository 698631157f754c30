import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { gramOf, problemOf, stretchesOf, type RowStretches } from './linear-problem.ts';

const WIDTH = 5;
const SIZE = WIDTH + 1;

/** `Z' W Z` by its definition, row after row. */
function gramByRows(z: Float64Array, weight: Float64Array): Float64Array {
  const gram = new Float64Array(SIZE * SIZE);
  weight.forEach((w, row) => {
    const values = [...z.subarray(row * WIDTH, (row + 1) * WIDTH), 1];
    for (let i = 0; i < SIZE; i++) {
      for (let j = 0; j < SIZE; j++) {
        // The larger place comes first: a product of three depends on its order.
        const [high, low] = [values[Math.max(i, j)]!, values[Math.min(i, j)]!];
        gram[i * SIZE + j]! += i === WIDTH || j === WIDTH ? w * low : w * high * low;
      }
    }
  });
  return gram;
}

describe('the Gram matrix', () => {
  it('is the sum row by row to the last bit, however many rows are added at a time', () => {
    const random = createRandom(5);
    for (let rows = 1; rows <= 13; rows++) {
      const z = Float64Array.from({ length: rows * WIDTH }, () => random.normal());
      const weight = Float64Array.from({ length: rows }, () => random.next());
      const pairs: RowStretches = {
        each: (use) => {
          for (let from = 0; from < rows; from += 6) use(z.subarray(from * WIDTH), from, Math.min(rows, from + 6));
        },
      };
      for (const stretches of [stretchesOf(z, rows), pairs]) {
        const problem = problemOf(stretches, WIDTH, { y: new Float64Array(rows), weight });
        expect(gramOf(problem, weight)).toEqual(gramByRows(z, weight));
      }
    }
  });
});
