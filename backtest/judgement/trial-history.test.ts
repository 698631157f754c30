import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { historyOf, type TrialRecord } from './trial-history.ts';

function record(seed: number, { days = 200, from = 0, drift = 0 } = {}): TrialRecord {
  const random = createRandom(seed);
  const returns = Float64Array.from({ length: days }, () => 0.01 * random.normal() + drift);
  return {
    timeMs: Float64Array.from({ length: days }, (_, day) => from + day),
    returns,
    excessReturns: returns.map((r) => r / 2),
  };
}

describe('history of trials', () => {
  it('of one trial has no spread and no probability of overfitting', () => {
    const history = historyOf([record(1)]);
    expect(history).toMatchObject({
      trials: 1,
      spread: { trials: 1, sharpeDeviation: 0 },
      probabilityOfOverfitting: null,
    });
    expect(history.reason).toContain('fewer than 2');
  });

  it('spreads as the Sharpe ratios do', () => {
    const trials = Array.from({ length: 400 }, (_, seed) => record(seed));
    const { spread, excessSpread } = historyOf(trials);
    // The Sharpe ratio of n independent returns with mean 0 has deviation 1 / sqrt(n).
    expect(spread.sharpeDeviation * Math.sqrt(200)).toBeGreaterThan(0.9);
    expect(spread.sharpeDeviation * Math.sqrt(200)).toBeLessThan(1.1);
    expect(excessSpread.sharpeDeviation).toBeCloseTo(spread.sharpeDeviation, 12);
  });

  it('counts trials that did nothing with ratio 0', () => {
    const idle = { ...record(1), returns: new Float64Array(200), excessReturns: new Float64Array(200) };
    const active = record(2, { drift: 0.01 });
    const { trials, spread } = historyOf([active, idle]);
    expect(trials).toBe(2);
    expect(spread.sharpeDeviation).toBeGreaterThan(0.5);
  });

  it('compares records on the days that all of them have', () => {
    const good = record(3, { drift: 0.01, days: 300 });
    const late = record(4, { from: 100, days: 300 });
    expect(historyOf([good, late]).probabilityOfOverfitting).toBe(0);
    const apart = historyOf([good, record(5, { from: 295 })]);
    expect(apart.probabilityOfOverfitting).toBeNull();
    expect(apart.reason).toContain('5 daily returns');
    expect(apart.trials).toBe(2);
  });
});
