import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { BarView } from '../bar-view.ts';
import { randomWalkBars } from '../testing/random-walk-bars.ts';
import type { Strategy } from './strategy.ts';
import { createModelStrategy, storedPredictors, type PredictionTable } from './model-signals.ts';
import { RULE_KINDS } from '../../models/experiment/rule-parameters.ts';
import { createRuleStrategy, RULE_STRATEGIES } from './rule-strategies.ts';

function closesOnly(closes: readonly number[]): BarColumns {
  const bars = createBarColumns('A', closes.length);
  closes.forEach((close, bar) => {
    bars.openTimeMs[bar] = bar * 10;
    bars.closeTimeMs[bar] = bar * 10 + 10;
    for (const name of ['open', 'high', 'low', 'close'] as const) bars[name][bar] = close;
  });
  return bars;
}

/** The signals of a strategy over bars: `B`, `S` or `.` per bar. */
function signals(strategy: Strategy, bars: BarColumns): string {
  const symbol = strategy.forSymbol(bars.symbol);
  const cursor = { bars, last: -1 };
  const view = new BarView(cursor);
  let text = '';
  for (let bar = 0; bar < bars.length; bar++) {
    cursor.last = bar;
    const { action } = symbol.decide(view);
    text += action === 'BUY' ? 'B' : action === 'SELL' ? 'S' : '.';
  }
  return text;
}

describe('sma-cross', () => {
  const cross = (fast: number, slow: number) => createRuleStrategy('sma-cross', { fast, slow });

  it('acts when the bar before was at or beyond the other side, and not on the first bar with both averages', () => {
    //                    averages of 1 and 2:  =  >  =  <  =  >
    expect(signals(cross(1, 2), closesOnly([10, 10, 11, 11, 10, 10, 12]))).toBe('..B.S.B');
    expect(signals(cross(1, 2), closesOnly([10, 12, 13]))).toBe('...');
  });

  it('sees ties of decimal prices that float sums do not', () => {
    // 0.1 + 0.2 is not 0.3 in floats: both averages are 0.15 at bars 4 and 5.
    const closes = [0.2, 0.1, 0.1, 0.2, 0.1, 0.2, 0.1, 0.3];
    const exact = closes.map((_, bar) => {
      const sum = (window: number): number =>
        closes.slice(bar - window + 1, bar + 1).reduce((total, close) => total + Math.round(close * 10), 0);
      return bar < 3 ? NaN : Math.sign(sum(2) * 2 - sum(4));
    });
    const expected = exact.map((now, bar) => {
      const before = exact[bar - 1]!;
      return now > 0 && before <= 0 ? 'B' : now < 0 && before >= 0 ? 'S' : '.';
    });
    expect(signals(cross(2, 4), closesOnly(closes))).toBe(expected.join(''));
  });

  it('is exact on a walk whose prices gain decimals on the way, and at any number of digits', () => {
    const bars = randomWalkBars('A', 3_000, { seed: 3, sigma: 0.004 });
    for (let bar = 0; bar < 1_000; bar++) bars.close[bar] = Math.round(bars.close[bar]!);
    const scaled = (factor: bigint): string => {
      const ticks = Array.from(bars.close, (close) => BigInt(Math.round(close * 100)) * factor);
      let previous: bigint | null = null;
      return ticks
        .map((_, bar) => {
          if (bar < 14) return '.';
          const sum = (window: number): bigint => ticks.slice(bar - window + 1, bar + 1).reduce((a, b) => a + b, 0n);
          const now = sum(5) * 3n - sum(15);
          const before = previous;
          previous = now;
          return before === null ? '.' : now > 0n && before <= 0n ? 'B' : now < 0n && before >= 0n ? 'S' : '.';
        })
        .join('');
    };
    expect(signals(cross(5, 15), bars)).toBe(scaled(1n));
  });
});

describe('the other rules', () => {
  it('buy-and-hold buys once', () => {
    expect(signals(createRuleStrategy('buy-and-hold'), closesOnly([1, 2, 3]))).toBe('B..');
  });

  it('breakout acts at a close beyond the channel before it, once per side', () => {
    const closes = [5, 6, 5, 7, 8, 7, 4, 3, 9];
    expect(signals(createRuleStrategy('breakout', { lookback: 3 }), closesOnly(closes))).toBe('...B..S.B');
  });

  it('momentum acts when the return enters a zone, not while it stays there', () => {
    const closes = [10, 10, 11, 12, 11, 10, 10];
    expect(signals(createRuleStrategy('momentum', { lookback: 1, threshold: 0.05 }), closesOnly(closes))).toBe(
      '..B.S..',
    );
  });

  it('mean-reversion buys far below the mean and sells near it', () => {
    const closes = [10, 11, 10, 11, 10, 5, 8, 10, 10];
    const text = signals(
      createRuleStrategy('mean-reversion', { lookback: 5, entryZScore: 1.5, exitZScore: 0 }),
      closesOnly(closes),
    );
    expect(text.indexOf('B')).toBe(5);
    expect(text.indexOf('S')).toBeGreaterThan(5);
  });

  it('rsi-reversion buys after a fall and sells after a rise', () => {
    const closes = [10, 10.5, 10, 9, 8, 7, 8, 9, 10, 11, 12];
    const text = signals(createRuleStrategy('rsi-reversion', { period: 2 }), closesOnly(closes));
    expect(text).toMatch(/^[^S]*B[^B]*S/);
  });

  it('ema-cross follows a turn', () => {
    const closes = [9, 8, 7, 6, 5, 6, 7, 8, 9, 8, 7, 6, 5];
    expect(signals(createRuleStrategy('ema-cross', { fast: 1, slow: 3 }), closesOnly(closes))).toMatch(/^\.+B\.+S\.+$/);
  });
});

describe('createRuleStrategy', () => {
  it('knows the kinds that an experiment may name, and no other', () => {
    expect([...RULE_STRATEGIES].sort()).toEqual([...RULE_KINDS].sort());
  });

  it('names the nearest strategy and parameter, and what is out of bounds', () => {
    const remedy = (call: () => unknown): string => {
      try {
        call();
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return `${(error as InputError).message} | ${(error as InputError).remedy}`;
      }
      return 'nothing was thrown';
    };
    expect(remedy(() => createRuleStrategy('sma-cros'))).toMatch(/sma-cros.*sma-cross/);
    expect(remedy(() => createRuleStrategy('sma-cross', { fats: 5 }))).toMatch(/fats.*"fast"/);
    expect(remedy(() => createRuleStrategy('sma-cross', { fast: 30, slow: 10 }))).toMatch(/fast: must be below slow/);
    expect(remedy(() => createRuleStrategy('momentum', { lookback: 0.5 }))).toMatch(/lookback/);
    expect(createRuleStrategy('mean-reversion').parameters).toEqual({ lookback: 20, entryZScore: 2, exitZScore: 0.5 });
  });
});

describe('model-signals', () => {
  const table = (more: Partial<PredictionTable> = {}): PredictionTable => ({
    symbol: ['A', 'A', 'B', 'A'],
    decisionTimeMs: Float64Array.of(20, 10, 10, 40),
    probability: Float64Array.of(0.3, 0.7, 0.9, 0.5),
    trainedToMs: Float64Array.of(5, 5, 5, 5),
    expiresAtMs: new Float64Array(4).fill(Infinity),
    ...more,
  });
  const rules = { buyAbove: 0.6, sellBelow: 0.4 };
  const bars = closesOnly([1, 1, 1, 1, 1]);

  it('takes each symbol’s newest prediction and says how old it is', () => {
    const strategy = createModelStrategy(storedPredictors(table()), rules);
    expect(signals(strategy, bars)).toBe('BSS..');
    const symbol = strategy.forSymbol('A');
    const cursor = { bars, last: -1 };
    const view = new BarView(cursor);
    const ages = [0, 1, 2, 3, 4].map((bar) => {
      cursor.last = bar;
      return symbol.decide(view).ageBars;
    });
    expect(ages).toEqual([0, 0, 1, 0, 1]);
    expect(strategy.forSymbol('C').decide(view).action).toBe('HOLD');
  });

  it('refuses, exit code 1, a model that was trained on labels beyond the bar', () => {
    const strategy = createModelStrategy(storedPredictors(table({ trainedToMs: Float64Array.of(5, 11, 5, 5) })), rules);
    expect(() => signals(strategy, bars)).toThrow(expect.objectContaining({ exitCode: 1 }));
    const level = createModelStrategy(storedPredictors(table({ trainedToMs: Float64Array.of(20, 10, 5, 5) })), rules);
    expect(signals(level, bars)).toBe('BSS..');
  });

  it('refuses two predictions for one time', () => {
    const twice = table({ decisionTimeMs: Float64Array.of(10, 10, 10, 40) });
    expect(() => createModelStrategy(storedPredictors(twice), rules).forSymbol('A')).toThrow(/two predictions/);
  });
});
