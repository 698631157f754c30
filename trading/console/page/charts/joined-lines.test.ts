import { expect, it } from 'vitest';
import { joinedLines } from './joined-lines.ts';

it('puts lines of different moments on one axis, each with its own values', () => {
  const joined = joinedLines([
    { time: [1, 3, 5], value: [10, null, 50] },
    { time: [0, 3], value: [-1, -3] },
  ]);
  expect(joined).toEqual({
    time: [0, 1, 3, 5],
    values: [
      [null, 10, null, 50],
      [-1, null, -3, null],
    ],
  });
  expect(joinedLines([])).toEqual({ time: [], values: [] });
});
