import { afterEach, describe, expect, it } from 'vitest';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import { loadOwnStrategy } from '../../strategies/own/load-own-strategy.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { sessionInHand, venueInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { NO_FAULTS } from '../../testing/venue/stand-in-faults.ts';
import type { Word } from '../../testing/walked-engine.ts';
import { silentUntil } from './silent-until.ts';

let venue: StandInVenue;

afterEach(async () => {
  await venue.stop();
});

const held = (): number => Number(venue.books.held('AAPL') / 1_000_000_000n);

const speaking = (name: string, words: readonly Word[]): Strategy => ({
  name,
  parameters: {},
  forSymbol: () => ({
    decide: (view) => {
      const word = words[view.length - 1] ?? 'HOLD';
      return word === 'HOLD' ? HOLD : ruleSignal(word, name);
    },
  }),
});

describe('several strategies on one account of a venue', () => {
  it('trade beside each other, also against each other, and the books agree', async () => {
    venue = await venueInHand({ partsMax: 3 });
    const limits = { positionFraction: 1, exposureFraction: 1 };
    const strategy = allocateStrategies({
      strategies: [
        { name: 'a', strategy: speaking('a', ['BUY', 'HOLD', 'SELL']), allocation: 0.5, limits },
        { name: 'b', strategy: speaking('b', ['HOLD', 'BUY', 'HOLD', 'SELL']), allocation: 0.5, limits },
      ],
      sizer: () => createSizer({ kind: 'units', units: 10 }, { symbols: 1, barsPerYear: 252 }),
      rules: OPEN_SIGNAL_RULES,
      rebalanced: 'never',
      hours: null,
    });
    const session = await sessionInHand(venue, { strategy: silentUntil(strategy, -Infinity) });
    for (const units of [10, 20, 10, 0]) {
      session.close('HOLD');
      await session.until(`${units} are held`, () => held() === units);
      await session.settled();
    }
    const result = await session.end();
    expect(result.refusals).toEqual([]);
    expect(session.record.fills.map(({ executionId }) => executionId).sort()).toEqual(
      venue.books.executions.map(({ id }) => id).sort(),
    );
    expect(result.ledger.map(({ quantity }) => Math.abs(quantity)).reduce((sum, units) => sum + units, 0)).toBe(20);
  });
});

describe('a position that is turned', () => {
  const stops = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };

  it('is closed first, and then the other side is opened and protected, in two orders of one', async () => {
    venue = await venueInHand({ partsMax: 3, cancelMs: 10 });
    const session = await sessionInHand(venue, { longShort: true, protection: stops });
    for (const [word, units] of [
      ['BUY', 10],
      ['SELL', -10],
      ['BUY', 10],
    ] as const) {
      session.close(word);
      await session.until(`${units} are held`, () => held() === units && venue.books.open('AAPL').length === 1);
      await session.settled();
    }
    expect(venue.books.open('AAPL').map(({ type, side }) => [type, side])).toEqual([['stop', 'sell']]);
    expect(session.record.fills.map(({ executionId }) => executionId).sort()).toEqual(
      venue.books.executions.map(({ id }) => id).sort(),
    );
    expect((await session.end()).refusals).toEqual([]);
  });

  it('between its two orders is turned after a restart, once', async () => {
    venue = await venueInHand();
    const before = await sessionInHand(venue, { longShort: true });
    before.close('BUY');
    await before.until('it is long', () => held() === 10);
    await before.settled();
    // The second order is not answered before the session ends.
    venue.faults = {
      message: () => null,
      request: (method) => (method === 'POST' && held() === 0 ? { kind: 'hang', when: 'after' } : null),
    };
    before.close('SELL');
    await before.until('both were sent', () => venue.books.orders.length === 3);
    await before.end();
    venue.faults = NO_FAULTS;
    const session = await sessionInHand(venue, { longShort: true, before });
    await session.until('it is short', () => held() === -10);
    await session.settled();
    expect(venue.books.orders).toHaveLength(3);
    expect(session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(-10);
    expect((await session.end()).refusals).toEqual([]);
  });
});

describe('a strategy of a file', () => {
  it('places, changes and protects its orders at a venue', async () => {
    venue = await venueInHand();
    const strategy = loadOwnStrategy('trading/strategies/own/example/dip-bracket.ts', {});
    const session = await sessionInHand(venue, { strategy: silentUntil(strategy, -Infinity) });
    session.close('HOLD');
    await session.until('it rests', () => venue.books.open('AAPL').length === 3);
    await session.settled();
    session.close('HOLD');
    await session.until('it is moved', () => venue.books.orders.length === 4);
    await session.settled();
    venue.books.trade('AAPL', '98.5');
    await session.until('its exits rest', () => venue.books.open('AAPL').length === 2);
    await session.settled();
    expect(venue.books.open('AAPL').map(({ type }) => type)).toEqual(['limit', 'stop']);
    expect((await session.end()).refusals).toEqual([]);
  });
});
