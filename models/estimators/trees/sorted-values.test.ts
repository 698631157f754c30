import { expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { sortedValues, valuesAt } from './sorted-values.ts';

const random = createRandom(4);
const of = (count: number, value: () => number): Float64Array => Float64Array.from({ length: count }, value);

const CASES: readonly (readonly [string, Float64Array])[] = [
  ['even', of(5000, () => random.next())],
  ['normal with far values', of(5000, () => random.normal() * (random.next() < 0.01 ? 1e6 : 1))],
  ['few distinct', of(3000, () => Math.floor(4 * random.next()))],
  ['zeros of both signs', of(400, () => [-0, 0, 1, -1][Math.floor(4 * random.next())]!)],
  ['more than the fewest buckets hold', of(100_000, () => Math.max(-2, Math.min(2, random.normal())))],
  ['many flags', of(50_000, () => (random.next() < 0.3 ? 1 : 0))],
  ['equal', new Float64Array(100).fill(3)],
  ['few', of(7, () => random.normal())],
  ['one', Float64Array.of(2)],
  ['farther apart than a double reaches', of(100, (): number => (random.next() - 0.5) * 1.7e308 * 2)],
];

it.each(CASES)('puts values in order, all or at some places: %s', (_name, values) => {
  const expected = [...values].sort((a, b) => a - b);
  const sorted = sortedValues(values);
  expect([...sorted].map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
  const last = values.length - 1;
  const places = [0, last, last >> 1, (last >> 1) + (last > 0 ? 1 : 0), Math.floor(last / 4), Math.floor(last / 4)];
  expect(valuesAt(values, places)).toEqual(places.map((place) => sorted[place]!));
});
