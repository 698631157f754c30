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

describe('a rule strategy over a file', () => {
  it('has no skill in holding what its benchmark holds, whatever lots make of the difference', () => {
    const { result } = ruleBacktest(options);
    expect(result.totalReturn).toBeGreaterThan(0.2);
    expect(result.verdict).toBe('none');
    expect(result.excess.sharpe).toBeNull();
  });

  it('gives an equal document for equal options', () => {
    const cross: RuleBacktestOptions = { ...options, strategy: 'sma-cross', parameters: { fast: 5, slow: 20 } };
    expect(ruleBacktest(cross).result).toEqual(ruleBacktest(cross).result);
    expect(ruleBacktest(cross).result.trades).toBeGreaterThan(5);
  });
});
