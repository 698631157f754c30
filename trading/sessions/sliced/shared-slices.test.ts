import { describe, expect, it } from 'vitest';
import { runShared } from '../../strategies/testing/shared-orders.ts';
import { buy, ends, flat, HALVES, RISING, says, sell, TWAP } from '../../strategies/testing/sliced-signals.ts';
import { HOLD, type Strategy } from '../../strategies/strategy.ts';
import { place } from '../../testing/scripted-orders.ts';

// Strategies on one account whose signals are executed in parts, with every order worked out by hand. Bars are of an
// hour, a full position is of ten units.

describe('slices of strategies that share an account', () => {
  it('are those of each by itself', () => {
    const run = runShared(
      flat(RISING),
      { one: says({ 0: buy }), two: says({ 1: buy, 5: sell }) },
      { executions: { one: { entry: TWAP }, two: { entry: HALVES, exit: HALVES } } },
    );
    expect(run.fills).toEqual([
      ['one', 2, 101, 1],
      ['two', 5, 102, 2],
      ['one', 3, 102, 2],
      ['one', 2, 103, 3],
      ['two', 5, 103, 3],
      ['one', 3, 104, 4],
      ['two', -5, 106, 6],
      ['two', -5, 107, 7],
    ]);
    expect(ends(run)).toEqual([
      [2, 10, 0, null],
      [1, 10, 0, null],
      [3, 10, 0, null],
    ]);
    const { result } = run;
    const [one, two, rest] = result.strategies!;
    expect([one!.fills, two!.fills, rest!.fills]).toEqual([4, 4, 0]);
    expect(result.ledger.map(({ exit }) => exit)).toEqual(['signal', 'signal', null]);
    expect(two!.equity).toBeCloseTo(10_000 + 10 * (106.5 - 102.5), 9);
    expect(one!.equity + two!.equity + rest!.equity).toBeCloseTo(result.equity.at(-1)!, 9);
  });

  it('leave at once where a strategy names nothing', () => {
    const { fills } = runShared(
      flat(RISING),
      { one: says({ 0: buy }), two: says({ 0: buy, 2: sell }) },
      { executions: { one: { entry: HALVES }, two: {} } },
    );
    expect(fills).toEqual([
      ['one', 5, 101, 1],
      ['two', 10, 101, 1],
      ['one', 5, 102, 2],
      ['two', -10, 103, 3],
    ]);
  });

  it('end by what their own strategy wants next, and go on for the other', () => {
    const run = runShared(
      flat(RISING),
      { one: says({ 0: buy, 1: sell }), two: says({ 0: buy, 2: buy }) },
      { executions: { one: { entry: TWAP, exit: HALVES }, two: { entry: TWAP } } },
    );
    expect(run.fills).toEqual([
      ['one', 2, 101, 1],
      ['two', 2, 101, 1],
      ['one', -1, 102, 2],
      ['two', 3, 102, 2],
      ['one', -1, 103, 3],
      ['two', 2, 103, 3],
      ['two', 3, 104, 4],
    ]);
    // What is under way is not begun again.
    expect(run.codes).toEqual(['parent-working']);
    expect(ends(run)).toEqual([
      [1, 2, 8, 'execution-replaced'],
      [3, 2, 0, null],
      [2, 10, 0, null],
    ]);
  });

  it('of opposite sides are both sent, and each closes its own part where the account is flat', () => {
    const run = runShared(
      flat(RISING),
      { one: says({ 0: buy, 4: sell }), two: says({ 0: sell, 4: buy }) },
      {
        executions: { one: { entry: HALVES, exit: HALVES }, two: { entry: HALVES, exit: HALVES } },
        limits: { shortAllowed: true },
        rules: { longShort: true },
      },
    );
    // From ten of one side to ten of the other: twenty units in halves.
    expect(run.fills).toEqual([
      ['one', 5, 101, 1],
      ['two', -5, 101, 1],
      ['one', 5, 102, 2],
      ['two', -5, 102, 2],
      ['one', -10, 105, 5],
      ['two', 10, 105, 5],
      ['one', -10, 106, 6],
      ['two', 10, 106, 6],
    ]);
    expect(run.codes).toEqual([]);
    expect(run.result.netExposure.every((exposure) => Math.abs(exposure) < 1e-9)).toBe(true);
  });

  it('go on in new units after a split', () => {
    const rows = flat([100, 100, 50, 50, 50, 50, 50]);
    const run = runShared(
      rows,
      { one: says({ 0: buy, 4: sell }), two: says({ 0: buy }) },
      { executions: { one: { entry: TWAP, exit: HALVES } }, split: [2, 2] },
    );
    expect(run.fills).toEqual([
      ['one', 2, 100, 1],
      ['two', 10, 100, 1],
      ['one', 6, 50, 2],
      ['one', 5, 50, 3],
      ['one', 5, 50, 4],
      ['one', -10, 50, 5],
      ['one', -10, 50, 6],
    ]);
    expect(ends(run)).toEqual([
      [1, 20, 0, null],
      [2, 20, 0, null],
    ]);
  });

  it('count in full among what its part may hold, from the first on', () => {
    const more = place({ type: 'market', side: 'buy', label: 'more', size: { units: 6 } });
    const both: Strategy = {
      ...says({}),
      forSymbol: () => ({
        decide: ({ length }) => (length === 1 ? buy : HOLD),
        orders: ({ length }) => (length === 2 ? [more] : []),
      }),
    };
    const run = runShared(
      flat(RISING),
      { one: both, two: says({ 0: buy }) },
      { executions: { one: { entry: TWAP } }, own: { positionFraction: 0.15, exposureFraction: 1 } },
    );
    expect(run.codes).toEqual(['strategy-position']);
    expect(run.fills.filter(([name]) => name === 'one').map(([, quantity]) => quantity)).toEqual([2, 3, 2, 3]);
  });

  it('that close a part and turn the account count among what the account may hold', () => {
    const run = runShared(
      flat([100, 100, 100, 100, 100, 100, 100, 100]),
      { one: says({ 0: buy, 2: { ...sell, target: 0 } }), two: says({ 0: sell }), three: says({ 3: sell }) },
      {
        executions: { one: { exit: TWAP } },
        rules: { longShort: true },
        limits: { shortAllowed: true, positionFraction: 0.06 },
        allocation: 0.3,
      },
    );
    // The account is flat; what is left of the exit will make it short of ten, of twelve that it may be.
    expect(run.fills.filter(([name]) => name === 'three')).toEqual([['three', -2, 100, 4]]);
  });

  it('are an order from their decision on, also before the first of them leaves', () => {
    const run = runShared(
      flat(RISING, 0),
      { one: says({ 0: buy, 1: buy, 4: buy, 5: sell }), two: says({}) },
      { executions: { one: { entry: { kind: 'participation', share: 0.1 } } }, rules: { cooldownBars: 3 } },
    );
    expect([run.fills, run.codes, ends(run)]).toEqual([
      [],
      ['cooldown', 'parent-working'],
      [[1, 0, 10, 'execution-replaced']],
    ]);
  });

  it('stand beside orders that a strategy places by itself, in parts too', () => {
    const order = place({ type: 'market', side: 'buy', label: 'in', size: { units: 4 }, execution: HALVES });
    const run = runShared(
      flat(RISING),
      { one: says({ 0: buy }), two: { 0: [order], 3: [place({ type: 'market', side: 'sell', size: 'position' })] } },
      { executions: { one: { entry: HALVES }, two: { entry: TWAP, exit: TWAP } } },
    );
    expect(run.fills).toEqual([
      ['one', 5, 101, 1],
      ['two', 2, 101, 1],
      ['one', 5, 102, 2],
      ['two', 2, 102, 2],
      ['two', -4, 104, 4],
    ]);
    expect(run.result.strategies!.map(({ trades }) => trades)).toEqual([1, 1, 0]);
  });
});
