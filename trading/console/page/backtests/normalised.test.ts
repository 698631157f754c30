import { expect, it } from 'vitest';
import { normalised } from './normalised.ts';

it('puts runs of other days and sizes on one axis, from 1, and says nothing where one is not', () => {
  const { timeMs, values } = normalised([
    { timeMs: [1, 2, 3], equity: [100, 110, 90] },
    { timeMs: [2, 4], equity: [50, 25] },
  ]);
  expect(timeMs).toEqual([1, 2, 3, 4]);
  expect(values).toEqual([
    [1, 1.1, 0.9, null],
    [null, 1, 1, 0.5],
  ]);
});
