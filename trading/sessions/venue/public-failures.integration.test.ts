import { afterEach, describe, expect, it } from 'vitest';
import { failing, NO_FAULTS, type RequestFault } from '../../testing/venue/stand-in-faults.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../testing/venue/session-in-hand.ts';

// Failures of live systems in public, each by its name (`trading.md`), over the real SDK.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const stop = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };

/** The next `count` requests of `method` that the session sends go wrong. */
function failNext(method: string, fault: RequestFault, count = 1): void {
  venue.faults = failing({ method, at: (path) => path.startsWith('/v2/orders'), count }, fault);
}

/** What the journal and the venue's books have in the end is the same. */
async function same(session: SessionInHand, held: number): Promise<void> {
  await session.settled();
  const { executions } = venue.books;
  expect(session.record.fills.map(({ executionId }) => executionId).sort()).toEqual(
    executions.map(({ id }) => id).sort(),
  );
  const position = session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0);
  expect(position).toBe(held);
  expect(venue.books.held('AAPL')).toBe(BigInt(held) * 1_000_000_000n);
}

const posts = (): unknown[] =>
  venue.seen.filter(({ method }) => method === 'POST').map(({ body }) => body.client_order_id);
const refusals = (result: Awaited<ReturnType<SessionInHand['end']>>): string[] =>
  result.refusals.map(({ code }) => code);

// scrtlabs/catalyst 317, hummingbot 493: a time-out is no failure.
describe('a submit', () => {
  it.each<[string, RequestFault]>([
    ['that times out but arrived', { kind: 'hang', when: 'after' }],
    ['that times out and did not arrive', { kind: 'hang', when: 'before' }],
    ['whose line is cut after it arrived', { kind: 'reset', when: 'after' }],
    ['whose answer is garbled', { kind: 'garbled' }],
    ['that the venue answers with 503', { kind: 'status', status: 503, message: 'unavailable' }],
    ['that is answered with 429', { kind: 'status', status: 429, message: 'slow down', retryAfter: '0' }],
  ])('%s is one order', async (_name, fault) => {
    venue = await venueInHand();
    failNext('POST', fault);
    const session = await sessionInHand(venue);
    session.close('BUY');
    await session.until('it is filled', () => session.record.fills.length > 0);
    await same(session, 10);
    expect(venue.books.orders).toHaveLength(1);
    expect(new Set(posts()).size).toBe(1);
    await session.end();
  });

  it('that nobody answers freezes the openings of its symbol until it is found', async () => {
    venue = await venueInHand();
    venue.faults = {
      message: () => 'skip',
      request: (method) => (method === 'POST' ? { kind: 'hang', when: 'before' } : null),
    };
    const session = await sessionInHand(venue);
    session.close('BUY');
    await session.until('nobody knows of it', () =>
      session.record.inputs.some(({ event }) => event.kind === 'order-update'),
    );
    session.close('BUY');
    await session.until('the second bar', () => session.record.effects.length > 5);
    venue.faults = NO_FAULTS;
    await session.until('it is filled', () => session.record.fills.length > 0);
    await same(session, 10);
    expect(refusals(await session.end())).toContain('order-working');
  });
});

describe('what the stream says', () => {
  it('three times is one fill (Lean.Brokerages.Alpaca 61), and a sum of executions is none of them (Lean 4014)', async () => {
    venue = await venueInHand({ partsMax: 3 });
    venue.faults = { ...NO_FAULTS, message: () => 'repeat' };
    const session = await sessionInHand(venue);
    session.close('BUY');
    await session.until('it is filled', () => session.record.fills.some(({ final }) => final));
    await same(session, 10);
    await session.end();
  });

  it.each(['skip', 'reorder', 'malformed', 'drop'] as const)(
    'with %s is made up for by asking (Lean.Brokerages.Alpaca 28)',
    async (fault) => {
      venue = await venueInHand({ partsMax: 3 });
      venue.faults = { ...NO_FAULTS, message: () => fault };
      const session = await sessionInHand(venue);
      session.close('BUY');
      await session.until('it is filled', () => session.record.fills.some(({ final }) => final));
      venue.faults = NO_FAULTS;
      await same(session, 10);
      await session.end();
    },
  );

  it('nothing, though it answers pings: what is missed is asked for, and the stream is opened again (binance-connector-js 135)', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue);
    await session.until('it listens', () => venue.stream.listeners > 0 && session.edge.ready);
    venue.stream.mute();
    session.close('BUY');
    await session.until('it is filled', () => session.record.fills.length > 0);
    await session.until('it is opened again', () => session.notes.some((note) => note.includes('opened again')));
    await same(session, 10);
    await session.end();
  });
});

describe('a stop at the venue', () => {
  it('rests while the position does, and is cancelled before the exit leaves', async () => {
    venue = await venueInHand({ partsMax: 3, cancelMs: 30 });
    const session = await sessionInHand(venue, { protection: stop });
    session.close('BUY');
    await session.until('a stop rests', () =>
      venue.books.open('AAPL').some(({ type, qty }) => type === 'stop' && qty === 10_000_000_000n),
    );
    session.close('SELL');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await same(session, 0);
    expect(venue.books.open('AAPL')).toEqual([]);
    expect(refusals(await session.end())).toEqual([]);
  });

  it('that is filled while it is being cancelled is not followed by a second sale (freqtrade 2799)', async () => {
    venue = await venueInHand({ cancelMs: 400 });
    const session = await sessionInHand(venue, { protection: stop });
    session.close('BUY');
    await session.until('a stop rests', () => venue.books.open('AAPL').some(({ type }) => type === 'stop'));
    session.close('SELL');
    await session.until('its cancel was asked', () =>
      venue.books.open('AAPL').some(({ status }) => status === 'pending_cancel'),
    );
    venue.books.trade('AAPL', '80');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await same(session, 0);
    expect(venue.books.orders.filter(({ side }) => side === 'sell')).toHaveLength(1);
    await session.end();
  });

  it('whose cancel stays pending makes the exit wait, and says so (alpaca-py 400)', async () => {
    venue = await venueInHand({ cancelMs: 1_000 });
    const session = await sessionInHand(venue, { protection: stop });
    session.close('BUY');
    await session.until('a stop rests', () => venue.books.open('AAPL').some(({ type }) => type === 'stop'));
    session.close('SELL');
    await session.until('it is told', () => session.notes.some((note) => note.includes('an exit, waits until')));
    expect(venue.books.held('AAPL')).toBe(10_000_000_000n);
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await same(session, 0);
    await session.end();
  });

  it('is armed again where the exit that it gave way to is refused (go-trader 1538)', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue, { protection: stop });
    session.close('BUY');
    await session.until('a stop rests', () => venue.books.open('AAPL').some(({ type }) => type === 'stop'));
    failNext('POST', { kind: 'status', status: 403, message: 'no' });
    session.close('SELL');
    await session.until('another rests', () => venue.books.orders.filter(({ type }) => type === 'stop').length === 2);
    await same(session, 10);
    expect(venue.books.open('AAPL').map(({ type }) => type)).toEqual(['stop']);
    await session.end();
  });

  it('is there again after a restart, which books nothing twice (QuantDinger 231, nautilus_trader 3046)', async () => {
    venue = await venueInHand();
    const before = await sessionInHand(venue, { protection: stop });
    before.close('BUY');
    await before.until('a stop rests', () => venue.books.open('AAPL').some(({ type }) => type === 'stop'));
    await before.settled();
    await before.end();
    // It is filled while nobody looks.
    venue.books.trade('AAPL', '80');
    const session = await sessionInHand(venue, { before, protection: stop });
    await session.until('it has heard', () => session.record.fills.length === 2);
    await same(session, 0);
    await session.end();
  });
});

describe('an operator', () => {
  it('who says flatten leaves nothing at the venue, neither position nor order (go-trader 1462)', async () => {
    venue = await venueInHand({ partsMax: 3, cancelMs: 30 });
    const session = await sessionInHand(venue, { protection: stop });
    session.close('BUY');
    await session.until('a stop rests', () => venue.books.open('AAPL').some(({ type }) => type === 'stop'));
    session.commands.push('flatten');
    await session.until('it is flat', () => venue.books.held('AAPL') === 0n);
    await same(session, 0);
    expect(venue.books.open('AAPL')).toEqual([]);
    session.close('BUY');
    await session.until('the second bar', () => session.record.bars.length === 2);
    expect(refusals(await session.end())).toContain('flattening');
  });
});

describe('what is not ours', () => {
  it('is booked and told: nothing opens any more (BYTEX-TRADE/bytex 30)', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue);
    session.close('HOLD');
    await session.until('it is ready', () => session.edge.ready);
    venue.books.submit({ client_order_id: 'by-hand', symbol: 'AAPL', side: 'buy', qty: '5', type: 'market' });
    await session.until('it is booked', () => session.record.fills.length > 0);
    await same(session, 5);
    expect(refusals(await session.end())).toContain('foreign-fill');
  });

  it('and has no execution is believed when it was seen often enough, and halts', async () => {
    venue = await venueInHand();
    const session = await sessionInHand(venue);
    session.close('HOLD');
    await session.until('it is ready', () => session.edge.ready);
    venue.books.positions.set('AAPL', { qty: 7_000_000_000n, cost: 700_000_000_000n });
    await session.until('it is told', () => session.notes.some((note) => note.includes('positions differ')));
    session.close('BUY');
    await session.until('it is refused', () => session.record.bars.length === 2);
    const result = await session.end();
    expect(refusals(result)).toContain('position-difference');
    expect(venue.books.orders).toEqual([]);
  });
});
