import { expect, it } from 'vitest';
import { chosenStability, stabilityWords } from './chosen-stability.ts';

const axes = [
  { name: 'fast', values: [5, 10, 20] },
  { name: 'slow', values: [100] },
  { name: 'shorts', values: [true, false] },
];

it('tells of each parameter that was searched what the windows chose', () => {
  const chosen = [10, 10, 5, null, 10].map((fast, at) =>
    fast === null ? null : { fast, slow: 100, shorts: at % 2 === 0, fixed: 'x' },
  );
  const [fast, shorts, ...rest] = chosenStability(axes, chosen);
  expect(rest).toEqual([]);
  // The window that chose nothing is left out: 10, 10, 5, 10.
  expect(fast).toEqual({ parameter: 'fast', mostChosen: 10, windows: 3, of: 4, distinct: 2, searched: 3, changes: 2 });
  expect(shorts).toMatchObject({ parameter: 'shorts', mostChosen: true, windows: 3, changes: 2 });
  expect(stabilityWords(fast!)).toBe('fast: 10 in 3 of 4 windows; 2 of 3 values chosen, 2 changes.');
});

it('of equals names the one that was chosen first, and says nothing where nothing was chosen', () => {
  const chosen = [{ fast: 20 }, { fast: 5 }, { fast: 5 }, { fast: 20 }];
  expect(chosenStability(axes.slice(0, 1), chosen)[0]).toMatchObject({ mostChosen: 20, windows: 2, changes: 2 });
  expect(chosenStability(axes, [null, null])).toEqual([]);
});
