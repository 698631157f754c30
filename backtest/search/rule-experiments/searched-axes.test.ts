import { expect, it } from 'vitest';
import { searchedAxes } from './searched-axes.ts';

const valuesOf = (range: object): unknown => searchedAxes({ space: { a: range } as never })[0]!.values;

it.each([
  [{ choice: ['x', 2, true] }, ['x', 2, true]],
  [{ int: [3, 6] }, [3, 4, 5, 6]],
  [{ int: [0, 100] }, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]],
  [{ int: [5, 21], step: 5 }, [5, 10, 15, 20]],
  [{ float: [1, 1.3], step: 0.1 }, [1, 1.1, 1.2, 1.3]],
  [{ float: [0, 1] }, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
])('the values of %j', (range, values) => {
  expect(valuesOf(range)).toEqual(values);
});

it('goes from end to end of a logarithmic range, each value as many times the one before', () => {
  const values = valuesOf({ log: [0.001, 1] }) as number[];
  expect([values.length, values[0], values.at(-1)]).toEqual([11, 0.001, 1]);
  values.slice(1).forEach((value, at) => expect(value / values[at]!).toBeCloseTo(10 ** 0.3, 9));
});

it('refuses a range of too many values by its address', () => {
  expect(() => valuesOf({ float: [0, 1], step: 1e-5 })).toThrow(/search\.space\.a has 100001 values/);
});
