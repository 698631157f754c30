import { afterEach, describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../../orders/order-request.ts';
import type { StrategyAction } from '../../../strategies/strategy.ts';
import { sameBooks } from '../../../testing/venue/placing-session.ts';
import { buy, placing } from '../../../testing/venue/scripted-strategy.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../../testing/venue/session-in-hand.ts';
import { NO_FAULTS, statusFault } from '../../../testing/venue/stand-in-faults.ts';
import { orderJson } from '../../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';

// What a venue tells of an order of ours that cannot be of it, and of moments that cannot be.

const low: PlaceOrder = { ...buy, label: 'low', size: { units: 5 }, type: 'limit', limit: 90 };

let venue: StandInVenue;
afterEach(async () => {
  await venue.stop();
});

async function start(...script: StrategyAction[]): Promise<SessionInHand> {
  const session = await sessionInHand(venue, { strategy: placing([[], script]) });
  session.close('HOLD');
  await session.until('it is ready', () => session.edge.ready && session.record.bars.length === 1);
  return session;
}

/** Tells of an execution of the order that rests, in the venue's words but for what is `wrong`. */
function forge(wrong: { readonly symbol?: string; readonly side?: 'sell' }): void {
  const order = venue.books.open('AAPL')[0]!;
  venue.stream.tell('partial_fill', {
    event: 'partial_fill',
    timestamp: new Date().toISOString(),
    execution_id: 'forged',
    price: '90',
    qty: '3',
    order: { ...(orderJson(order) as object), ...wrong, status: 'partially_filled', filled_qty: '3' },
  });
}

const codes = async (session: SessionInHand): Promise<string[]> =>
  (await session.end()).refusals.map(({ code }) => code);

describe('an order of ours', () => {
  it.each([
    ['side', (text: string) => text.replace('"side":"buy"', '"side":"sell"')],
    ['symbol', (text: string) => text.replace('"symbol":"AAPL"', '"symbol":"MSFT"')],
  ])(
    'that is found with another %s is not it: that is on record once, halts, and it is asked for on',
    async (_of, by) => {
      venue = await venueInHand();
      const session = await start(buy);
      let isLost = false;
      venue.faults = {
        message: () => 'skip',
        request: (method, path) => {
          if (method === 'POST' && !isLost) {
            isLost = true;
            return { kind: 'reset', when: 'after' };
          }
          // Nothing else tells of it.
          if (path === '/v2/account/activities') return statusFault(503);
          return method === 'GET' && path.startsWith('/v2/orders') ? { kind: 'altered', by } : null;
        },
      };
      session.close('HOLD');
      const asked = (): number => venue.seen.filter(({ path }) => path.includes('by_client_order_id')).length;
      await session.until('it was asked for', () => asked() > 4);
      expect(session.edge.working).toHaveLength(1);
      venue.faults = NO_FAULTS;
      await session.until('it is found', () => session.edge.working.length === 0);
      await sameBooks(session, 10);
      expect(await codes(session)).toEqual(['order-contradicted']);
    },
  );

  it('is not executed by what is of another symbol, and is cancelled as what opens is', async () => {
    venue = await venueInHand();
    const session = await start(low);
    session.close('HOLD');
    await session.until('it rests', () => venue.books.open('AAPL').length === 1);
    await session.settled();
    forge({ symbol: 'MSFT' });
    // Nothing opens any more.
    await session.until('it is cancelled', () => session.edge.working.length === 0);
    await sameBooks(session, 0);
    expect(session.record.fills).toEqual([]);
    expect(await codes(session)).toEqual(['order-contradicted']);
  });

  it('does not count what was executed of the other side: it ends once all of it is booked', async () => {
    venue = await venueInHand();
    const session = await start(low);
    session.close('HOLD');
    await session.until('it rests', () => venue.books.open('AAPL').length === 1);
    await session.settled();
    // What opens is cancelled now: not before it was executed once more.
    const request = (method: string) => (method === 'DELETE' ? statusFault(503) : null);
    venue.faults = { ...NO_FAULTS, request };
    forge({ side: 'sell' });
    await session.until('it is booked', () => session.record.fills.length === 1);
    const order = venue.books.open('AAPL')[0]!;
    // Only its end is told, not the two units before it.
    venue.faults = { request, message: (event) => (event === 'partial_fill' ? 'skip' : null) };
    venue.books.fill(order, '2', '90');
    venue.books.cancel(order.id);
    await session.until('it has ended', () => session.edge.working.length === 0);
    expect(session.record.fills.map(({ quantity }) => quantity)).toEqual([-3, 2]);
    const found = await codes(session);
    expect(found).toContain('opposite-side');
    expect(found).not.toContain('late-fill');
  });
});

describe('an execution', () => {
  it('that is dated far in the future hides none that comes after it', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue);
    session.close('HOLD');
    await session.until('it is ready', () => session.edge.ready);
    const later = (text: string): string => text.replaceAll(/"transaction_time":"\d{4}/g, '"transaction_time":"2099');
    venue.faults = {
      message: () => 'skip',
      request: (_method, path) => (path === '/v2/account/activities' ? { kind: 'altered', by: later } : null),
    };
    session.close('BUY');
    await session.until('it is booked', () => session.record.fills.length === 1);
    venue.faults = { ...NO_FAULTS, message: () => 'skip' };
    session.close('SELL');
    await session.until('that is booked, too', () => session.record.fills.length === 2);
    await sameBooks(session, 0);
    expect(await codes(session)).toEqual([]);
  });
});
