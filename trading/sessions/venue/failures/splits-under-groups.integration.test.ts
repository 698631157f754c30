import { describe, expect, it } from 'vitest';
import { ODD_WEEKS, SPLITS } from '../../../testing/venue/week/week-plan.ts';
import { runSimulatedWeek, type WeekOptions } from '../../../testing/venue/week/simulated-week.ts';

// Alpaca restates what rests alone until it is cancelled when shares are split, and nothing that hangs together.

/** Exits through a split of four for one, and how many orders we have to change because the venue did not. */
const CASES: readonly [string, WeekOptions['exits'], number][] = [
  ['a stop and a target of a position, in two symbols, are changed by us, each once', 'pair', 4],
  ['both exits of a bracket are changed by us, and the limit that rests alone is not', 'own', 2],
  ['a stop that rests alone is restated there: nothing is changed', 'stop', 0],
];

describe('a split', () => {
  it.each(CASES)('%s', async (_name, exits, changed) => {
    const books = await runSimulatedWeek({ week: ODD_WEEKS[0], split: SPLITS[0]!, exits, seed: 1 });
    expect(books.restated).toBe(changed);
    expect(books.heldThroughSplit).toBeGreaterThan(0);
    expect(books.ours).toEqual(books.theirs);
    expect(books.ourPositions).toEqual(books.theirPositions);
    expect(books).toMatchObject({ twice: 0, lost: [], empty: 0, bare: [] });
  });
});
