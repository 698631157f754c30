import type { CrossFeature } from '../kernel.ts';

/** Ranks scaled to [0, 1]; equal values share the mean of their ranks; 0.5 for a symbol that stands alone. */
function rankInPlace(values: Float64Array, count: number): void {
  const present = values.subarray(0, count);
  const sorted = present.slice().sort();
  if (count === 1) {
    present[0] = 0.5;
    return;
  }
  const firstIndex = new Map<number, number>();
  const lastIndex = new Map<number, number>();
  sorted.forEach((value, i) => {
    if (!firstIndex.has(value)) firstIndex.set(value, i);
    lastIndex.set(value, i);
  });
  for (let i = 0; i < count; i++) {
    const value = present[i]!;
    present[i] = (firstIndex.get(value)! + lastIndex.get(value)!) / (2 * (count - 1));
  }
}

export const rank: CrossFeature = {
  name: 'rank',
  version: 1,
  source:
    'Rank of the value among the symbols of the universe that have one at that time, in [0, 1]; ties share the mean rank.',
  inputs: 'cross',
  parameters: [],
  warmUp: () => 0,
  combine: (values, count) => rankInPlace(values, count),
};
