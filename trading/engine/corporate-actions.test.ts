import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import type { CorporateActionEffect, Effect } from '../effect.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../sessions/historical-session.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { KeptJournal } from '../journal/kept-journal.ts';
import { runPaperSession } from '../sessions/streaming-session.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import { replayFeed, type ClosedBars } from '../sessions/replayed-feed.ts';
import type { SessionResult } from '../session-result.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
const walk = (seed: number, length = 120): BarColumns =>
  randomWalkBars('WALK', length, { seed, sigma: 0.02, barMs: DAY_MS });

/**
 * An action before the bar at `bar`; days meet at midnight, where the close of one and the open of the next have one
 * time.
 */
function action(bars: BarColumns, bar: number, kind: DatedAction['kind'], value: number): DatedAction {
  const effectiveMs = bars.openTimeMs[bar]!;
  return { kind, value, effectiveMs, knownAtMs: effectiveMs };
}

/** `bars` as they trade with a split before each bar named. */
function splitBars(base: BarColumns, splits: readonly { bar: number; ratio: number }[]): BarColumns {
  const bars = createBarColumns(base.symbol, base.length);
  for (const field of ['openTimeMs', 'closeTimeMs', 'volume', ...PRICES] as const) bars[field].set(base[field]);
  for (const { bar, ratio } of splits) {
    for (const field of PRICES) for (let i = bar; i < bars.length; i++) bars[field][i]! /= ratio;
  }
  return bars;
}

function options(bars: BarColumns, changes: Partial<HistoricalSessionOptions> = {}): HistoricalSessionOptions {
  return {
    bars: [bars],
    // Of unknown class: fills are not rounded to a tick, which a split world would do elsewhere.
    instruments: [testInstrument(bars.symbol, { assetClass: 'unknown', lot: 1e-6 })],
    strategy: createRuleStrategy('buy-and-hold'),
    sizing: { kind: 'all-in' },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 5, slippage: { kind: 'fixed', bps: 2 } }),
    capital: 100_000,
    ...changes,
  };
}

function effectsOf(run: HistoricalSessionOptions): { result: SessionResult; actions: CorporateActionEffect[] } {
  const actions: CorporateActionEffect[] = [];
  const journal = new MemoryJournal(['WALK']);
  const heard = {
    append: (effect: Effect): void => {
      if (effect.kind === 'action') actions.push(effect);
      journal.append(effect);
    },
    hash: () => journal.hash(),
  };
  const result = runHistoricalSession({ ...run, journal: heard });
  const read = [...journal.entries()].filter(({ kind }) => kind === 'action');
  expect(read).toEqual(actions);
  return { result, actions };
}

function expectSameEquity(a: SessionResult, b: SessionResult): void {
  expect(a.equity.length).toBe(b.equity.length);
  a.equity.forEach((equity, i) => expect(equity / b.equity[i]! - 1).toBeCloseTo(0, 7));
}

describe('a position through a split', () => {
  it('is worth what it was: twice the shares at half the price, no loss', () => {
    const base = walk(1);
    const bars = splitBars(base, [{ bar: 60, ratio: 2 }]);
    const actions = [[action(base, 60, 'split', 2)]];
    const whole = runHistoricalSession(options(base));
    const { result, actions: recorded } = effectsOf(options(bars, { actions }));
    expectSameEquity(result, whole);
    const [held] = result.ledger;
    expect(held!.quantity).toBeCloseTo(2 * whole.ledger[0]!.quantity, 4);
    expect(held!.entryPrice).toBeCloseTo(whole.ledger[0]!.entryPrice / 2, 9);
    expect(held!.pnl).toBeCloseTo(whole.ledger[0]!.pnl, 2);
    expect(recorded).toMatchObject([{ action: 'split', value: 2, timeMs: base.openTimeMs[60] }]);
    // Without the action on record it is half gone, which is what a data error looks like.
    const fooled = runHistoricalSession(options(bars));
    expect(fooled.equity.at(-1)! / whole.equity.at(-1)!).toBeCloseTo(0.5, 1);
  });

  it('is paid for the part of a lot that is left over', () => {
    const base = splitBars(walk(2), []);
    const bars = splitBars(base, [{ bar: 50, ratio: 0.1 }]);
    const instruments = [testInstrument('WALK', { assetClass: 'unknown', lot: 1 })];
    const sizing = { kind: 'units' as const, units: 137 };
    const run = options(bars, { actions: [[action(base, 50, 'split', 0.1)]], instruments, sizing });
    const { result, actions } = effectsOf(run);
    expect(actions).toMatchObject([{ quantity: 13 }]);
    expect(actions[0]!.cash).toBeCloseTo(7 * base.close[49]!, 6);
    const equity = (row: number): number => result.equity[row]!;
    expect(equity(50) - equity(49)).toBeCloseTo(130 * (base.close[50]! - base.close[49]!), 6);
    // The ledger accounts for all of it: what the session has gained is what its only trade says.
    expect(result.ledger[0]!.pnl).toBeCloseTo(equity(119) - 100_000, 6);
  });

  it('decides, fills and earns as in a world without splits, whatever the splits and the strategy', () => {
    const split = fc.record({ bar: fc.integer({ min: 1, max: 119 }), ratio: fc.constantFrom(2, 4, 0.5, 8, 0.25) });
    const strategies = fc.constantFrom(
      ['sma-cross', { fast: 3, slow: 8 }] as const,
      ['rsi-reversion', {}] as const,
      ['momentum', {}] as const,
      ['breakout', {}] as const,
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.uniqueArray(split, { maxLength: 4, selector: ({ bar }) => bar }),
        strategies,
        fc.boolean(),
        (seed, splits, [name, parameters], longShort) => {
          const base = walk(seed);
          const changes = { strategy: createRuleStrategy(name, parameters), signals: { longShort } };
          const whole = runHistoricalSession(options(base, changes));
          const actions = [splits.map(({ bar, ratio }) => action(base, bar, 'split', ratio))];
          const result = runHistoricalSession(options(splitBars(base, splits), { ...changes, actions }));
          expectSameEquity(result, whole);
          expect(result.ledger.length).toBe(whole.ledger.length);
          expect(result.fees).toBeCloseTo(whole.fees, 2);
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('an ex-date that begins within a bar', () => {
  it('leaves that bar alone: the one that opens after it is the first without the right', () => {
    const base = walk(8);
    const bars = splitBars(base, [{ bar: 60, ratio: 2 }]);
    const inside = { ...action(base, 60, 'split', 2), effectiveMs: base.openTimeMs[59]! + 3_600_000 };
    const { result, actions } = effectsOf(options(bars, { actions: [[inside]] }));
    expectSameEquity(result, runHistoricalSession(options(base)));
    expect(actions).toMatchObject([{ timeMs: base.openTimeMs[60] }]);
  });

  it('waits for the symbol’s own bars where other symbols trade before', () => {
    const base = [walk(9), randomWalkBars('OTHER', 120, { seed: 9, sigma: 0.02, barMs: DAY_MS })];
    const holed = (columns: BarColumns): BarColumns => {
      const rows = Array.from({ length: 120 }, (_, i) => i).filter((i) => i < 58 || i > 63);
      const out = createBarColumns(columns.symbol, rows.length);
      for (const field of ['openTimeMs', 'closeTimeMs', 'volume', ...PRICES] as const) {
        rows.forEach((row, i) => (out[field][i] = columns[field][row]!));
      }
      return out;
    };
    const split = splitBars(base[0]!, [{ bar: 60, ratio: 4 }]);
    const instruments = base.map(({ symbol }) => testInstrument(symbol, { assetClass: 'unknown', lot: 1e-6 }));
    const changes = { instruments, sizing: { kind: 'equal-weight' as const } };
    const whole = runHistoricalSession({ ...options(base[0]!, changes), bars: [holed(base[0]!), base[1]!] });
    const actions = [[action(base[0]!, 60, 'split', 4)], []];
    const run = { ...options(base[0]!, changes), bars: [holed(split), base[1]!], actions };
    expectSameEquity(runHistoricalSession(run), whole);
  });
});

describe('an order that works through a split', () => {
  /** Buys a number of units at the close of bar 9, before the split, and sells them at the close of bar 20. */
  const strategy = {
    name: 'once',
    parameters: {},
    forSymbol: () => ({
      decide: ({ length }: { length: number }) => {
        const action = length === 10 ? ('BUY' as const) : length === 21 ? ('SELL' as const) : ('HOLD' as const);
        return { action, probability: null, confidence: 1, ageBars: 0, reason: '' };
      },
    }),
  };

  it.each([
    [2, 200],
    [0.5, 50],
  ])('is filled in new units: ratio %d', (ratio, quantity) => {
    const base = walk(3, 40);
    for (const bar of [10, 21]) {
      const actions = [[action(base, bar, 'split', ratio)]];
      const sizing = { kind: 'units' as const, units: 100 };
      const run = options(splitBars(base, [{ bar, ratio }]), { strategy, sizing, actions });
      const result = runHistoricalSession(run);
      expectSameEquity(result, runHistoricalSession(options(base, { strategy, sizing })));
      expect(result.ledger).toMatchObject([{ quantity, exitTimeMs: base.openTimeMs[21] }]);
    }
  });

  it('is cancelled where less than a lot is left of it', () => {
    const base = walk(3, 40);
    const instruments = [testInstrument('WALK', { assetClass: 'unknown', lot: 1 })];
    const sizing = { kind: 'units' as const, units: 4 };
    const actions = [[action(base, 10, 'split', 0.1)]];
    const bars = splitBars(base, [{ bar: 10, ratio: 0.1 }]);
    const result = runHistoricalSession(options(bars, { strategy, sizing, actions, instruments }));
    expect(result.fills).toBe(0);
    expect(result.refusals).toMatchObject([{ stage: 'broker', code: 'below-lot' }]);
  });
});

describe('a dividend', () => {
  it('is credited on the ex-date to who held the share, and stands in the ledger', () => {
    const base = walk(5);
    const bars = splitBars(base, []);
    for (const field of PRICES) for (let i = 70; i < bars.length; i++) bars[field][i]! -= 3;
    const sizing = { kind: 'units' as const, units: 100 };
    const actions = [[action(base, 70, 'dividend', 3)]];
    const { result, actions: recorded } = effectsOf(options(bars, { sizing, actions }));
    expectSameEquity(result, runHistoricalSession(options(base, { sizing })));
    expect(recorded).toMatchObject([{ action: 'dividend', quantity: 100, cash: 300 }]);
    expect(result.ledger[0]!.pnl).toBeCloseTo(result.equity.at(-1)! - 100_000, 6);
  });

  it('is paid by a short position, and reaches nobody who bought on the ex-date', () => {
    const base = walk(6);
    const short = createRuleStrategy('sma-cross', { fast: 2, slow: 5 });
    const run = (list: DatedAction[]): ReturnType<typeof effectsOf> =>
      effectsOf(options(base, { strategy: short, signals: { longShort: true }, actions: [list] }));
    const all = Array.from({ length: 118 }, (_, i) => action(base, i + 1, 'dividend', 0.01));
    const signs = new Set(run(all).actions.map(({ quantity, cash }) => Math.sign(quantity) * Math.sign(cash)));
    const sides = new Set(run(all).actions.map(({ quantity }) => Math.sign(quantity)));
    expect([...signs]).toEqual([1]);
    expect([...sides].sort()).toEqual([-1, 1]);
    // Bought at the open of bar 1: the dividend of that day belongs to the seller.
    expect(effectsOf(options(base, { actions: [[action(base, 1, 'dividend', 1)]] })).actions).toEqual([]);
  });
});

describe('a dividend and a split of one day', () => {
  it.each([1, -1])('are paid per share held before, whatever their order in the list, to side %d', (side) => {
    const base = walk(8);
    const bars = splitBars(base, []);
    for (const field of PRICES) {
      for (let i = 70; i < bars.length; i++) bars[field][i] = (bars[field][i]! - 3) / 2;
    }
    const strategy: Strategy = {
      name: 'once',
      parameters: {},
      forSymbol: () => ({
        decide: ({ length }) => (length === 1 ? ruleSignal(side > 0 ? 'BUY' : 'SELL', 'once') : HOLD),
      }),
    };
    const sizing = { kind: 'units' as const, units: 100 };
    const once = { strategy, sizing, signals: { longShort: true } };
    const both = [action(base, 70, 'split', 2), action(base, 70, 'dividend', 3)];
    const { result, actions } = effectsOf(options(bars, { ...once, actions: [both] }));
    expect(actions).toMatchObject([
      { action: 'dividend', quantity: side * 100, cash: side * 300 },
      { action: 'split', quantity: side * 200, cash: 0 },
    ]);
    expectSameEquity(result, runHistoricalSession(options(base, once)));
  });
});

describe('the journal of a session with actions', () => {
  const base = walk(7);
  const strategy = createRuleStrategy('sma-cross', { fast: 3, slow: 8 });
  const run = (actions: DatedAction[] | undefined): HistoricalSessionOptions =>
    options(base, { strategy, ...(actions === undefined ? {} : { actions: [actions] }) });

  it('covers them, repeats, and is that of before where there are none', () => {
    const hash = (actions: DatedAction[] | undefined): string => runHistoricalSession(run(actions)).journalHash;
    const held = runHistoricalSession(run(undefined)).ledger[0]!;
    const bar = base.openTimeMs.indexOf(held.entryTimeMs) + 1;
    const dividend = (value: number): DatedAction[] => [action(base, bar, 'dividend', value)];
    expect(hash(dividend(1))).toBe(hash(dividend(1)));
    expect(new Set([hash(undefined), hash(dividend(1)), hash(dividend(1.01))]).size).toBe(3);
    expect(hash([])).toBe(hash(undefined));
  });

  it.each([
    ['that knows them from its start', false],
    ['that learns of each with its first bar', true],
  ])('is the same for a paper session over the same bars %s', async (_, learns) => {
    const actions = [action(base, 40, 'split', 2), action(base, 41, 'dividend', 0.5), action(base, 90, 'split', 0.25)];
    const bars = splitBars(base, [
      { bar: 40, ratio: 2 },
      { bar: 90, ratio: 0.25 },
    ]);
    const plan = options(bars, { strategy, actions: [actions] });
    const { bars: history, journal: _journal, onProgress: _onProgress, ...rest } = plan;
    async function* learning(): AsyncGenerator<ClosedBars> {
      for await (const closed of replayFeed(history, plan.instruments)) {
        const own = actions.filter(({ effectiveMs }) => effectiveMs === closed.bars[0]!.bar.openTimeMs);
        yield { ...closed, actions: own.map((one) => ({ symbol: 0, action: one })) };
      }
    }
    const paper = await runPaperSession({
      ...rest,
      ...(learns ? { actions: undefined } : {}),
      sessionId: 'actions',
      feed: learns ? learning() : replayFeed(history, plan.instruments),
      journal: new KeptJournal(['WALK']),
      clock: () => 0,
    });
    const backtest = runHistoricalSession(plan);
    expect(backtest.fills).toBeGreaterThan(4);
    expect(paper.journalHash).toBe(backtest.journalHash);
  });

  it('shows strategies an action that became known late only from then on', () => {
    const late = { ...action(base, 50, 'split', 2), knownAtMs: base.closeTimeMs[60]! };
    const seen: number[] = [];
    const watching = {
      name: 'watching',
      parameters: {},
      forSymbol: () => ({
        decide: (view: { close(): number }) => {
          seen.push(view.close());
          return { action: 'HOLD' as const, probability: null, confidence: 0, ageBars: 0, reason: '' };
        },
      }),
    };
    const bars = splitBars(base, [{ bar: 50, ratio: 2 }]);
    runHistoricalSession(options(bars, { strategy: watching, actions: [[late]] }));
    const factor = (bar: number): number => seen[bar]! / bars.close[bar]!;
    expect([49, 50, 60, 61, 119].map(factor)).toEqual([1, 1, 1, 2, 2]);
  });
});
