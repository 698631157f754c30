import { describe, expect, it } from 'vitest';
import { runShared } from '../../strategies/testing/shared-orders.ts';
import { buy, ends, flat, HALVES, RISING, says, sell, stops, TWAP } from '../../strategies/testing/sliced-signals.ts';
import type { Row } from '../../testing/scripted-orders.ts';

// Strategies on one account whose signals are executed in parts, with every order worked out by hand. Bars are of an
// hour, a full position is of ten units.

describe('slices of strategies that share an account, and are not all sent,', () => {
  it('are covered by a stop of what was filled, and end with it', () => {
    const rows: Row[] = [...flat([100, 100, 100]), [100, 100, 90, 91, 1_000], ...flat([91, 91, 91])];
    const run = runShared(
      rows,
      { one: says({ 0: buy }), two: says({ 3: buy }), three: says({ 2: sell }) },
      {
        executions: { one: { entry: TWAP }, two: { entry: HALVES }, three: { entry: HALVES } },
        rules: { longShort: true },
        limits: { shortAllowed: true },
        allocation: 0.3,
        protection: { stopLoss: { percent: 0.05 }, takeProfit: null, trailing: null },
      },
    );
    expect(run.fills).toEqual([
      ['one', 2, 100, 1],
      ['one', 3, 100, 2],
      ['three', -5, 100, 3],
      ['one', 2, 100, 3],
      ['one', -7, 95, 4],
      ['two', 5, 91, 4],
      ['three', -5, 91, 4],
      ['two', 5, 91, 5],
    ]);
    expect(stops(run)).toEqual([
      ['one', -2, 1],
      ['one', -5, 2],
      ['three', 5, 3],
      ['one', -7, 3],
      ['two', -5, 4],
      ['three', 10, 4],
      ['two', -10, 5],
    ]);
    expect(ends(run)).toEqual([
      [1, 7, 3, 'execution-stopped'],
      [2, 10, 0, null],
      [3, 10, 0, null],
    ]);
  });

  it('buy nothing more once a stop has begun to be filled', () => {
    const rows: Row[] = [...flat([100, 100, 100], 1_000), [100, 100, 90, 91, 20], ...flat([91, 91, 91, 91], 1_000)];
    const run = runShared(
      rows,
      { one: says({ 0: buy }), two: says({}) },
      {
        executions: { one: { entry: { kind: 'twap', slices: 8, withinMinutes: 480 } } },
        protection: { stopLoss: { percent: 0.05 }, takeProfit: null, trailing: null },
        costs: { participation: 0.1 },
      },
    );
    // Two units a bar at most: the stop of three begins with one, and its rest is sold at the next open.
    expect(run.fills).toEqual([
      ['one', 1, 100, 1],
      ['one', 1, 100, 2],
      ['one', 1, 100, 3],
      ['one', -1, 95, 4],
      ['one', -2, 91, 4],
    ]);
    expect(ends(run)).toEqual([[1, 3, 7, 'execution-stopped']]);
  });

  it('sell out in parts what a stop protects, each unit once', () => {
    const rows: Row[] = [...flat([100, 100, 100, 100]), [100, 100, 90, 91, 1_000], ...flat([91, 91, 91])];
    const run = runShared(
      rows,
      { one: says({ 0: buy, 2: sell }), two: says({ 0: buy }) },
      {
        executions: { one: { exit: TWAP } },
        protection: { stopLoss: { percent: 0.05 }, takeProfit: null, trailing: null },
      },
    );
    expect(run.fills).toEqual([
      ['one', 10, 100, 1],
      ['two', 10, 100, 1],
      ['one', -2, 100, 3],
      ['one', -3, 100, 4],
      ['two', -10, 95, 5],
      ['one', -5, 95, 5],
    ]);
    expect(stops(run).filter(([name]) => name === 'one')).toEqual([
      ['one', -10, 1],
      ['one', -8, 3],
      ['one', -5, 4],
    ]);
    expect(ends(run)).toEqual([[1, 5, 5, 'execution-stopped']]);
  });

  it('end with a halt where they open, and leave what closes', () => {
    const run = runShared(
      flat(RISING),
      { one: says({ 0: buy }), two: says({ 0: buy, 1: sell }) },
      { executions: { one: { entry: TWAP }, two: { exit: HALVES } }, commands: [[2.5, 'halt']] },
    );
    expect(run.fills).toEqual([
      ['one', 2, 101, 1],
      ['two', 10, 101, 1],
      ['two', -5, 102, 2],
      ['one', 3, 102, 2],
      ['two', -5, 103, 3],
    ]);
    expect(ends(run)).toEqual([
      [1, 5, 5, 'execution-stopped'],
      [2, 10, 0, null],
    ]);
  });

  it('end with flatten, and what is held is closed once', () => {
    const run = runShared(
      flat(RISING),
      { one: says({ 0: buy }), two: says({ 0: buy, 1: sell }) },
      { executions: { one: { entry: TWAP }, two: { exit: HALVES } }, commands: [[2.5, 'flatten']] },
    );
    expect(run.fills).toEqual([
      ['one', 2, 101, 1],
      ['two', 10, 101, 1],
      ['two', -5, 102, 2],
      ['one', 3, 102, 2],
      [null, -10, 103, 3],
    ]);
    expect(ends(run)).toEqual([
      [1, 5, 5, 'execution-stopped'],
      [2, 5, 5, 'execution-stopped'],
    ]);
  });

  it('end with the session, and nothing follows', () => {
    const run = runShared(
      flat(RISING.slice(0, 3)),
      { one: says({ 0: buy }), two: says({ 1: buy, 2: sell }) },
      {
        executions: {
          one: { entry: TWAP },
          two: { entry: { kind: 'chase', maxSlippageBps: 900, withinMinutes: 600 } },
        },
        costs: { latencyMs: 1_800_000 },
      },
    );
    expect(run.fills).toEqual([['one', 2, 102, 2]]);
    // The second was to be ended for a sale, which the end of the session came before.
    expect(ends(run)).toEqual([
      [1, 2, 8, 'expired'],
      [2, 0, 10, 'expired'],
    ]);
    const first = run.effects.findIndex(({ kind }) => kind === 'parent-end');
    expect(run.effects.slice(first).filter(({ kind }) => kind === 'order' || kind === 'parent')).toEqual([]);
  });
});
