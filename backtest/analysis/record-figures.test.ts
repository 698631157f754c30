import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createBarColumns } from '../../features/bar.ts';
import { calibrationError } from '../../models/scores/calibration-curve.ts';
import type { LedgerEntry } from '../../trading/session-result.ts';
import { drawdownPeriods, maximumDrawdown } from '../statistics/drawdown.ts';
import { runExample } from '../testing/example-result.ts';
import { drawdownSection } from './drawdown-section.ts';
import { excursionColumns } from './excursions.ts';
import { featureImportance } from './feature-importance.ts';
import { rollingSection, rollingSeries } from './rolling-section.ts';

describe('drawdown periods', () => {
  it('run from the last mark at a highest value to the first that reaches it again', () => {
    //            0    1    2   3    4    5   6    7   8
    const values = [100, 120, 120, 90, 108, 120, 130, 65, 104];
    const periods = drawdownPeriods(values);
    expect(periods).toEqual([
      { peak: 2, trough: 3, recovered: 5, depth: 90 / 120 - 1 },
      { peak: 6, trough: 7, recovered: null, depth: -0.5 },
    ]);
    expect(drawdownPeriods([1, 2, 3])).toEqual([]);
    expect(drawdownPeriods([])).toEqual([]);
  });

  it('are told with days, the deepest first, and what is not recovered to the end of the record', () => {
    const timeMs = Float64Array.from([0, 1, 3, 4, 10, 20, 40], (day) => day * DAY_MS);
    const { section: rows, reasons } = drawdownSection({
      timeMs,
      equity: Float64Array.of(100, 90, 100, 110, 55, 99, 66),
    });
    expect(reasons).toEqual(['drawdowns: recovered: that from 1970-01-05 was not, to the end of the record.']);
    expect(rows).toEqual([
      {
        ...{ from: '1970-01-05T00:00:00Z', trough: '1970-01-11T00:00:00Z', recovered: null, depth: -0.5 },
        ...{ daysToTrough: 6, days: 36 },
      },
      {
        ...{ from: '1970-01-01T00:00:00Z', trough: '1970-01-02T00:00:00Z', recovered: '1970-01-04T00:00:00Z' },
        ...{ depth: expect.closeTo(-0.1, 12) as number, daysToTrough: 1, days: 3 },
      },
    ]);
  });

  it('are ten at most, of which the first is the deepest of the session', () => {
    const { session, measured } = runExample({ bars: 700 }).evaluation;
    const { section: rows } = drawdownSection(session);
    expect(rows).toHaveLength(10);
    expect(rows[0]!.depth).toBe(measured.performance.maxDrawdown);
    expect(rows[0]!.trough).toBe(measured.performance.maxDrawdownTo);
    expect(rows[0]!.depth).toBe(maximumDrawdown(session.equity).depth);
    expect(rows.map(({ depth }) => depth)).toEqual(rows.map(({ depth }) => depth).toSorted((a, b) => a - b));
  });
});

describe('rolling ratios', () => {
  it('are those of each window, each drawn at its last return', () => {
    const returns = Float64Array.of(0.01, 0.03, 0.02, -0.02, 0.02);
    const { at, sharpe, volatility } = rollingSeries(returns, { days: 3, periodsPerYear: 252 });
    expect([...at]).toEqual([2, 3, 4]);
    // Mean 2 %, deviation 1 % of the first three; mean 1 %, deviation sqrt(7) % of the next.
    expect(sharpe[0]).toBeCloseTo(2 * Math.sqrt(252), 9);
    expect(volatility[0]).toBeCloseTo(0.01 * Math.sqrt(252), 12);
    expect(sharpe[1]).toBeCloseTo((1 / Math.sqrt(7)) * Math.sqrt(252), 9);
    expect(rollingSeries(Float64Array.of(0.01, 0.01), { days: 2, periodsPerYear: 252 }).sharpe[0]).toBeNaN();
  });

  it('are told from two windows that share no day on, with their standard error', () => {
    const market = { dayOf: (timeMs: number) => timeMs, periodsPerYear: 252 } as const;
    const returns = Float64Array.from({ length: 252 }, (_, day) => (day < 126 ? 0.01 : -0.01) + (day % 2) * 0.001);
    const { section, reasons } = rollingSection({ returns, insolvent: null }, market);
    expect(reasons).toEqual([]);
    expect(section).toMatchObject({ windowDays: 126, windows: 127, standardError: Math.SQRT2 });
    expect(section!.sharpe!.last).toBe(section!.sharpe!.least);
    // Windows with more losses than gains: those that end after 64 and more of the second half.
    expect(section!.belowZeroShare).toBeCloseTo(63 / 127, 1);
    const short = rollingSection({ returns: returns.subarray(1), insolvent: null }, market);
    expect(short.section).toBeNull();
    expect(short.reasons).toEqual(['rolling: 251 daily returns; two windows of 126 that share no day are the least.']);
  });
});

it('excursions are of every trade in order, and unknown where prices are restated', () => {
  const bars = createBarColumns('AAA', 3);
  bars.openTimeMs.set([0, 10, 20]);
  bars.closeTimeMs.set([10, 20, 30]);
  bars.high.set([103, 110, 104]);
  bars.low.set([99, 95, 90]);
  const trade: LedgerEntry = {
    ...{ symbol: 'AAA', side: 'long', quantity: 1, entryTimeMs: 0, entryPrice: 100, exitTimeMs: 20, exitPrice: 102 },
    ...{ exit: 'signal', pnl: 2, fees: 0 },
  };
  const session = { ledger: [trade, { ...trade, side: 'short' as const }], symbols: ['AAA'] };
  const close = (value: number) => expect.closeTo(value, 12) as number;
  expect(excursionColumns({ session, bars: [bars], restated: false }).section).toEqual({
    adverse: [close(-0.05), close(-0.1)],
    favourable: [close(0.1), close(0.05)],
  });
  const restated = excursionColumns({ session, bars: [bars], restated: true });
  expect(restated).toEqual({ section: null, reasons: [expect.stringMatching(/^excursions: splits or dividends/)] });
});

describe('importance of features', () => {
  const window = (fold: number, ...moves: number[]) => ({ fold, rows: 10, meanMoves: Float64Array.from(moves) });

  it('is the share of moves in each window, with how steady that is', () => {
    // The last move is that of what is known without features.
    const found = featureImportance(['a', 'b', 'c'], [window(0, 6, 2, 0, 50), window(1, 1, 3, 0, 9)])!;
    expect(found.windows).toEqual([1, 2]);
    expect(found.rows).toBe(20);
    expect(found.features).toEqual([
      { name: 'a', mean: 0.5, least: 0.25, most: 0.75, firstTenShare: 1, byWindow: [0.75, 0.25] },
      { name: 'b', mean: 0.5, least: 0.25, most: 0.75, firstTenShare: 1, byWindow: [0.25, 0.75] },
    ]);
    // Ranks 1, 2, 3 and 2, 1, 3: 1 - 6 (1 + 1) / (3 x 8).
    expect(found.agreement).toBeCloseTo(0.5, 12);
  });

  it('counts windows in which a feature is among the first ten', () => {
    const names = Array.from({ length: 12 }, (_, at) => `f${at}`);
    const falling = Array.from({ length: 12 }, (_, at) => 12 - at);
    const found = featureImportance(names, [window(0, ...falling, 0), window(1, ...falling.toReversed(), 0)])!;
    const shares = Object.fromEntries(found.features.map(({ name, firstTenShare }) => [name, firstTenShare]));
    expect(shares).toMatchObject({ f0: 0.5, f1: 0.5, f2: 1, f9: 1, f10: 0.5, f11: 0.5 });
    expect(found.agreement).toBeCloseTo(-1, 12);
  });

  it('is not told where nothing was kept, or of one window how windows agree', () => {
    expect(featureImportance(['a'], [])).toBeNull();
    expect(featureImportance(['a'], [window(0, 1, 2, 3)])).toBeNull();
    expect(featureImportance(['a', 'b'], [window(0, 1, 2, 3)])!.agreement).toBeNull();
  });
});

it('the calibration error is the mean distance of told and seen, by rows', () => {
  const bin = (rows: number, predicted: number, observed: number) => ({ from: 0, to: 1, rows, predicted, observed });
  expect(calibrationError([bin(30, 0.4, 0.5), bin(10, 0.6, 0.4)])).toBeCloseTo((30 * 0.1 + 10 * 0.2) / 40, 12);
  expect(calibrationError([])).toBeNull();
});
