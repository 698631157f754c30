import { expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { sortedValues } from '../estimators/trees/sorted-values.ts';
import { ascendingOrder } from './ascending-order.ts';

const random = createRandom(5);
const columns: Readonly<Record<string, () => number>> = {
  normal: () => random.normal(),
  'with many ties': () => Math.floor(random.next() * 7),
  'with far outliers': () => 1 / (random.next() - 0.5) ** 3,
  constant: () => 3,
  tiny: () => 5e-324 * random.integer(3),
  huge: () => 1e308 * (random.next() - 0.5) * 2,
  'with infinities': () => (random.next() < 0.1 ? Infinity : random.normal()),
};

it('puts what is no number last', () => {
  const values = Float64Array.of(3, NaN, 1, Infinity, NaN, -Infinity, 2, Infinity);
  expect([...ascendingOrder(values)]).toEqual([5, 2, 6, 0, 3, 7, 1, 4]);
});

it.each(Object.keys(columns))('orders values as a comparing sort does: %s', (name) => {
  for (const length of [0, 1, 2, 3000]) {
    const values = Float64Array.from({ length }, columns[name]!);
    const expected = Int32Array.from(values.keys()).sort((i, j) =>
      values[i]! < values[j]! ? -1 : values[i]! > values[j]! ? 1 : 0,
    );
    if (name !== 'with infinities') expect(ascendingOrder(values)).toEqual(expected);
    else expect(ascendingOrder(values).map((i) => values[i]!)).toEqual(expected.map((i) => values[i]!));
    expect(sortedValues(values)).toEqual(Float64Array.from(expected, (i) => values[i]!));
  }
});
