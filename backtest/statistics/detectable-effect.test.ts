import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { detectableSharpe, detectableWords } from './detectable-effect.ts';
import { deflatedSharpe, sharpeEvidence } from './significance.ts';

const YEAR = 252;

/** How often a record of a true ratio is judged evidence among so many trials. */
function seen(sharpe: number, { days, trials }: { days: number; trials: number }): number {
  const random = createRandom(7);
  const daily = sharpe / Math.sqrt(YEAR);
  const spread = { trials, sharpeDeviation: 1 / Math.sqrt(days - 1) };
  let found = 0;
  const RECORDS = 1_000;
  for (let record = 0; record < RECORDS; record++) {
    const returns = Float64Array.from({ length: days }, () => 0.01 * (daily + random.normal()));
    if (deflatedSharpe(sharpeEvidence(returns)!, spread) >= 0.95) found += 1;
  }
  return found / RECORDS;
}

describe('the smallest effect that can be seen', () => {
  it.each([
    { days: 2 * YEAR, trials: 1 },
    { days: 5 * YEAR, trials: 100 },
  ])('is seen four times in five, a smaller one less often, in $days days with $trials trials', (planned) => {
    const sharpe = detectableSharpe({ ...planned, periodsPerYear: YEAR })!;
    expect(Math.abs(seen(sharpe, planned) - 0.8)).toBeLessThan(0.04);
    expect(seen(0.6 * sharpe, planned)).toBeLessThan(0.6);
    expect(seen(0, planned)).toBeLessThan(0.08);
  });

  it('is what the papers’ numbers come to', () => {
    // One trial: 1.6449 + 0.8416 standard errors of sqrt(252 / 5039).
    expect(detectableSharpe({ days: 20 * YEAR, periodsPerYear: YEAR, trials: 1 })).toBeCloseTo(0.5561, 3);
    expect(detectableSharpe({ days: 1, periodsPerYear: YEAR, trials: 1 })).toBeNull();
    expect(detectableWords({ days: 20 * YEAR, periodsPerYear: YEAR, trials: 1 })).toBe(
      'With 20.0 years of days and one trial on them, a true Sharpe ratio below 0.56 a year is missed more often than ' +
        'one time in five.',
    );
  });

  it('grows with what is tried, and shrinks with the length of the record', () => {
    const of = (days: number, trials: number): number => detectableSharpe({ days, periodsPerYear: YEAR, trials })!;
    expect(of(1_000, 100)).toBeGreaterThan(of(1_000, 10));
    expect(of(2_000, 10)).toBeLessThan(of(1_000, 10));
  });
});
