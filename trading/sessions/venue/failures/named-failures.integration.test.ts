import { afterEach, describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../../orders/order-request.ts';
import type { StrategyAction } from '../../../strategies/strategy.ts';
import { heldAt, sameBooks } from '../../../testing/venue/placing-session.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { share } from '../../../testing/venue/alpaca/alpaca-in-hand.ts';
import { hastyAlpaca } from '../../../testing/venue/alpaca/alpaca-mortal.ts';
import { IMPATIENT } from '../../../testing/venue/kept-session.ts';
import {
  sessionInHand,
  venueInHand,
  type InHandOptions,
  type SessionInHand,
} from '../../../testing/venue/session-in-hand.ts';
import type { StandInHours } from '../../../testing/venue/stand-in-market.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';

// Further failures of live systems in public, each by its name, over the real SDK.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const limit: PlaceOrder = { ...buy, type: 'limit', limit: 90 };
const cancel: StrategyAction = { do: 'cancel', label: 'in' };
const open = () => venue.books.open('AAPL');
const asked = (wanted: string): number => venue.seen.filter(({ method }) => method === wanted).length;

/** A session whose purchase rests at 90; it does so at each bar after that. */
async function resting(...script: StrategyAction[][]): Promise<SessionInHand> {
  return restingBy({}, script);
}

async function restingBy(options: InHandOptions, script: StrategyAction[][]): Promise<SessionInHand> {
  const session = await sessionInHand(venue, { ...options, strategy: placing([[limit], ...script]) });
  session.close('HOLD');
  await session.until('it rests', () => open().length === 1);
  await session.settled();
  return session;
}

describe('a cancel', () => {
  it('that fails because the order has filled is followed by no second entry (enarjord/passivbot 514)', async () => {
    venue = await venueInHand();
    const session = await resting([cancel], [limit]);
    // It is executed, and nobody is told before the cancel has failed.
    venue.faults = { ...venue.faults, message: () => 'skip' };
    venue.books.fill(open()[0]!, '10', '90');
    session.close('HOLD');
    await session.until('it is booked', () => session.record.fills.length === 1);
    await sameBooks(session, 10);
    expect(asked('POST')).toBe(1);
    expect(session.record.fills[0]).toMatchObject({ sequence: 1, quantity: 10 });
    await session.end();
  });

  it('is followed by a fill, which is booked and told (pysystemtrade 1580)', async () => {
    venue = await venueInHand();
    const session = await resting([cancel]);
    session.close('HOLD');
    await session.until('it has ended', () => open().length === 0);
    await session.settled();
    venue.books.fill(venue.books.orders[0]!, '4', '90');
    await session.until('it is booked', () => session.record.fills.length === 1);
    expect(session.record.fills[0]).toMatchObject({ sequence: 1, quantity: 4 });
    expect((await session.end()).refusals.map(({ code }) => code)).toContain('late-fill');
  });

  it('after hours stays pending until the market opens, and uses up no budget (alpaca-trade-api-python 595)', async () => {
    let isOpen = false;
    const hours: StandInHours = {
      isOpen: () => isOpen,
      nextOpenMs: (ms) => ms + 3_600_000,
      nextCloseMs: (ms) => ms + 7_200_000,
    };
    venue = await venueInHand({ hours, cancelsWait: true });
    // Patient: on a busy machine the answer to the cancel is late, which is no reason for another.
    const at = { broker: hastyAlpaca(venue.url, 10_000), instrument: share('AAPL') };
    const session = await restingBy({ at, patience: { ...IMPATIENT, askAfterMs: 300 } }, [[cancel]]);
    session.close('HOLD');
    await session.until('it is under way', () => open()[0]?.status === 'pending_cancel');
    const before = venue.seen.length;
    await session.until('it was asked about', () => session.edge.working[0]!.pendingCancels > 8);
    // Neither ended nor cancelled again.
    expect(session.edge.working).toMatchObject([{ ended: false, cancelWanted: true }]);
    expect(asked('DELETE')).toBe(1);
    expect(venue.seen.slice(before).filter(({ path }) => path.includes('by_client_order_id')).length).toBeLessThan(8);
    isOpen = true;
    await session.until('it has ended', () => session.edge.working.length === 0);
    await sameBooks(session, 0);
    await session.end();
  });
});

describe('a restart', () => {
  it('flattens no position and drops no order that works (nautilus 4736, 5000)', async () => {
    venue = await venueInHand();
    const second: PlaceOrder = { ...limit, label: 'more', limit: 80 };
    const strategy = placing([[limit, second]]);
    const before = await sessionInHand(venue, { strategy });
    before.close('HOLD');
    await before.until('both rest', () => open().length === 2);
    venue.books.trade('AAPL', '89');
    await before.until('one is filled', () => before.record.fills.length === 1);
    await sameBooks(before, 10);
    await before.end();
    const session = await sessionInHand(venue, { strategy, before: { record: before.record, words: ['HOLD'] } });
    await session.until('it is ready', () => session.edge.ready);
    await sameBooks(session, 10);
    expect(asked('POST')).toBe(2);
    expect(asked('DELETE')).toBe(0);
    expect(session.edge.working).toMatchObject([{ sequence: 2, state: 'ACCEPTED' }]);
    venue.books.trade('AAPL', '79');
    await session.until('the other is filled', () => heldAt(session) === 20);
    await sameBooks(session, 20);
    await session.end();
  });
});

describe('an operator', () => {
  it('who says flatten leaves no entry that rests (go-trader 1462)', async () => {
    venue = await venueInHand({ cancelMs: 30 });
    const session = await resting();
    session.commands.push('flatten');
    await session.until('nothing rests', () => open().length === 0);
    venue.books.trade('AAPL', '89');
    await sameBooks(session, 0);
    await session.end();
  });
});

describe('a price', () => {
  it('below a dollar follows the tick of its level, and is taken (alpaca-trade-api-go 260)', async () => {
    venue = await venueInHand();
    venue.books.trade('AAPL', '0.5');
    const session = await sessionInHand(venue, {
      strategy: placing([
        [
          { ...limit, limit: 0.123456 },
          { ...limit, label: 'near', limit: 1.23456 },
        ],
      ]),
    });
    session.close('HOLD');
    await session.until('both have arrived', () => venue.books.orders.length === 2);
    const bodies = venue.seen.filter(({ method }) => method === 'POST').map(({ body }) => body.limit_price);
    expect(bodies.sort()).toEqual(['0.1234', '1.23']);
    await session.settled();
    await session.end();
  });
});
