import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect, EngineEvent } from '../../effect.ts';
import type { Execution } from '../../venue-event.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import { isPossible } from './told-executions.ts';
import { setUp, type Word } from '../../testing/walked-engine.ts';

const SYMBOLS = 3;
const BARS = 6;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'bust/a', 'bust/b', '', 'toString'];

/** Quarters and integers: sums of them are exact, in whatever order. */
const execution = (executionId: string) =>
  fc.record({
    kind: fc.constant('execution' as const),
    executionId: fc.constant(executionId),
    account: fc.constantFrom('', 'second'),
    sequence: fc.integer({ min: -1, max: SYMBOLS + 2 }),
    timeMs: fc.integer({ min: 0, max: 1_000 }),
    symbol: fc.integer({ min: 0, max: SYMBOLS - 1 }),
    quantity: fc.oneof(fc.integer({ min: -12, max: 12 }), fc.constantFrom(10, 5, NaN, Infinity)),
    price: fc.oneof(
      fc.integer({ min: 1, max: 800 }).map((quarters) => quarters / 4),
      fc.constantFrom(0, -1, NaN),
    ),
    fee: fc.oneof(
      fc.integer({ min: -4, max: 8 }).map((quarters) => quarters / 4),
      fc.constantFrom(NaN),
    ),
  });

const other: fc.Arbitrary<EngineEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('outcome' as const),
    sequence: fc.integer({ min: 0, max: SYMBOLS + 2 }),
    timeMs: fc.constant(5),
    of: fc.constantFrom('submit' as const, 'cancel' as const, 'amend' as const),
    result: fc.constantFrom('accepted' as const, 'refused' as const, 'unknown' as const),
  }),
  fc.record({
    kind: fc.constant('order-update' as const),
    sequence: fc.integer({ min: 0, max: SYMBOLS + 2 }),
    timeMs: fc.constant(5),
    state: fc.constantFrom('ACCEPTED' as const, 'CANCELED' as const, 'EXPIRED' as const, 'LOST' as const),
    code: fc.constant(null),
    value: fc.constant(0),
    limit: fc.constant(0),
  }),
);

/** Any executions, each told up to three times, some taken back up to twice, among other reports and closes. */
const stream = fc
  .tuple(...IDS.map(execution))
  .chain((told) =>
    fc.record({
      told: fc.constant(told as Execution[]),
      busted: fc.subarray(told as Execution[]),
      events: fc
        .tuple(
          fc.array(fc.constantFrom(...told), { maxLength: 10 }),
          fc.array(fc.oneof(other, fc.constant('close' as const)), { maxLength: 12 }),
        )
        .map(([again, more]) => [...again, ...more]),
      cut: fc.nat({ max: 40 }),
      order: fc.array(fc.nat(), { minLength: 50, maxLength: 50 }),
    }),
  )
  .map(({ told, busted, events, cut, order }) => {
    const back = busted.map(({ executionId, account, timeMs }) => ({ kind: 'bust', executionId, account, timeMs }));
    const all = [...told, ...events, ...back, ...back.slice(0, 2)] as (EngineEvent | 'close')[];
    const shuffled = all
      .map((event, at) => ({ event, rank: order[at % order.length]!, at }))
      .sort((one, two) => one.rank - two.rank || one.at - two.at)
      .map(({ event }) => event);
    return { told, busted, events: shuffled, cut };
  });

/** An engine with an order of each symbol, and a journal of all that it says. */
function session() {
  const words: Word[] = ['BUY', 'SELL', 'BUY', 'SELL', 'BUY', 'SELL'];
  const row = <T>(value: T): T[] => Array.from({ length: SYMBOLS }, () => value);
  const { engine, close } = setUp({ closes: row(Array.from({ length: BARS }, () => 100)), words: row(words) });
  const journal = new MemoryJournal(['A', 'B', 'C']);
  let closes = 0;
  const take = (event: EngineEvent | 'close'): void => {
    let effects: readonly Effect[] = [];
    if (event !== 'close') effects = engine.handle(event);
    else if (closes++ < BARS) effects = close();
    for (const effect of effects) journal.append(effect);
  };
  take('close');
  return { engine, journal, take };
}

describe('executions that a venue tells of', () => {
  it('come to the distinct ones that were not taken back, in any order, twice, and over a restart', () => {
    fc.assert(
      fc.property(stream, ({ told, busted, events, cut }) => {
        const whole = session();
        for (const event of events) whole.take(event);
        let cash = 10_000;
        const positions = [0, 0, 0];
        for (const one of told) {
          if (!isPossible(one) || busted.includes(one)) continue;
          cash -= one.quantity * one.price + one.fee;
          positions[one.symbol]! += one.quantity;
        }
        expect(whole.engine.portfolio.cash).toBe(cash);
        expect([...whole.engine.portfolio.quantity].map((units) => units + 0)).toEqual(positions);

        const stopped = session();
        for (const event of events.slice(0, cut)) stopped.take(event);
        const again = session();
        for (const event of events.slice(0, cut)) again.take(event);
        expect(again.journal.hash()).toBe(stopped.journal.hash());
        for (const event of events.slice(cut)) again.take(event);
        expect(again.journal.hash()).toBe(whole.journal.hash());
      }),
      { seed: 20_261_129, numRuns: 200 },
    );
  });

  it('come to the same where the venue tells its sums with them, told in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
        (sizes, order) => {
          const { engine, take } = session();
          let cumulative = 0;
          const told = sizes.map((quantity, at) => {
            cumulative += quantity;
            const base = { kind: 'execution', sequence: 1, timeMs: 5, symbol: 0, price: 100, fee: 0 } as const;
            return { ...base, quantity, executionId: `${at}`, cumulative };
          });
          const twice = [...told, ...told].map((event, at) => ({ event, rank: order[at]! }));
          for (const { event } of twice.sort((one, two) => one.rank - two.rank)) take(event);
          expect(engine.portfolio.quantity[0]).toBe(cumulative);
        },
      ),
      { seed: 20_261_129, numRuns: 100 },
    );
  });
});
