import { afterEach, describe, expect, it } from 'vitest';
import { heldAt } from '../../testing/venue/placing-session.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { foreignAsked, reconciliationOf, type VenuePlan } from './venue-plan.ts';

// What is at the venue and was not ordered by the session: adopted, adjusted, or the end of it.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const adopting = reconciliationOf({ foreign: foreignAsked('adopt') } as VenuePlan);
const refusing = reconciliationOf({ foreign: foreignAsked() } as VenuePlan);
const codes = async (session: SessionInHand): Promise<string[]> =>
  (await session.end()).refusals.map(({ code }) => code);
const booked = ({ record }: SessionInHand): number => record.fills.reduce((sum, { quantity }) => sum + quantity, 0);

async function ready(rule: typeof adopting): Promise<SessionInHand> {
  const session = await sessionInHand(venue, { reconciliation: rule, lot: 0.001 });
  session.close('HOLD');
  await session.until('it is ready', () => session.edge.ready && session.record.bars.length === 1);
  return session;
}

/** So much more is held there, and nobody says why. */
function appears(qty: bigint): void {
  const position = venue.books.positions.get('AAPL') ?? { qty: 0n, cost: 0n };
  venue.books.positions.set('AAPL', { qty: position.qty + qty, cost: position.cost + qty * 100n });
}

describe('what is not ours', () => {
  it('is booked as external where that was asked for, and the session goes on', async () => {
    venue = await venueInHand();
    const session = await ready(adopting);
    venue.books.submit({ client_order_id: 'by-hand', symbol: 'AAPL', side: 'buy', qty: '5', type: 'market' });
    await session.until('it is booked', () => booked(session) === 5);
    appears(7_000_000_000n);
    await session.until('that is booked', () => booked(session) === 12);
    session.close('SELL');
    await session.until('all of it is sold', () => heldAt(session) === 0);
    await session.settled();
    expect(booked(session)).toBe(0);
    expect(await codes(session)).toEqual(['external-fill', 'position-adopted']);
  });

  it('is adjusted where it is worth next to nothing, and halts where that goes on', async () => {
    venue = await venueInHand();
    const session = await ready(refusing);
    for (let times = 1; times <= 4; times++) {
      appears(1_000_000n);
      await session.until('it is seen', () => session.notes.filter((note) => note.includes('differ')).length === times);
    }
    expect(booked(session)).toBeCloseTo(0.003, 9);
    const small = ['small-difference', 'small-difference', 'small-difference'];
    expect(await codes(session)).toEqual([...small, 'position-difference']);
  });

  it('is no word for --foreign but two', () => {
    expect(() => foreignAsked('ignore')).toThrow(/neither adopt nor refuse/);
  });
});

describe('a fee that is taken in coins', () => {
  it('is booked once, as what its units are worth, and halts nothing', async () => {
    venue = await venueInHand();
    const session = await ready(refusing);
    session.close('BUY');
    await session.until('it is bought', () => booked(session) === 10);
    venue.books.charge('AAPL', '0.025');
    await session.until('it is booked', () => booked(session) === 9.975);
    await session.settled();
    const fee = session.record.fills.at(-1)!;
    expect(fee.fee).toBeCloseTo(-fee.quantity * fee.price, 9);
    expect(await codes(session)).toEqual(['coin-fee']);
  });
});

describe('an account that was wiped', () => {
  it('is the end of the session in words, and no loss', async () => {
    venue = await venueInHand();
    const session = await ready(adopting);
    session.close('BUY');
    await session.until('it is bought', () => booked(session) === 10);
    await session.settled();
    venue.books.wipe();
    await expect(session.until('it ends', () => false)).rejects.toThrow(/account at alpaca was wiped/);
    expect(booked(session)).toBe(10);
  });
});
