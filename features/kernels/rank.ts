import type { CrossFeature } from '../kernel.ts';
import { above } from '../rounding.ts';

/** Ranks scaled to [0, 1]; equal values share the mean of their ranks; 0.5 for a symbol that stands alone. */
function rankInPlace(values: Float64Array, count: number): void {
  const present = values.subarray(0, count);
  const sorted = present.slice().sort();
  if (count === 1) {
    present[0] = 0.5;
    return;
  }
  const place = new Map<number, number>();
  for (let from = 0, to = 0; from < count; from = to) {
    while (to < count && !above(sorted[to]!, sorted[from]!)) to += 1;
    for (let i = from; i < to; i++) place.set(sorted[i]!, (from + to - 1) / (2 * (count - 1)));
  }
  for (let i = 0; i < count; i++) present[i] = place.get(present[i]!)!;
}

export const rank: CrossFeature = {
  name: 'rank',
  version: 2,
  source:
    'Rank of the value among the symbols of the universe that have one at that time, in [0, 1]; ties share the mean rank.',
  inputs: 'cross',
  parameters: [],
  warmUp: () => 0,
  combine: (values, count) => rankInPlace(values, count),
};
