import { describe, expect, it } from 'vitest';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { ruleBacktest, type RuleBacktestOptions } from './rule-backtest.ts';

const options: RuleBacktestOptions = {
  bars: [plantedBars({ symbol: 'AAA', bars: 700, seed: 4, drift: 0.001 })],
  calendar: calendarNamed('us-equities'),
  strategy: 'buy-and-hold',
  parameters: {},
  sizing: { kind: 'all-in' },
  longShort: false,
  limits: NAMED_LIMITS.unbounded,
  costs: {},
  capital: 100_000,
  lot: 1,
  seed: 7,
};

/** `count` prices from `first`, each `step` after the last. */
const line = (count: number, first: number, step: number): number[] =>
  Array.from({ length: count }, (_, at) => first + step * at);

describe('a rule strategy over a file', () => {
  it('has no skill in holding what its benchmark holds, whatever lots make of the difference', () => {
    const { result } = ruleBacktest(options);
    expect(result.totalReturn).toBeGreaterThan(0.2);
    expect(result.verdict).toBe('none');
    expect(result.excess.sharpe).toBeNull();
  });

  it('says that nothing was charged, where nothing was', () => {
    const words = /^costs: nothing was charged/;
    expect(ruleBacktest(options).result.reasons.filter((reason) => words.test(reason))).toHaveLength(1);
    const charged = ruleBacktest({ ...options, costs: { slippage: { kind: 'fixed', bps: 0.1 } } }).result;
    expect(charged.reasons.filter((reason) => words.test(reason))).toEqual([]);
  });

  it('tells what protected it and how trades ended', () => {
    const protection = { stopLoss: { percent: 0.05 }, takeProfit: null, trailing: { atr: 3 } };
    const plan = { ...options, strategy: 'sma-cross', parameters: { fast: 2, slow: 5 }, protection };
    const { result } = ruleBacktest(plan);
    const closed = result.ledger.filter(({ exit }) => exit !== null);
    const stopped = closed.filter(({ exit }) => exit !== 'signal');
    expect(stopped.length).toBeGreaterThan(3);
    expect(result.protection).toMatchObject({ ...protection, intrabar: 'stop-first', stopFill: 'gap' });
    expect(Object.values(result.protection!.exits).reduce((sum, count) => sum + count, 0)).toBe(closed.length);
    expect(result.reasons).toContainEqual(
      expect.stringMatching(
        /^protection: stop-loss at 5 %, trailing stop at 3 average true ranges \(stop-first, gap\); of/,
      ),
    );
    expect(ruleBacktest(options).result).not.toHaveProperty('protection');
  });

  it('gives no ratio of an account that owes money after a squeeze, and covers the whole short', () => {
    // Up, down until the short is on, then three times the price from one bar to the next.
    const closes = [...line(20, 100, 1), ...line(20, 119, -1), ...line(80, 300, 1)];
    const one = plantedBars({ symbol: 'AAA', bars: closes.length, seed: 4 });
    const price = Float64Array.from(closes);
    const bars = [{ ...one, open: price, high: price, low: price, close: price }];
    const cross = {
      ...options,
      bars,
      strategy: 'sma-cross',
      parameters: { fast: 2, slow: 5 },
      longShort: true,
    } as const;
    const { result } = ruleBacktest(cross);
    const [short] = result.ledger;
    expect(short).toMatchObject({ side: 'short', exitPrice: expect.any(Number) });
    expect(result.ledger).toHaveLength(1);
    // Sold at the price after the crossing, bought back at the price after the next: by hand from the list above.
    expect(result.finalEquity).toBeCloseTo(100_000 + short!.quantity * (short!.entryPrice - short!.exitPrice!), 6);
    expect(result.finalEquity).toBeLessThan(0);
    const { sharpe, volatility, sortino, cagr, exposure, turnover, probabilisticSharpe, excess } = result;
    expect([sharpe, volatility, sortino, cagr, exposure, turnover, probabilisticSharpe, excess.sharpe]).toEqual(
      Array.from({ length: 8 }, () => null),
    );
    expect(result.verdict).toBe('none');
    expect(result.reasons.filter((reason) => reason.includes('without equity has no returns'))).not.toEqual([]);
    // Of the random runs some are short at the jump too, and the rest alone would look better than all do.
    const random = result.baselines.randomSameTurnover!;
    expect(random.totalReturnRange[0]).toBeLessThan(-1);
    expect(random.totalReturnRange[1]).toBeGreaterThan(-1);
    expect([random.cagr, random.volatility, random.sharpe, random.sortino, random.exposure, random.turnover]).toEqual(
      Array.from({ length: 6 }, () => null),
    );
    expect(result.reasons.join('\n')).toMatch(/randomSameTurnover: cagr, .*: \d+ of \d+ runs lost all equity/);
  });

  it('gives an equal document for equal options', () => {
    const cross: RuleBacktestOptions = { ...options, strategy: 'sma-cross', parameters: { fast: 5, slow: 20 } };
    expect(ruleBacktest(cross).result).toEqual(ruleBacktest(cross).result);
    expect(ruleBacktest(cross).result.trades).toBeGreaterThan(5);
  });
});
