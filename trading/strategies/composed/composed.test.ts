import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { BarView } from '../../bar-view.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy } from '../strategy.ts';

function columns(symbol: string, closes: readonly number[]): BarColumns {
  const bars = createBarColumns(symbol, closes.length);
  closes.forEach((close, bar) => {
    bars.openTimeMs[bar] = bar * 10;
    bars.closeTimeMs[bar] = bar * 10 + 10;
    for (const name of ['open', 'high', 'low', 'close'] as const) bars[name][bar] = close;
  });
  return bars;
}

/** Targets that are said, bar by bar and symbol by symbol; null where it holds. */
function targets(strategy: Strategy, ...closes: readonly number[][]): (number | null)[][] {
  const series = closes.map((own, at) => ({ bars: columns(`S${at}`, own), last: -1 }));
  const views = series.map((one) => new BarView(one));
  const symbols = strategy.forSession?.(views).symbols ?? views.map((view) => strategy.forSymbol(view.symbol));
  return closes[0]!.map((_, bar) => {
    for (const one of series) one.last = bar;
    return symbols.map((symbol, at) => symbol.decide(views[at]!).target ?? null);
  });
}

describe('grid', () => {
  it('holds a part for each whole step below the mean, and gives it back above', () => {
    const strategy = createRuleStrategy('grid', { lookback: 2, step: 0.01, levels: 4 });
    // Means 100, 98, 97, 98.5 and 100: 0, 2.04, -1.03, -0.51 and -1 steps.
    expect(targets(strategy, [100, 100, 96, 98, 99, 101]).flat()).toEqual([null, null, 0.5, -0.25, 0, -0.25]);
  });
});

describe('pairs', () => {
  it('sells the dear leg and buys the cheap one, and closes both when the spread is back', () => {
    const x = [10, 11, 12, 11, 10, 11, 12, 11, 10, 11, 12, 11];
    const noise = [0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, 4, 0.1, -0.1, 0, 0];
    const y = x.map((close, bar) => 2 * close + noise[bar]!);
    const said = targets(createRuleStrategy('pairs', { lookback: 6, entryZScore: 1.5 }), y, x);
    // Over bars 2 to 7 the slope is 1.975, and the spread 3.317 lies 1.99 of its deviations away.
    expect(said[7]).toEqual([-1, 1]);
    expect(
      said
        .slice(0, 7)
        .flat()
        .every((target) => target === null),
    ).toBe(true);
    expect(said.slice(8).some(([first, second]) => first === 0 && second === 0)).toBe(true);
  });

  it('needs two symbols', () => {
    expect(() => targets(createRuleStrategy('pairs'), [1, 2, 3])).toThrow(/two symbols/);
  });
});

describe('regime-selector', () => {
  it('follows the trend where prices go somewhere, and the reversion where they do not', () => {
    const trend = createRuleStrategy('regime-selector', { lookback: 4, trending: 0.9, fast: 1, slow: 3 });
    const closes = [10, 9, 8, 7, 8, 9, 10, 11, 12, 11, 10, 9, 8];
    // The cross bought at bar 4 and sold at bar 9. Efficiency is 1 at bars 7, 8 and 12, at most a half between.
    const said = targets(trend, closes).flat();
    expect(said[7]).toBe(1);
    expect(said.findLast((target) => target !== null)).toBe(-1);
    const always = { lookback: 4, trending: 0, fast: 1, slow: 3 };
    expect(targets(createRuleStrategy('regime-selector', always), closes).flat()).toEqual([
      null,
      null,
      null,
      null,
      1,
      null,
      null,
      null,
      null,
      -1,
      null,
      null,
      null,
    ]);
  });
});

describe('blend', () => {
  it('is the weighted mean of the sides of its rules', () => {
    const closes = Array.from({ length: 40 }, (_, bar) => (bar < 25 ? 100 - (bar % 2) : 101 + bar - 25));
    const only = targets(createRuleStrategy('blend', { trend: 0, momentum: 0, reversion: 0 }), closes).flat();
    expect(only.filter((target) => target !== null)).toEqual([1]);
    expect(only[25]).toBe(1);
    const half = targets(createRuleStrategy('blend', { trend: 0, momentum: 0, breakout: 3, reversion: 1 }), closes);
    // The close of bar 25 lies far above the mean: reversion sells, and 3/4 - 1/4 is left.
    expect(half.flat()[25]).toBe(0.5);
    expect(() => createRuleStrategy('blend', { trend: 0, momentum: 0, breakout: 0, reversion: 0 })).toThrow(/weight/);
  });
});
