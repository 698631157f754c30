import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { createBarColumns } from '../../features/bar.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { RULE_STRATEGIES } from '../../trading/strategies/rule-strategies.ts';
import { ruleBacktest } from './rule-backtest.ts';

/** A walk around 1 with all digits that a price has, times `factor`, volumes times `volume`. */
function walk(factor: number, volume = 1): BarColumns {
  const random = createRandom('walk');
  const bars = createBarColumns('A', 250);
  let price = 1;
  for (let row = 0; row < bars.length; row++) {
    const open = price;
    price *= 1 + 0.01 * random.normal();
    bars.openTimeMs[row] = row * DAY_MS;
    bars.closeTimeMs[row] = (row + 1) * DAY_MS;
    bars.open[row] = open * factor;
    bars.close[row] = price * factor;
    bars.high[row] = Math.max(open, price) * 1.001 * factor;
    bars.low[row] = Math.min(open, price) * 0.999 * factor;
    bars.volume[row] = (1 + random.integer(9_000)) * volume;
  }
  return bars;
}

function backtest(strategy: string, bars: BarColumns, capital: number) {
  return ruleBacktest({
    bars: [bars],
    calendar: calendarNamed('none'),
    strategy,
    parameters: {},
    sizing: { kind: 'all-in' },
    longShort: true,
    limits: NAMED_LIMITS.standard,
    costs: { feeBps: 5, halfSpreadBps: 2, slippage: { kind: 'square-root', bps: 5 } },
    capital,
    lot: 1,
    seed: 7,
  }).result;
}

describe('a backtest', () => {
  it.each([1e-9, 1e-17, 1e5, 1e16])('has the same trades at prices and capital times %s', (factor) => {
    // Pairs take two symbols.
    for (const strategy of RULE_STRATEGIES.filter((name) => name !== 'pairs')) {
      const usual = backtest(strategy, walk(1), 100_000);
      const scaled = backtest(strategy, walk(factor), 100_000 * factor);
      const trades = (result: typeof usual): unknown[] =>
        result.ledger.map(({ side, quantity, entryTime, exitTime }) => [side, quantity, entryTime, exitTime]);
      expect([strategy, trades(scaled)]).toEqual([strategy, trades(usual)]);
      expect(scaled.totalReturn).toBeCloseTo(usual.totalReturn, 10);
      expect(scaled.sharpe).toBeCloseTo(usual.sharpe!, 8);
      expect(scaled.finalEquity / factor / usual.finalEquity).toBeCloseTo(1, 10);
      expect(scaled.verdict).toBe(usual.verdict);
    }
  });

  it('has the same trades at volumes of any size, where capital keeps its part of them', () => {
    const usual = backtest('sma-cross', walk(1), 100_000);
    for (const volume of [1e3, 1e9]) {
      const scaled = backtest('sma-cross', walk(1, volume), 100_000 * volume);
      expect(scaled.ledger.map(({ entryTime }) => entryTime)).toEqual(usual.ledger.map(({ entryTime }) => entryTime));
      expect(scaled.sharpe).toBeCloseTo(usual.sharpe!, 3);
    }
  });
});
