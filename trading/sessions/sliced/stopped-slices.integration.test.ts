import { afterEach, describe, expect, it } from 'vitest';
import type { ExecutionRule } from '../../../models/experiment/execution/execution-schema.ts';
import { decodeRecords } from '../../journal/journal-record.ts';
import { sameBooks } from '../../testing/venue/placing-session.ts';
import { buy, placing, speakingStrategies } from '../../testing/venue/scripted-strategy.ts';
import {
  sessionInHand,
  venueInHand,
  type InHandOptions,
  type SessionInHand,
} from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';

// An order that is executed in parts is stopped while a part of it works at the venue: no part leaves after that, the
// one that works is cancelled, and what was bought is sold once, also over a restart.

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const units = (value: bigint): number => Number(value) / 1e9;
const held = (): number => units(venue.books.held('AAPL'));
const orders = (side: string): number[] =>
  venue.books.orders.filter((order) => order.side === side).map(({ qty }) => units(qty));
const ends = ({ record }: SessionInHand): unknown[] =>
  [...decodeRecords(Buffer.concat(record.effects))].flatMap((effect) =>
    effect.kind === 'parent-end' ? [[effect.filled, effect.left, effect.code]] : [],
  );

const TWAP: ExecutionRule = { kind: 'twap', slices: 2, withinMinutes: 60, maxSlippageBps: 500 };
const PARTICIPATION: ExecutionRule = { kind: 'participation', share: 0.5, maxSlippageBps: 500 };
const CHASE: ExecutionRule = { kind: 'chase', withinMinutes: 60, maxSlippageBps: 500 };

/** Who asks for the parts: a signal, one of several strategies, or one that places its own. */
const ASKED: Record<string, (execution: ExecutionRule) => InHandOptions> = {
  signal: (entry) => ({ execution: { entry } }),
  'signal of one of several': (entry) => ({
    strategy: speakingStrategies({ one: { words: ['BUY'], execution: { entry } }, two: { words: [] } }),
  }),
  'own order': (execution) => ({ strategy: placing([[{ ...buy, execution }]]) }),
};

/** A session of which the first part rests at the venue, with `filled` units of it bought. */
async function underWay(options: InHandOptions, filled = 1): Promise<SessionInHand> {
  const session = await sessionInHand(venue, options);
  venue.books.prices.set('AAPL', 120_000_000_000n);
  session.close('BUY');
  // Participation follows the volume of the bars after the decision.
  for (let bars = 0; bars < 2 && venue.books.orders.length === 0; bars++) {
    await session.settled();
    if (venue.books.orders.length === 0) session.close('HOLD');
    await session.settled();
  }
  await session.until('a part rests', () => venue.books.open('AAPL').length === 1);
  venue.books.fill(venue.books.open('AAPL')[0]!, String(filled), '100');
  await session.until('what was filled is booked', () => session.record.fills.length === 1);
  return session;
}

/** All is sold once, and it stays so over more bars. */
async function flatFrom(session: SessionInHand, bought: number, code: string): Promise<void> {
  await session.until('the parent has ended', () => ends(session).length === 1);
  await session.until('all is sold', () => held() === 0);
  const parts = orders('buy').length;
  for (let bar = 0; bar < 3; bar++) {
    session.close('HOLD');
    await session.settled();
  }
  await sameBooks(session, 0);
  expect(venue.books.open('AAPL')).toEqual([]);
  expect(orders('buy').length).toBe(parts);
  expect(orders('sell').reduce((sum, one) => sum + one, 0)).toBe(bought);
  expect(ends(session)).toEqual([[bought, 10 - bought, code]]);
}

describe.each(Object.keys(ASKED))('an order in parts of a %s', (asked) => {
  it.each([
    ['twap', TWAP],
    ['participation', PARTICIPATION],
    ['chase', CHASE],
  ])('(%s) is cancelled by an emergency stop, and what was bought is sold once', async (_kind, rule) => {
    venue = await venueInHand({ cancelMs: 20 });
    const session = await underWay(ASKED[asked]!(rule));
    session.commands.push('emergency-flatten');
    await flatFrom(session, 1, 'execution-stopped');
    expect(orders('sell')).toEqual([1]);
    await session.end();
  });

  it('is cancelled by flatten', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    const session = await underWay(ASKED[asked]!(TWAP));
    session.commands.push('flatten');
    await flatFrom(session, 1, 'execution-stopped');
    expect(orders('sell')).toEqual([1]);
    await session.end();
  });

  it('is cancelled by an emergency stop without a sale, and leaves what was bought', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    const session = await underWay(ASKED[asked]!(TWAP));
    session.commands.push('emergency-stop');
    await session.until('the parent has ended', () => ends(session).length === 1);
    session.close('BUY');
    await session.settled();
    await sameBooks(session, 1);
    expect([venue.books.open('AAPL'), orders('buy').length, orders('sell')]).toEqual([[], 1, []]);
    await session.end();
  });

  it('of which a part is filled while its cancel is under way is sold to the last unit', async () => {
    venue = await venueInHand({ cancelMs: 400 });
    const session = await underWay(ASKED[asked]!(TWAP));
    session.commands.push('emergency-flatten');
    await session.until('the cancel has left', () => venue.seen.some(({ method }) => method === 'DELETE'));
    venue.books.fill(venue.books.open('AAPL')[0]!, '2', '100');
    await flatFrom(session, 3, 'execution-stopped');
    await session.end();
  });

  it('is stopped after a restart as before it', async () => {
    venue = await venueInHand({ cancelMs: 20 });
    const options = ASKED[asked]!(TWAP);
    const before = await underWay(options);
    await before.end();
    const session = await sessionInHand(venue, { ...options, before: { record: before.record, words: ['BUY'] } });
    await session.settled();
    session.commands.push('emergency-flatten');
    await flatFrom(session, 1, 'execution-stopped');
    expect(orders('sell')).toEqual([1]);
    await session.end();
  });

  it('that was stopped right before a restart is ended by the session that goes on', async () => {
    venue = await venueInHand({ cancelMs: 600 });
    const options = ASKED[asked]!(TWAP);
    const before = await underWay(options);
    before.commands.push('emergency-flatten');
    await before.until('the cancel has left', () => venue.seen.some(({ method }) => method === 'DELETE'));
    await before.end();
    const session = await sessionInHand(venue, { ...options, before: { record: before.record, words: ['BUY'] } });
    await flatFrom(session, 1, 'execution-stopped');
    expect(orders('sell')).toEqual([1]);
    await session.end();
  });
});
