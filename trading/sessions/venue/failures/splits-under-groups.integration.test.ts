import { describe, expect, it } from 'vitest';
import { bracket, type PlaceOrder } from '../../../orders/order-request.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { sessionInHand, venueInHand } from '../../../testing/venue/session-in-hand.ts';
import { NO_FAULTS } from '../../../testing/venue/stand-in-faults.ts';
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

describe('exits that left with their entry, and are placed anew after a reverse split', () => {
  it('end each other, too, where the answer to the change of one was lost', async () => {
    const venue = await venueInHand();
    const entry: PlaceOrder = { ...buy, type: 'limit', limit: 100 };
    const strategy = placing([bracket(entry, { stop: 80, target: 130 })]);
    venue.books.trade('AAPL', '101');
    const session = await sessionInHand(venue, { strategy });
    session.close('HOLD');
    await session.until('it rests', () => venue.books.open('AAPL').length === 3);
    venue.books.trade('AAPL', '99');
    await session.until('it is bought', () => session.record.fills.length === 1);
    await session.settled();
    const stop = venue.books.open('AAPL').find(({ type }) => type === 'stop')!;
    const ofStop = (method: string, path: string): boolean => method === 'PATCH' && path.includes(stop.id);
    venue.faults = {
      ...NO_FAULTS,
      request: (method, path) => (ofStop(method, path) ? { kind: 'hang', when: 'before' } : null),
    };
    // Nothing is traded in the night of the split.
    venue.books.market.halted.add('AAPL');
    session.edge.know([{ symbol: 0, ratio: 0.2 }]);
    venue.books.split('AAPL', { to: 1n, from: 5n });
    const rests = (): string[] => venue.books.open('AAPL').map(({ type, qty }) => `${type} ${qty / 1_000_000_000n}`);
    await session.until('both rest anew', () => rests().join() === 'limit 2,stop 2');
    await session.settled();
    venue.books.market.halted.clear();
    venue.books.trade('AAPL', '650');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await session.settled();
    expect(session.edge.working).toEqual([]);
    await session.end();
    await venue.stop();
  });
});
