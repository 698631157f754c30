import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { FIRST_CLOSE_MS, sessionOf, tradeOf } from '../testing/example-session.ts';
import { monthlyReturns } from './daily-returns.ts';
import { measurePerformance } from './performance.ts';

const market = { dayOf: utcDayOfClose, periodsPerYear: 252 } as const;

describe('performance of a session', () => {
  it('is what a hand calculation gives', () => {
    const session = sessionOf([100, 110, 99, 108.9], {
      grossExposure: Float64Array.of(0, 1, 1, 0),
      tradedNotional: 209,
      fees: 3,
      slippage: 2,
      ledger: [tradeOf(20), tradeOf(-5), tradeOf(-5), tradeOf(0), tradeOf(7, true)],
    });
    const { performance, returns } = measurePerformance(session, market);
    expect([...returns].map((r) => Math.round(r * 1e12) / 1e12)).toEqual([0.1, -0.1, 0.1]);
    expect(performance).toMatchObject({ initialCapital: 100, finalEquity: 108.9, peakEquity: 110, trades: 5 });
    expect(performance.totalReturn).toBeCloseTo(0.089, 12);
    expect(performance.cagr).toBeCloseTo(1.089 ** (365.25 / 3) - 1, 6);
    // Mean 1/30, sample variance ((1/15)^2 x 2 + (2/15)^2) / 2 = 1/75.
    expect(performance.volatility).toBeCloseTo(Math.sqrt(252 / 75), 12);
    expect(performance.sharpe).toBeCloseTo((1 / 30 / Math.sqrt(1 / 75)) * Math.sqrt(252), 12);
    expect(performance.sortino).toBeCloseTo((1 / 30 / Math.sqrt(0.01 / 3)) * Math.sqrt(252), 12);
    expect(performance.maxDrawdown).toBeCloseTo(-0.1, 12);
    expect(performance.calmar).toBeCloseTo(performance.cagr! / 0.1, 4);
    expect(performance.maxDrawdownFrom).toBe('2020-01-02T21:00:00Z');
    expect(performance.maxDrawdownTo).toBe('2020-01-03T21:00:00Z');
    expect(performance.exposure).toBe(0.5);
    expect(performance.turnover).toBeCloseTo((209 / 104.475) * (365.25 / 3), 9);
    // Closed: 20, -5, -5, 0. The open one counts as a trade only.
    expect(performance).toMatchObject({ winRate: 0.25, profitFactor: 2, expectancy: 2.5, fees: 3, slippage: 2 });
    expect(performance.reasons).toEqual([]);
  });

  it('has no returns once the account owes money, and says when that was', () => {
    const session = sessionOf([100, 120, -40, -50, -80], { grossExposure: Float64Array.of(0, 1, 3, 2, 2) });
    const { performance, returns, daily } = measurePerformance(session, market);
    const { cagr, volatility, sharpe, sortino, calmar, exposure, turnover } = performance;
    expect({ cagr, volatility, sharpe, sortino, calmar, exposure, turnover }).toEqual({
      cagr: null,
      volatility: null,
      sharpe: null,
      sortino: null,
      calmar: null,
      exposure: null,
      turnover: null,
    });
    expect(performance.totalReturn).toBe(-1.8);
    expect(performance.reasons[0]).toBe(
      'cagr, volatility, sharpe, sortino, calmar, exposure and turnover: equity was −40.00 on 2020-01-03T21:00:00Z, ' +
        'and an account without equity has no returns.',
    );
    expect([...returns]).toEqual([0, 0, 0, 0]);
    expect(monthlyReturns(daily).map(({ month }) => month)).toEqual(['2020-01']);
    expect(monthlyReturns({ timeMs: daily.timeMs, equity: Float64Array.of(-1, -2, -3, -4, -5) })).toEqual([]);
  });

  it('samples returns at the close of each trading day but takes drawdowns from every mark', () => {
    const equity = [100, 50, 101, 102, 40, 103];
    const timeMs = Float64Array.from(
      equity,
      (_, i) => FIRST_CLOSE_MS - 3 * HOUR_MS + (i % 3) * HOUR_MS + (i > 2 ? 24 * HOUR_MS : 0),
    );
    const { returns, performance } = measurePerformance(sessionOf(equity, { timeMs }), market);
    expect([...returns]).toEqual([101 / 100 - 1, 103 / 101 - 1]);
    expect(performance.maxDrawdown).toBe(40 / 102 - 1);
  });

  it('counts what the first day earned after its first mark: four days of hours that end 0.45 % higher', () => {
    const closes = [1.02, 1.01, 1.005, 1.0045];
    const equity = closes.flatMap((close, day) => [(closes[day - 1] ?? 1) * 1, (close + 1) / 2, close]);
    const timeMs = Float64Array.from(
      equity,
      (_, i) => FIRST_CLOSE_MS + Math.floor(i / 3) * DAY_MS + ((i % 3) - 2) * HOUR_MS,
    );
    const { returns, performance, daily } = measurePerformance(sessionOf(equity, { timeMs }), market);
    const byHand = [0.02, 1.01 / 1.02 - 1, 1.005 / 1.01 - 1, 1.0045 / 1.005 - 1];
    byHand.forEach((value, day) => expect(returns[day]).toBeCloseTo(value, 14));
    expect(returns).toHaveLength(4);
    expect([...daily.timeMs.slice(1)]).toEqual([2, 5, 8, 11].map((mark) => timeMs[mark]));
    expect(returns.reduce((growth, value) => growth * (1 + value), 1)).toBeCloseTo(1 + performance.totalReturn, 12);
    const mean = byHand.reduce((sum, value) => sum + value, 0) / 4;
    const deviation = Math.sqrt(byHand.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3);
    expect(performance.sharpe).toBeCloseTo((mean / deviation) * Math.sqrt(252), 10);
    expect(performance.sharpe).toBeGreaterThan(0);
  });

  it('counts days, not returns, in what it says of too few of them', () => {
    const hours = Float64Array.of(FIRST_CLOSE_MS - HOUR_MS, FIRST_CLOSE_MS);
    const { performance } = measurePerformance(sessionOf([100, 101], { timeMs: hours }), market);
    expect(performance.reasons.join()).toContain('volatility, sharpe and sortino: 1 daily return; two are the least');
  });

  it.each([
    ['a flat line', [100, 100, 100], ['sharpe', 'sortino', 'calmar', 'winRate', 'profitFactor', 'expectancy']],
    ['one mark', [100], ['cagr', 'calmar', 'turnover', 'volatility', 'sharpe', 'sortino']],
    ['a total loss', [100, 50, 0], ['cagr', 'calmar']],
    ['a steady rise', [100, 110, 121], ['sharpe', 'sortino', 'calmar']],
  ])('names what %s cannot tell and why', (_, equity, names) => {
    const { performance } = measurePerformance(sessionOf(equity), market);
    for (const name of names) {
      expect(performance[name as keyof typeof performance], name).toBeNull();
      expect(
        performance.reasons.some((reason) => reason.includes(name)),
        name,
      ).toBe(true);
    }
    const nulls = Object.entries(performance).filter(([, value]) => value === null);
    for (const [name] of nulls) expect(performance.reasons.join(), name).toContain(name);
    for (const value of Object.values(performance)) if (typeof value === 'number') expect(value).not.toBeNaN();
  });

  it('divides by no losses to null', () => {
    const { performance } = measurePerformance(sessionOf([100, 90, 95], { ledger: [tradeOf(5)] }), market);
    expect(performance).toMatchObject({ winRate: 1, profitFactor: null, expectancy: 5 });
    expect(performance.reasons).toEqual(['profitFactor: no closed trade lost money.']);
  });

  it('refuses a session without marks', () => {
    expect(() => measurePerformance(sessionOf([]), market)).toThrow('without a mark');
  });
});
