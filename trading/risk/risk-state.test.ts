import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import type { Command, StateEffect } from '../effect.ts';
import { RiskState } from './risk-state.ts';

const HOUR = DAY_MS / 24;

/** A state over an account of 100 whose equity is set by hand; closes come on the hour, the first ends hour 1. */
function setUp(limits: Partial<RiskLimits>) {
  const portfolio = { equity: 100 };
  const state = new RiskState({ limits: { ...NAMED_LIMITS.unbounded, ...limits }, portfolio, dayOf: utcDayOfClose });
  const mark = (hour: number, equity: number): readonly StateEffect[] => {
    portfolio.equity = equity;
    return state.onMark({ timeMs: hour * HOUR }) ?? [];
  };
  const command = (word: Command['command']) => state.onCommand({ kind: 'command', timeMs: 0, command: word });
  return { state, mark, command };
}

type SavedState = ReturnType<RiskState['save']>;
const plain = (value: unknown): unknown => (value instanceof Float64Array ? Array.from(value) : value);
const near = (value: number): number => expect.closeTo(value, 12) as number;

describe('RiskState', () => {
  it('watches nothing without loss limits', () => {
    const { state, mark } = setUp({});
    expect(mark(1, 100)).toEqual([]);
    expect(mark(2, 1)).toEqual([]);
    expect(state.openingBlock()).toBeNull();
  });

  it('halts at one rejection more than a minute may have, though orders are taken between them', () => {
    const { state, command } = setUp({ rejectionsPerMinute: 2 });
    const answer = (timeMs: number, said: 'REJECTED' | 'ACCEPTED') => state.onAnswer({ state: said, timeMs });
    for (const timeMs of [0, 30_000]) {
      expect(answer(timeMs, 'REJECTED')).toBeNull();
      expect(answer(timeMs, 'ACCEPTED')).toBeNull();
    }
    expect(answer(60_000, 'REJECTED')).toBeNull();
    const saved = JSON.parse(JSON.stringify(state.save(), (_, value: unknown) => plain(value))) as SavedState;
    expect(answer(89_999, 'REJECTED')).toMatchObject({ state: 'halt', cause: 'rejections', value: 3, limit: 2 });
    expect(state.openingBlock()).toMatchObject({ code: 'rejections-per-minute' });
    command('resume');
    expect(state.openingBlock()).toBeNull();
    const again = setUp({ rejectionsPerMinute: 2 }).state;
    again.restore(saved);
    expect(again.onAnswer({ state: 'REJECTED', timeMs: 90_000 })).toBeNull();
    expect(again.onAnswer({ state: 'REJECTED', timeMs: 90_001 })).toMatchObject({ state: 'halt' });
  });

  it('halts at the drawdown limit itself, from the highest mark, once', () => {
    const { state, mark } = setUp({ drawdownFraction: 0.25 });
    mark(1, 200);
    expect(mark(2, 150.01)).toEqual([]);
    expect(mark(3, 150)).toMatchObject([{ state: 'halt', cause: 'drawdown', value: 0.25, limit: 0.25 }]);
    expect(mark(4, 100)).toEqual([]);
    expect(state.openingBlock()).toMatchObject({ code: 'drawdown-halt', value: 0.25 });
    // Coming back is no consent.
    expect(mark(5, 300)).toEqual([]);
    expect(state.openingBlock()).toMatchObject({ code: 'drawdown-halt' });
  });

  it('judges by other limits from their change on, and forgets neither peak, stop nor orders', () => {
    const { state, mark } = setUp({ ordersPerMinute: 3 });
    const change = (limits: Partial<RiskLimits>): void => state.change({ ...NAMED_LIMITS.unbounded, ...limits });
    mark(1, 200);
    state.countOrder(0);
    state.countOrder(1_000);
    change({ ordersPerMinute: 2, drawdownFraction: 0.25 });
    expect(state.rateBlock(2_000)).toMatchObject({ code: 'order-rate', limit: 2 });
    expect(mark(2, 150)).toMatchObject([{ cause: 'drawdown' }]);
    change({ ordersPerMinute: 3 });
    expect(state.rateBlock(2_000)).toBeNull();
    state.countOrder(2_000);
    expect(state.rateBlock(3_000)).toMatchObject({ code: 'order-rate' });
    expect(state.rateBlock(60_000)).toBeNull();
    // Wider limits are no consent.
    expect(state.openingBlock()).toMatchObject({ code: 'drawdown-halt' });
    change({});
    expect(state.rateBlock(3_000)).toBeNull();
  });

  it('takes resume as consent, with a new peak', () => {
    const { state, mark, command } = setUp({ drawdownFraction: 0.2 });
    mark(1, 80);
    expect(command('resume')).toMatchObject({ state: 'run', cause: 'command' });
    expect(state.openingBlock()).toBeNull();
    expect(mark(2, 64.1)).toEqual([]);
    expect(mark(3, 64)).toMatchObject([{ cause: 'drawdown' }]);
  });

  it('blocks openings from the daily loss limit on until the next trading day', () => {
    const { state, mark } = setUp({ dailyLossFraction: 0.1 });
    mark(20, 100);
    expect(mark(21, 90)).toMatchObject([
      { state: 'run', cause: 'daily-loss', value: expect.closeTo(0.1, 12) as number },
    ]);
    expect(mark(22, 80)).toEqual([]);
    expect(state.openingBlock()).toMatchObject({ code: 'daily-loss' });
    // A close at midnight still ends that day; the first of the next starts from the last mark.
    expect(mark(24, 80)).toEqual([]);
    expect(state.openingBlock()).toMatchObject({ code: 'daily-loss' });
    expect(mark(25, 73)).toEqual([]);
    expect(state.openingBlock()).toBeNull();
    expect(mark(26, 72)).toMatchObject([{ cause: 'daily-loss' }]);
  });

  it('blocks openings for the day at a loss of an amount, told as the share that it was of that day', () => {
    const { state, mark } = setUp({ dailyLossAmount: 8 });
    mark(20, 100);
    expect(mark(21, 92.01)).toEqual([]);
    expect(mark(22, 92)).toMatchObject([{ cause: 'daily-loss', state: 'run', limit: 0.08 }]);
    expect(state.openingBlock()).toMatchObject({ code: 'daily-loss', limit: 0.08 });
    expect(mark(23, 60)).toEqual([]);
    expect(mark(25, 59)).toEqual([]);
    expect(state.openingBlock()).toBeNull();
    // From 60, at the last mark of the day before, the same money is another share.
    expect(mark(26, 52)).toMatchObject([{ cause: 'daily-loss', value: near(8 / 60), limit: near(8 / 60) }]);
  });

  it('halts at a fall by an amount from the highest mark, whatever share that is', () => {
    const { state, mark, command } = setUp({ drawdownAmount: 30 });
    mark(1, 400);
    expect(mark(2, 370.01)).toEqual([]);
    expect(mark(3, 370)).toMatchObject([{ cause: 'drawdown', state: 'halt', value: near(0.075), limit: near(0.075) }]);
    expect(state.openingBlock()).toMatchObject({ code: 'drawdown-halt' });
    command('resume');
    expect(mark(4, 340.01)).toEqual([]);
    expect(mark(5, 340)).toMatchObject([{ cause: 'drawdown' }]);
  });

  it.each([
    [0.1, 8, 92, 0.08],
    [0.1, 20, 90, 0.1],
  ])('of a share of %d and an amount of %d the smaller loss counts', (share, money, equity, limit) => {
    for (const limits of [
      { dailyLossFraction: share, dailyLossAmount: money },
      { drawdownFraction: share, drawdownAmount: money },
    ]) {
      const { mark } = setUp(limits);
      mark(1, 100);
      expect(mark(2, equity + 0.01)).toEqual([]);
      expect(mark(3, equity)).toMatchObject([{ limit }]);
    }
  });

  it('records a daily loss and a drawdown that are reached at one mark', () => {
    const { state, mark } = setUp({ dailyLossFraction: 0.1, drawdownFraction: 0.2 });
    mark(1, 100);
    expect(mark(2, 70)).toMatchObject([
      { cause: 'daily-loss', state: 'run', limit: 0.1 },
      { cause: 'drawdown', state: 'halt', limit: 0.2 },
    ]);
    expect(state.openingBlock()).toMatchObject({ code: 'drawdown-halt' });
  });

  it('keeps the block of the day when the operator resumes, and a command over a drawdown', () => {
    const { state, mark, command } = setUp({ dailyLossFraction: 0.1, drawdownFraction: 0.2 });
    mark(1, 70);
    command('resume');
    expect(state.openingBlock()).toMatchObject({ code: 'daily-loss' });
    for (const [word, code] of [
      ['halt', 'halted'],
      ['reduce', 'reduce-only'],
      ['flatten', 'flattening'],
    ] as const) {
      expect(command(word)).toMatchObject({ state: word, cause: 'command' });
      expect(state.openingBlock()).toMatchObject({ code });
    }
  });

  it('counts the orders of the last 60 seconds, exactly, up to its limit', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 8 }), (list, limit) => {
        const { state } = setUp({ ordersPerMinute: limit });
        const times: number[] = [];
        let timeMs = 1_000_000;
        for (const gap of list) {
          timeMs += gap;
          const within = times.filter((at) => timeMs - at < 60_000).length;
          expect(state.rateBlock(timeMs)?.value ?? null).toBe(within >= limit ? limit : null);
          state.countOrder(timeMs);
          times.push(timeMs);
        }
      }),
    );
  });

  it('halts at a mark exactly where a plain recount of peaks does', () => {
    const path = fc.array(fc.double({ min: 1, max: 200, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(path, fc.double({ min: 0.01, max: 0.9, noNaN: true }), (equities, limit) => {
        const { mark } = setUp({ drawdownFraction: limit });
        let peak = 100;
        let halted = false;
        equities.forEach((equity, at) => {
          const effects = mark(at + 1, equity);
          peak = Math.max(peak, equity);
          const breaches = !halted && peak - equity >= limit * peak;
          expect(effects.length).toBe(breaches ? 1 : 0);
          halted ||= breaches;
        });
      }),
    );
  });
});
