import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../../features/timeframe.ts';
import { buy, sell } from '../../../testing/venue/scripted-strategy.ts';
import { GROUND_NAMES, GROUNDS } from '../../../testing/venue/faults/trading-ground.ts';
import { sessionInHand, venueInHand } from '../../../testing/venue/session-in-hand.ts';
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

describe('a position that nobody ordered', () => {
  /** Ten shares are bought; then more are held there, and nobody says why. */
  const bought = async (clock: () => number, onBought: () => void) => {
    const venue = await venueInHand();
    const options = { clock, steady: () => Date.now() };
    const session = await sessionInHand(venue, options);
    session.close('BUY');
    await session.until('it is bought', () => session.edge.held(0) === 10);
    await session.settled();
    onBought();
    const appears = (): void => {
      const { qty, cost } = venue.books.positions.get('AAPL')!;
      venue.books.positions.set('AAPL', { qty: qty + 5_000_000_000n, cost });
    };
    return { venue, session, options, appears };
  };

  it.each(STEPS)('halts, though our clock was put by %i ms after the last execution', async (stepMs) => {
    let putMs = 0;
    const { venue, session, appears } = await bought(
      () => Date.now() + putMs,
      () => (putMs = stepMs),
    );
    appears();
    await session.until('it is seen', () => session.notes.some((note) => note.includes('differ')));
    const codes = (await session.end()).refusals.map(({ code }) => code);
    await venue.stop();
    expect(codes).toContain('position-difference');
  });

  it('halts, though our clock was put back while the session was down', async () => {
    let putMs = 0;
    const clock = (): number => Date.now() + putMs;
    const first = await bought(clock, () => (putMs = HOUR_MS));
    await first.session.until('it is seen', () => first.session.notes.some((note) => note.includes('clock was put')));
    await first.session.settled();
    await first.session.end();
    putMs = 0;
    const { record, words } = first.session;
    const again = await sessionInHand(first.venue, { ...first.options, before: { record, words } });
    await again.until('it is ready', () => again.edge.ready);
    first.appears();
    await again.until('it is seen', () => again.notes.some((note) => note.includes('differ')));
    const codes = (await again.end()).refusals.map(({ code }) => code);
    await first.venue.stop();
    expect(codes).toContain('position-difference');
  });
});
