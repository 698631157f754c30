import { afterEach, describe, expect, it } from 'vitest';
import { NO_FAULTS } from '../../../testing/venue/stand-in-faults.ts';
import { amountOf, type StandInOrder } from '../../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';
import { sameBooks } from '../../../testing/venue/placing-session.ts';
import { sessionInHand, venueInHand } from '../../../testing/venue/session-in-hand.ts';

// A stop that was triggered, and that Alpaca replaces by a limit order of its own: another order, of another name.

type Session = Awaited<ReturnType<typeof sessionInHand<StandInVenue>>>;

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const protection = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
const open = (): StandInOrder[] => venue.books.open('AAPL');
const sales = (): StandInOrder[] => venue.books.orders.filter(({ side }) => side === 'sell');
const rests = (): string =>
  open()
    .map(({ type, qty }) => `${type} ${amountOf(qty)}`)
    .join('; ');

async function stopped(): Promise<Session> {
  venue = await venueInHand({ cancelMs: 10 });
  const session = await sessionInHand(venue, { protection });
  session.close('BUY');
  await session.until('a stop rests', () => rests() === 'stop 10');
  await session.settled();
  return session;
}

/** The market falls through the stop: it is replaced by a limit, at which nobody buys for now. */
function supersede(): void {
  venue.books.supersede(open()[0]!, '92');
  venue.books.prices.set('AAPL', 89_000_000_000n);
}

async function soldAll(session: Session): Promise<void> {
  venue.books.trade('AAPL', '93');
  await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
  await sameBooks(session, 0);
  expect(sales()).toHaveLength(2);
  expect(session.edge.working).toEqual([]);
  expect((await session.end()).refusals).toEqual([]);
}

describe('a triggered stop that Alpaca replaces by a limit order', () => {
  it('is the same order: nothing else is placed, and what is executed of it is its own', async () => {
    const session = await stopped();
    supersede();
    await session.settled();
    expect(rests()).toBe('limit 10');
    expect(session.record.fills).toHaveLength(1);
    await soldAll(session);
  });

  it('is so, too, where the stream says nothing of it', async () => {
    const session = await stopped();
    venue.faults = { ...NO_FAULTS, message: () => 'skip' };
    supersede();
    venue.books.trade('AAPL', '93');
    await session.until('it is booked', () => session.record.fills.length === 2);
    venue.faults = NO_FAULTS;
    await soldAll(session);
  });

  it('is so, too, where that happened while the session was down, and a part of each was executed', async () => {
    const before = await stopped();
    await before.end();
    venue.books.fill(open()[0]!, '3', '90');
    supersede();
    venue.books.fill(open()[0]!, '2', '92');
    const session = await sessionInHand(venue, { protection, before });
    await session.until('both are booked', () => session.record.fills.length === 3);
    await session.settled();
    expect(rests()).toBe('limit 7');
    await soldAll(session);
  });

  it('gives way to an exit by its new name', async () => {
    const session = await stopped();
    supersede();
    await session.settled();
    session.close('SELL');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await sameBooks(session, 0);
    expect(open()).toEqual([]);
    expect(sales().map(({ type, status }) => [type, status])).toEqual([
      ['stop', 'replaced'],
      ['limit', 'canceled'],
      ['market', 'filled'],
    ]);
    expect((await session.end()).refusals).toEqual([]);
  });
});
