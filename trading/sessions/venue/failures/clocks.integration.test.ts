import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../../features/timeframe.ts';
import { buy, sell } from '../../../testing/venue/scripted-strategy.ts';
import { GROUND_NAMES, GROUNDS } from '../../../testing/venue/faults/trading-ground.ts';
import { failing, NO_FAULTS } from '../../../testing/venue/stand-in-faults.ts';

// Clocks that are put while an order is out: nothing waits for as long as that, and nothing is found twice or lost.

const STEPS = [-HOUR_MS, -5_000, 5_000, HOUR_MS];

describe.each(GROUND_NAMES)('a session at %s', (venue) => {
  it.concurrent.each([
    ...STEPS.map((stepMs) => ['our clock', stepMs] as const),
    ...STEPS.map((stepMs) => ["the venue's clock", stepMs] as const),
  ])('of which %s is put by %i ms has the books of its venue', async (whose, stepMs) => {
    const putMs = { ours: 0, theirs: 0 };
    const ground = await GROUNDS[venue](
      { clock: () => Date.now() + putMs.theirs },
      { clock: () => Date.now() + putMs.ours, steady: () => Date.now() },
    );
    try {
      for (const order of [buy, sell]) {
        // Only asking tells of it.
        const lost = failing({ method: 'POST' }, { kind: 'hang', when: 'after' });
        ground.venue.faults = { ...lost, message: () => 'skip' };
        await ground.does(order);
        await ground.session.until('it is executed', () => ground.books.held() === (order === buy ? 10 : 0));
        if (order === buy) putMs[whose === 'our clock' ? 'ours' : 'theirs'] = stepMs;
        await ground.session.settled();
        const { ours, theirs, heldHere, heldThere, twice } = await ground.comesOut();
        expect(ours).toEqual(theirs);
        expect(heldHere).toBeCloseTo(heldThere, 8);
        expect(twice).toBe(0);
      }
      ground.venue.faults = NO_FAULTS;
    } finally {
      await ground.end();
    }
  });
});
