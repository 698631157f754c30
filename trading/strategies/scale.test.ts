import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { BarView } from '../bar-view.ts';
import { createRuleStrategy, RULE_STRATEGIES } from './rule-strategies.ts';

/** Prices as whole ticks; a bar at ten to the power of `exponent` has the decimal that is written so. */
function barsOf(ticks: readonly number[], exponent: number): BarColumns {
  const bars = createBarColumns('A', ticks.length);
  ticks.forEach((tick, row) => {
    const price = Number(`${tick}e${exponent}`);
    bars.openTimeMs[row] = row * 10;
    bars.closeTimeMs[row] = row * 10 + 10;
    for (const name of ['open', 'high', 'low', 'close'] as const) bars[name][row] = price;
  });
  return bars;
}

function signals(name: string, parameters: Record<string, number>, bars: BarColumns): string {
  const symbol = createRuleStrategy(name, parameters).forSymbol(bars.symbol);
  const cursor = { bars, last: -1 };
  const view = new BarView(cursor);
  return Array.from({ length: bars.length }, (_, bar) => {
    cursor.last = bar;
    return symbol.decide(view).action[0];
  }).join('');
}

/** Crosses by whole numbers of any size: the right answer. */
function crosses(fast: number, slow: number, ticks: readonly number[]): string {
  const whole = ticks.map(BigInt);
  let before: bigint | null = null;
  return ticks
    .map((_, bar) => {
      if (bar < slow - 1) return 'H';
      const sum = (window: number): bigint => whole.slice(bar - window + 1, bar + 1).reduce((a, b) => a + b, 0n);
      const now = sum(fast) * BigInt(slow) - sum(slow) * BigInt(fast);
      const previous = before;
      before = now;
      if (previous === null) return 'H';
      return now > 0n && previous <= 0n ? 'B' : now < 0n && previous >= 0n ? 'S' : 'H';
    })
    .join('');
}

/** Walks of four significant digits that tie and stand still often. */
const walks = fc
  .array(fc.constantFrom(-10, -5, -1, 0, 0, 0, 1, 5, 10), { minLength: 80, maxLength: 160 })
  .map((steps) => {
    let tick = 5_000;
    return steps.map((step) => (tick += step));
  });

/** Pairs take two symbols. */
const OF_ONE_SYMBOL = RULE_STRATEGIES.filter((name) => name !== 'pairs');

const PARAMETERS: Record<string, Record<string, number>[]> = {
  'buy-and-hold': [{}],
  'sma-cross': [
    { fast: 1, slow: 2 },
    { fast: 5, slow: 10 },
  ],
  'ema-cross': [{ fast: 2, slow: 5 }],
  'rsi-reversion': [{ period: 2 }, { period: 5, oversold: 50, overbought: 60 }],
  'mean-reversion': [
    { lookback: 5, entryZScore: 1, exitZScore: 0 },
    { lookback: 2, entryZScore: 1, exitZScore: 0.5 },
  ],
  grid: [{ lookback: 5, step: 0.01, levels: 3 }],
  'regime-selector': [{ lookback: 5, trending: 0.5, fast: 2, slow: 5 }],
  blend: [{}],
  momentum: [{ lookback: 1, threshold: 0.001 }, { lookback: 5 }],
  breakout: [{ lookback: 5 }],
  portfolio: [{ lookback: 5 }],
};

describe('prices of any promised size', () => {
  it('give the same signals at every power of ten, for every rule', () => {
    fc.assert(
      fc.property(walks, fc.integer({ min: -21, max: 14 }), (ticks, exponent) => {
        for (const name of OF_ONE_SYMBOL) {
          for (const parameters of PARAMETERS[name]!) {
            const usual = signals(name, parameters, barsOf(ticks, -2));
            expect([name, signals(name, parameters, barsOf(ticks, exponent))]).toEqual([name, usual]);
          }
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('cross where whole numbers do, at any number of digits that a price has, and across orders of magnitude', () => {
    fc.assert(
      fc.property(
        walks,
        fc.integer({ min: -21, max: 6 }),
        fc.array(fc.constantFrom(1, 1, 1, 1_000, 100_000), { minLength: 4, maxLength: 4 }),
        (ticks, exponent, jumps) => {
          const jumping = ticks.map((tick, row) => tick * jumps[Math.floor((4 * row) / ticks.length)]!);
          expect(signals('sma-cross', { fast: 3, slow: 12 }, barsOf(jumping, exponent))).toBe(crosses(3, 12, jumping));
        },
      ),
      { numRuns: 100, seed: 2 },
    );
  });

  it('tie in long windows as in short ones', () => {
    const ticks = Array.from({ length: 9_000 }, (_, row) => 123_456_789 + (row % 3) - (row % 5));
    const expected = signals('sma-cross', { fast: 1_500, slow: 3_000 }, barsOf(ticks, 0));
    expect(expected).toMatch(/^H+$/);
    expect(signals('sma-cross', { fast: 1_500, slow: 3_000 }, barsOf(ticks, -15))).toBe(expected);
  });
});
