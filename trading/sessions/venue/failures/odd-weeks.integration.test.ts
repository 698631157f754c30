import { describe, expect, it } from 'vitest';
import { ODD_WEEKS, SPLITS } from '../../../testing/venue/week/week-plan.ts';
import { runSimulatedWeek, type WeekOptions } from '../../../testing/venue/week/simulated-week.ts';

// Weeks whose clock is passed in; `prove week` runs all of them with each kind of exit and each split.
const CASES: readonly [string, Omit<WeekOptions, 'seed'>][] = [
  ['March, a split under a stop', { week: ODD_WEEKS[0], split: SPLITS[0]!, exits: 'stop' }],
  ['November, a reverse split under a stop and a target', { week: ODD_WEEKS[1], split: SPLITS[2]!, exits: 'pair' }],
  ['Thanksgiving, a reverse split under orders of its own', { week: ODD_WEEKS[2], split: SPLITS[2]!, exits: 'own' }],
];

// Orders for the next price are decided at every close, the last of a day too.
const LATE: Omit<WeekOptions, 'seed'> = { week: ODD_WEEKS[1], split: SPLITS[0]!, exits: 'pair', clockAnswerMs: 60_000 };

describe('a week at Alpaca', () => {
  it.each(CASES)('%s: no order outside hours, none lost, the books equal', async (_name, options) => {
    const books = await runSimulatedWeek({ ...options, seed: 1 });
    expect(books.ours).toEqual(books.theirs);
    expect(books.ourPositions).toEqual(books.theirPositions);
    expect(books.ourCash).toBe(books.theirCash);
    expect(books).toMatchObject({ twice: 0, outsideHours: 0, lost: [], empty: 0, bare: [] });
    expect(books.heldThroughSplit).toBeGreaterThan(0);
    // Prices of orders are those of the market, also after the split.
    expect(books.notes.filter((note) => note.includes('base_price'))).toEqual([]);
  });

  it('no order outside hours, though what was measured of its clock may be half a minute wrong', async () => {
    const books = await runSimulatedWeek({ ...LATE, seed: 1 });
    expect(books.ours).toEqual(books.theirs);
    expect(books).toMatchObject({ twice: 0, outsideHours: 0, lost: [], bare: [] });
    expect(books.orders).toBeGreaterThan(20);
  });
});
