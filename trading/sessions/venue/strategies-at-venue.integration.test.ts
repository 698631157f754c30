import { afterEach, describe, expect, it } from 'vitest';
import { bracket } from '../../orders/order-request.ts';
import { createSizer } from '../../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../signals/signal-validator.ts';
import { allocateStrategies } from '../../strategies/allocated/allocate-strategies.ts';
import { loadOwnStrategy } from '../../strategies/own/load-own-strategy.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { sessionInHand, venueInHand } from '../../testing/venue/session-in-hand.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { buy, placing } from '../../testing/venue/scripted-strategy.ts';
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

describe('strategies that place orders of their own on one account of a venue', () => {
  const limits = { positionFraction: 1, exposureFraction: 1 };
  const part = (name: string, script: Parameters<typeof placing>[0]) => ({
    ...{ name, strategy: placing(script), allocation: 0.5, limits },
  });
  const shared = (...parts: readonly ReturnType<typeof part>[]): Strategy =>
    allocateStrategies({
      strategies: parts,
      sizer: () => createSizer({ kind: 'units', units: 10 }, { symbols: 1, barsPerYear: 252 }),
      rules: OPEN_SIGNAL_RULES,
      rebalanced: 'never',
      hours: null,
    });
  const five = { ...buy, size: { units: 5 } };
  const resting = (): string[] =>
    venue.books
      .open('AAPL')
      .map(({ type, qty }) => `${type} ${qty / 1_000_000_000n}`)
      .sort();
  const strategyOf = (): Strategy =>
    silentUntil(
      shared(
        part('a', [bracket(buy, { stop: 80, target: 130 })]),
        part('b', [bracket(five, { stop: 90, target: 120 }), [], [{ do: 'cancel', label: 'in/target' }]]),
      ),
      -Infinity,
    );

  it('have exits of their own parts side by side; one of them ends its own pair alone', async () => {
    venue = await venueInHand({ partsMax: 3 });
    const session = await sessionInHand(venue, { strategy: strategyOf() });
    session.close('HOLD');
    await session.until('both are protected', () => held() === 15 && resting().length === 4);
    await session.settled();
    expect(resting()).toEqual(['limit 10', 'limit 5', 'stop 10', 'stop 5']);
    venue.books.trade('AAPL', '121');
    await session.until('the second is out', () => held() === 10 && resting().length === 2);
    await session.settled();
    expect(resting()).toEqual(['limit 10', 'stop 10']);
    const result = await session.end();
    expect(result.refusals).toEqual([]);
    expect(result.strategies!.map(({ name, fills }) => [name, fills > 0])).toEqual([
      ['a', true],
      ['b', true],
      [null, false],
    ]);
  });

  it('or rules that are protected have a stop for each part, and one that is filled closes its part alone', async () => {
    venue = await venueInHand();
    const rule = (name: string, words: readonly Word[]) => ({
      ...{ name, strategy: speaking(name, words), allocation: 0.5, limits },
    });
    const strategy = silentUntil(shared(rule('a', ['BUY']), rule('b', ['HOLD', 'HOLD', 'HOLD'])), -Infinity);
    const session = await sessionInHand(venue, {
      strategy,
      protection: { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null },
    });
    session.close('HOLD');
    await session.until('it is protected', () => held() === 10 && resting().length === 1);
    await session.settled();
    expect(resting()).toEqual(['stop 10']);
    venue.books.trade('AAPL', '89');
    await session.until('it is flat', () => held() === 0 && resting().length === 0);
    await session.settled();
    const result = await session.end();
    expect(result.refusals).toEqual([]);
    expect(result.ledger).toMatchObject([{ exit: 'stop-loss' }]);
  });

  it('go on after a restart, each with its own orders', async () => {
    venue = await venueInHand();
    const before = await sessionInHand(venue, { strategy: strategyOf() });
    before.close('HOLD');
    await before.until('both are protected', () => held() === 15 && resting().length === 4);
    await before.settled();
    await before.end();
    const session = await sessionInHand(venue, { strategy: strategyOf(), before });
    session.close('HOLD');
    await session.settled();
    expect(resting()).toEqual(['limit 10', 'limit 5', 'stop 10', 'stop 5']);
    session.close('HOLD');
    await session.until('one of them is cancelled', () => resting().length === 3);
    await session.settled();
    expect(resting()).toEqual(['limit 10', 'stop 10', 'stop 5']);
    session.commands.push('flatten');
    await session.until('it is flat', () => held() === 0 && resting().length === 0);
    await session.settled();
    expect((await session.end()).refusals).toEqual([]);
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
