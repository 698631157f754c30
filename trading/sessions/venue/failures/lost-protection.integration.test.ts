import { afterEach, describe, expect, it } from 'vitest';
import type { FaultScript, RequestFault } from '../../../testing/venue/stand-in-faults.ts';
import { NO_FAULTS, statusFault } from '../../../testing/venue/stand-in-faults.ts';
import { sameBooks } from '../../../testing/venue/placing-session.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';

// Every position has a live stop where its strategy asks for one, or is closed (public failures 8 and 14).

let venue: StandInVenue;
const stop = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };

afterEach(async () => {
  await venue.stop();
});

/** From the second order on, the next `count` are refused. */
function refusing(count: number, fault: RequestFault): FaultScript {
  let posts = 0;
  return {
    ...NO_FAULTS,
    request: (method) => (method === 'POST' && ++posts > 1 && posts <= 1 + count ? fault : null),
  };
}

async function bought(): Promise<SessionInHand> {
  const session = await sessionInHand(venue, { protection: stop });
  session.close('BUY');
  await session.until('it is filled', () => session.record.fills.length > 0);
  return session;
}

describe('a stop', () => {
  it('that would trigger immediately becomes an exit (iilunin/crypto-bot 22)', async () => {
    venue = await venueInHand();
    venue.faults = refusing(1, statusFault(422, 'stop price must be less than current price'));
    const session = await bought();
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n && venue.books.executions.length === 2);
    await sameBooks(session, 0);
    expect(venue.books.orders.map(({ type, side }) => [type, side])).toEqual([
      ['market', 'buy'],
      ['market', 'sell'],
    ]);
    const result = await session.end();
    expect(result.refusals.map(({ code }) => code)).toContain('protection-ended');
  });

  it('that the venue cancels by itself is placed again', async () => {
    venue = await venueInHand();
    const session = await bought();
    const stops = () => venue.books.orders.filter(({ type }) => type === 'stop');
    await session.until('a stop rests', () => stops().length === 1);
    await session.settled();
    venue.books.cancel(stops()[0]!.id);
    await session.until('another rests', () => stops().length === 2);
    await sameBooks(session, 10);
    expect(venue.books.open('AAPL').map(({ type }) => type)).toEqual(['stop']);
    await session.end();
  });

  it('and an exit that are refused again and again end in words, within a bound', async () => {
    venue = await venueInHand();
    venue.faults = refusing(Infinity, statusFault(403, 'account is restricted'));
    const session = await bought();
    const said = (): boolean => session.record.effects.length > 0 && posts() >= 4;
    const posts = (): number => venue.seen.filter(({ method }) => method === 'POST').length;
    await session.until('it gave up', said);
    await sameBooks(session, 10);
    const before = posts();
    await session.settled();
    expect(posts()).toBe(before);
    expect(before).toBeLessThan(12);
    expect((await session.end()).refusals.map(({ code }) => code)).toContain('bare-position');
  });

  it('whose target is filled is not placed again, though its end is told before', async () => {
    venue = await venueInHand({ partsMax: 1 });
    const session = await sessionInHand(venue, { protection: { ...stop, takeProfit: { percent: 0.1 } } });
    session.close('BUY');
    await session.until('both rest', () => venue.books.open('AAPL').length === 2);
    await session.settled();
    // The end of the stop comes first, the fill of the target after it.
    venue.faults = { ...NO_FAULTS, message: (event) => (event === 'fill' ? 'reorder' : null) };
    venue.books.trade('AAPL', '120');
    await session.until('it is flat', () => session.record.fills.length === 2);
    venue.faults = NO_FAULTS;
    await sameBooks(session, 0);
    expect(venue.books.orders.filter(({ side }) => side === 'sell')).toHaveLength(2);
    await session.end();
  });
});
