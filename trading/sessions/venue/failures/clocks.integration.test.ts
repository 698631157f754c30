import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../../features/timeframe.ts';
import { buy, sell } from '../../../testing/venue/scripted-strategy.ts';
import { GROUND_NAMES, GROUNDS } from '../../../testing/venue/faults/trading-ground.ts';
import { failing, NO_FAULTS } from '../../../testing/venue/stand-in-faults.ts';

// Our clock is put while an order is out: nothing waits for as long as that, and nothing is found twice or lost.

const LOST = { kind: 'hang', when: 'after' } as const;
const STEPS = [-HOUR_MS, -MINUTE_MS, -5_000, 5_000, MINUTE_MS, HOUR_MS];

describe.each(GROUND_NAMES)('a session at %s', (venue) => {
  it.concurrent.each(STEPS)('of which our clock is put by %i ms has the books of its venue', async (stepMs) => {
    let putMs = 0;
    const ground = await GROUNDS[venue]({}, { clock: () => Date.now() + putMs, steady: () => Date.now() });
    try {
      for (const order of [buy, sell]) {
        // Only asking tells of it.
        const lost = failing({ method: 'POST', at: (path) => /orders?$/.test(path) }, LOST);
        ground.venue.faults = { ...lost, message: () => 'skip' };
        await ground.does(order);
        await ground.session.until('it is executed', () => ground.books.held() === (order === buy ? 10 : 0));
        if (order === buy) putMs = stepMs;
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
