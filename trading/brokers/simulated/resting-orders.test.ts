import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import type { Instrument } from '../../../features/instrument.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import type { SessionResult } from '../../session-result.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { dialectBars, dialectSession } from '../../testing/dialect-session.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import type { Costs } from './cost-model.ts';
import { simulatedBroker } from './simulated-broker.ts';

/** A bar of 100 ms a row: open, high, low, close. */
type Row = readonly [open: number, high: number, low: number, close: number];

function barsOf(rows: readonly Row[]): BarColumns {
  const columns = createBarColumns('A', rows.length);
  rows.forEach(([open, high, low, close], row) => {
    columns.openTimeMs[row] = row * 100;
    columns.closeTimeMs[row] = row * 100 + 100;
    columns.open[row] = open;
    columns.high[row] = high;
    columns.low[row] = low;
    columns.close[row] = close;
    columns.volume[row] = 1_000;
  });
  return columns;
}

interface Scene {
  /** Signals by the bar at whose close they are given. Default: BUY at the first. */
  readonly signals?: Readonly<Record<number, 'BUY' | 'SELL'>>;
  readonly protection: Partial<ProtectionRule>;
  readonly costs?: Partial<Costs>;
  readonly instrument?: Partial<Instrument>;
  readonly split?: { readonly bar: number; readonly ratio: number };
}

function run(rows: readonly Row[], scene: Scene): SessionResult {
  const { signals = { 0: 'BUY' }, split } = scene;
  const strategy: Strategy = {
    name: 'scripted',
    parameters: {},
    forSymbol: () => ({
      decide: (view) => {
        const action = signals[view.length - 1];
        return action === undefined ? HOLD : ruleSignal(action, 'script');
      },
    }),
  };
  const bars = barsOf(rows);
  const splitMs = (split?.bar ?? 0) * 100;
  const dated = { kind: 'split' as const, value: split?.ratio ?? 1, effectiveMs: splitMs, knownAtMs: splitMs };
  return runHistoricalSession({
    bars: [bars],
    instruments: [testInstrument('A', scene.instrument)],
    strategy,
    sizing: { kind: 'units', units: 10 },
    limits: NAMED_LIMITS.unbounded,
    signals: { longShort: true },
    broker: simulatedBroker(scene.costs),
    capital: 10_000,
    protection: { stopLoss: null, takeProfit: null, trailing: null, ...scene.protection },
    actions: split === undefined ? undefined : [[dated]],
  });
}

const FLAT: Row = [100, 100, 100, 100];
const stop = (percent: number): Partial<ProtectionRule> => ({ stopLoss: { percent } });
const closed = ({ ledger }: SessionResult): unknown[] =>
  ledger.map(({ exitPrice, exitTimeMs, exit }) => [exitPrice, exitTimeMs, exit]);

describe('a stop-loss', () => {
  it('is filled at its price inside the bar, at the open where that is beyond it, and exactly where asked', () => {
    const falls: Row[] = [FLAT, FLAT, [99, 99, 94, 96]];
    expect(closed(run(falls, { protection: stop(0.05) }))).toEqual([[95, 300, 'stop-loss']]);
    const gaps: Row[] = [FLAT, FLAT, [90, 92, 89, 91]];
    expect(closed(run(gaps, { protection: stop(0.05) }))).toEqual([[90, 300, 'stop-loss']]);
    const exact = { protection: stop(0.05), costs: { stopFill: 'exact' as const } };
    expect(closed(run(gaps, exact))).toEqual([[95, 300, 'stop-loss']]);
  });

  it('is filled at its price itself, and not above it', () => {
    expect(closed(run([FLAT, FLAT, [99, 99, 95, 96]], { protection: stop(0.05) }))).toEqual([[95, 300, 'stop-loss']]);
    expect(closed(run([FLAT, FLAT, [99, 99, 95.01, 96]], { protection: stop(0.05) }))).toEqual([[96, null, null]]);
  });

  it('works in the bar of the entry, after the entry', () => {
    expect(closed(run([FLAT, [100, 101, 90, 99]], { protection: stop(0.05) }))).toEqual([[95, 200, 'stop-loss']]);
  });

  it('pays slippage like a market order; a take-profit is filled at its limit or better', () => {
    const costs = { halfSpreadBps: 100 };
    const sold = run([FLAT, FLAT, [99, 99, 80, 80]], { protection: stop(0.05), costs });
    // Bought at 101; the stop lies at 95.95, less one per cent: 94.9905, down to the tick.
    expect(closed(sold)).toEqual([[94.99, 300, 'stop-loss']]);
    const profit = { takeProfit: { percent: 0.05 } };
    const rises: Row[] = [FLAT, FLAT, [101, 110, 100, 109]];
    expect(closed(run(rises, { protection: profit, costs }))).toEqual([[106.05, 300, 'take-profit']]);
    const above: Row[] = [FLAT, FLAT, [108, 110, 107, 109]];
    expect(closed(run(above, { protection: profit, costs }))).toEqual([[108, 300, 'take-profit']]);
  });

  it('protects a short position above it', () => {
    const short = { signals: { 0: 'SELL' as const }, protection: { ...stop(0.05), takeProfit: { price: 3 } } };
    expect(closed(run([FLAT, FLAT, [101, 106, 100, 104]], short))).toEqual([[105, 300, 'stop-loss']]);
    expect(closed(run([FLAT, FLAT, [107, 108, 104, 106]], short))).toEqual([[107, 300, 'stop-loss']]);
    expect(closed(run([FLAT, FLAT, [99, 100, 96, 98]], short))).toEqual([[97, 300, 'take-profit']]);
  });
});

describe('a stop and a target in one bar', () => {
  const both = { ...stop(0.05), takeProfit: { percent: 0.05 } };
  const wide: Row[] = [FLAT, FLAT, [100, 106, 94, 100]];

  it('the stop comes first, or what lies on the way from open to high to low', () => {
    expect(closed(run(wide, { protection: both }))).toEqual([[95, 300, 'stop-loss']]);
    const costs = { intrabar: 'open-high-low-close' as const };
    expect(closed(run(wide, { protection: both, costs }))).toEqual([[105, 300, 'take-profit']]);
  });

  it('the open decides where it lies beyond either', () => {
    const opensHigh: Row[] = [FLAT, FLAT, [107, 108, 90, 91]];
    expect(closed(run(opensHigh, { protection: both }))).toEqual([[107, 300, 'take-profit']]);
  });

  it('one fill ends both, and the position is closed once', () => {
    const result = run([...wide, [94, 94, 80, 81], [106, 120, 60, 100]], { protection: both });
    expect(result.fills).toBe(2);
    expect(result.ledger).toHaveLength(1);
    expect(result.refusals).toEqual([]);
  });
});

describe('a trailing stop', () => {
  const trailing = { trailing: { percent: 0.1 } };

  it('follows the best price of bars that are over, and never goes back', () => {
    const rows: Row[] = [FLAT, FLAT, [100, 120, 100, 119], [119, 119, 109, 110], [110, 110, 107, 108]];
    expect(closed(run(rows, { protection: trailing }))).toEqual([[108, 500, 'trailing-stop']]);
  });

  it('does not know the high of the bar it is hit in, but on the way from open to high to low', () => {
    const rows: Row[] = [FLAT, FLAT, [106, 120, 105, 110]];
    expect(closed(run(rows, { protection: trailing }))).toEqual([[110, null, null]]);
    const costs = { intrabar: 'open-high-low-close' as const };
    expect(closed(run(rows, { protection: trailing, costs }))).toEqual([[108, 300, 'trailing-stop']]);
  });
});

describe('a trailing stop of a short position', () => {
  it('on the way from low to close follows the low', () => {
    const rows: Row[] = [FLAT, [97, 98, 90, 91], [91, 91.5, 80, 89], [89, 90, 88, 88.5]];
    const short = { signals: { 0: 'SELL' as const }, protection: { trailing: { percent: 0.05 } } };
    expect(closed(run(rows, short))).toEqual([[89, 400, 'trailing-stop']]);
    const costs = { intrabar: 'open-high-low-close' as const };
    expect(closed(run(rows, { ...short, costs }))).toEqual([[84, 300, 'trailing-stop']]);
  });
});

describe('average true ranges', () => {
  it('set the distance, known from 15 bars on; before, nothing opens', () => {
    const steps = Array.from({ length: 15 }, (): Row => [100, 101, 99, 100]);
    const atr = { stopLoss: { atr: 2 } };
    const late = run([...steps, [100, 100, 100, 100], [98, 98, 95, 96]], { signals: { 14: 'BUY' }, protection: atr });
    expect(closed(late)).toEqual([[96, 1_700, 'stop-loss']]);
    const early = run([...steps, [98, 98, 50, 60]], { protection: atr });
    expect(early.fills).toBe(0);
    expect(early.refusals).toMatchObject([{ stage: 'risk', code: 'no-protection' }]);
    expect(early.refusals[0]!.reason).toMatch(/average true range, which 15 bars give; there are 1$/);
  });
});

describe('a protective order below zero', () => {
  const rows: Row[] = [FLAT, FLAT, FLAT, FLAT];

  it.each<[string, 'BUY' | 'SELL', Partial<ProtectionRule>, number]>([
    ['a stop of a long position', 'BUY', { stopLoss: { price: 200 } }, -100],
    ['a trailing stop of one', 'BUY', { trailing: { price: 100 } }, 0],
    ['the profit of a short one', 'SELL', { takeProfit: { price: 130 } }, -30],
  ])('refuses what it should protect, with the reason: %s', (_what, side, protection, level) => {
    const result = run(rows, { signals: { 0: side }, protection });
    expect(result.fills).toBe(0);
    expect(result.refusals).toMatchObject([{ stage: 'risk', code: 'protection-below-zero' }]);
    expect(result.refusals[0]!.reason).toContain(`would lie at ${level.toFixed(2)}, and a price is above 0`);
  });

  it('closes the other side all the same, and opens what it can protect', () => {
    const reversal = run(rows, { signals: { 0: 'BUY', 1: 'SELL' }, protection: { takeProfit: { price: 130 } } });
    expect(closed(reversal)).toEqual([[100, 200, 'signal']]);
    expect(reversal.refusals).toMatchObject([{ code: 'protection-below-zero' }]);
  });
});

describe('what a strategy decides', () => {
  it('takes the place of protection: a sale sells once, and the next position has its own', () => {
    const rows: Row[] = [FLAT, FLAT, FLAT, [97, 97, 90, 91], FLAT, FLAT, [99, 99, 90, 90]];
    const result = run(rows, { signals: { 0: 'BUY', 2: 'SELL', 4: 'BUY' }, protection: stop(0.05) });
    // The short that the sale opened at 97 is stopped at 101.85 by nothing here; it is bought back at 100.
    expect(closed(result)).toEqual([
      [97, 300, 'signal'],
      [100, 500, 'signal'],
      [95, 700, 'stop-loss'],
    ]);
  });

  it('is asked again after a stop: nothing reopens by itself', () => {
    const result = run([FLAT, FLAT, [99, 99, 90, 90], FLAT, FLAT], { protection: stop(0.05) });
    expect(result.fills).toBe(2);
    expect(result.netExposure.at(-1)).toBe(0);
  });
});

describe('a split', () => {
  it('restates orders that rest', () => {
    const rows: Row[] = [FLAT, FLAT, [50, 50, 48, 49], [49, 49, 47, 48]];
    const result = run(rows, { protection: stop(0.05), split: { bar: 2, ratio: 2 } });
    expect(closed(result)).toEqual([[47.5, 400, 'stop-loss']]);
    expect(result.ledger[0]!.quantity).toBe(20);
  });

  it('that leaves less than a lot ends the position with its orders', () => {
    const rows: Row[] = [FLAT, FLAT, [10_000, 10_000, 9_900, 10_000], [10_000, 10_000, 1, 2]];
    const result = run(rows, { protection: stop(0.05), split: { bar: 2, ratio: 0.01 } });
    expect(result.fills).toBe(1);
    expect(result.netExposure.at(-1)).toBe(0);
  });
});

describe('bars without prices', () => {
  it('reach nothing', () => {
    const rows: Row[] = [FLAT, FLAT, [NaN, NaN, NaN, NaN], [99, 99, 94, 96]];
    expect(closed(run(rows, { protection: stop(0.05) }))).toEqual([[95, 400, 'stop-loss']]);
  });
});

describe('an order that is filled in parts', () => {
  const thin = (prices: readonly (readonly [number, number, number, number])[]) =>
    dialectBars(prices.map((row) => [...row, 100] as const));
  const flat = (price: number) => [price, price, price, price] as const;

  it.each([
    [0.1, [10, 10, 10, -10, -10, -10]],
    [0.15, [15, 15, 15, -15, -15, -15]],
  ])('opens nothing again once its stop was filled, by %d of a volume', (participation, traded) => {
    const bars = thin([
      flat(100),
      flat(100),
      flat(100),
      [100, 100, 94, 96],
      ...Array.from({ length: 6 }, () => flat(96)),
    ]);
    const { fills, result } = dialectSession(bars, {
      signals: 'L',
      sizing: { kind: 'units', units: 50 },
      costs: { participation },
      protection: { stopLoss: { percent: 0.05 } },
    });
    expect(fills.map(({ quantity }) => quantity)).toEqual(traded);
    expect(result.ledger.every(({ exitTimeMs }) => exitTimeMs !== null)).toBe(true);
  });
});

describe('an order for all the equity that buys no lot', () => {
  it.each([
    { commission: { perOrderMin: 1 } },
    { participation: 1 },
    { participation: 1, sizedAt: 'decision' },
    {},
  ] as const)('ends with a reason, and its symbol trades on: %j', (costs) => {
    const bars = dialectBars([100, 100, 50, 50, 50]);
    const { fills, codes } = dialectSession(bars, {
      signals: 'L--L',
      sizing: { kind: 'all-in' },
      capital: 99.5,
      costs,
    });
    expect(codes).toEqual(['below-lot']);
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([[1, 50]]);
  });

  it('ends so where a part of it has been filled', () => {
    const bars = dialectBars([100, [100, 100, 100, 100, 10], [200, 200, 200, 200, 10], 200, 200, 200]);
    const options = {
      signals: 'L--XL',
      sizing: { kind: 'all-in' },
      capital: 1_100,
      costs: { participation: 1 },
    } as const;
    const { fills, codes } = dialectSession(bars, options);
    expect(codes).toEqual(['below-lot']);
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 100],
      [-10, 200],
      [10, 200],
    ]);
  });
});
