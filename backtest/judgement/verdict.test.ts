import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { mean, sampleDeviation } from '../statistics/moments.ts';
import { judge, type VerdictInput } from './verdict.ts';

/** Normal returns moved and scaled to have exactly this per-period Sharpe ratio. */
function returnsWithSharpe(sharpe: number, days: number, seed = 1): Float64Array {
  const random = createRandom(seed);
  const raw = Float64Array.from({ length: days }, () => random.normal());
  const centre = mean(raw);
  const deviation = sampleDeviation(raw);
  return raw.map((value) => 0.01 * ((value - centre) / deviation + sharpe));
}

const input = (rest: Partial<VerdictInput>): VerdictInput => ({
  excessReturns: returnsWithSharpe(0.1, 1_000),
  trades: 30,
  spread: { trials: 1, sharpeDeviation: 0 },
  periodsPerYear: 252,
  random: createRandom('verdict'),
  ...rest,
});

describe('verdict', () => {
  it('is evidence when all four conditions hold', () => {
    const { verdict, reasons, excess } = judge(input({}));
    expect(verdict).toBe('evidence');
    expect(reasons).toHaveLength(5);
    expect(reasons.filter((reason) => reason.startsWith('Met'))).toHaveLength(4);
    expect(excess.deflatedSharpe).toBe(excess.probabilisticSharpe);
  });

  it('falls to weak with 29 trades, and says so', () => {
    const { verdict, reasons } = judge(input({ trades: 29 }));
    expect(verdict).toBe('weak');
    expect(reasons).toContain('Not met: 29 trades; at least 30 are required.');
  });

  it('falls to weak when many trials explain the ratio: the deflated ratio counts, not the probabilistic one', () => {
    const spread = { trials: 100, sharpeDeviation: 0.035 };
    const { verdict, excess, reasons } = judge(input({ spread }));
    expect(excess.probabilisticSharpe).toBeGreaterThan(0.99);
    expect(excess.deflatedSharpe).toBeLessThan(0.95);
    expect(verdict).toBe('weak');
    expect(reasons.join()).toContain('best of 100 trials');
    // The same ratio from one trial is evidence.
    expect(judge(input({ spread: { ...spread, trials: 1 } })).verdict).toBe('evidence');
  });

  it('falls to weak when the lower end of the interval is not above 0', () => {
    // One-sided 95 % is enough for the probabilistic ratio, not for the lower end of a two-sided interval: 1.645 < 1.75
    // < 1.96.
    const { verdict, excess } = judge(input({ excessReturns: returnsWithSharpe(1.75 / Math.sqrt(999), 1_000) }));
    expect(excess.probabilisticSharpe).toBeGreaterThan(0.95);
    expect(excess.interval!.low).toBeLessThan(0);
    expect(verdict).toBe('weak');
  });

  it('is none on either side of nothing', () => {
    expect(judge(input({ excessReturns: returnsWithSharpe(0.01, 1_000) })).verdict).toBe('none');
    const negative = judge(input({ excessReturns: returnsWithSharpe(-0.1, 1_000) }));
    expect(negative.verdict).toBe('none');
    expect(negative.excess.minimumTrackRecordLength).toBeNull();
    expect(negative.reasons.join()).toContain('no record would be long enough');
  });

  it('changes exactly at a probabilistic ratio of 0.95', () => {
    const at = (z: number) => judge(input({ excessReturns: returnsWithSharpe(z / Math.sqrt(999), 1_000) }));
    expect(at(1.6).verdict).toBe('none');
    expect(at(1.69).verdict).toBe('weak');
  });

  it('requires the record to be as long as its minimum', () => {
    const { excess, reasons } = judge(input({ excessReturns: returnsWithSharpe(0.04, 1_000) }));
    expect(excess.minimumTrackRecordLength).toBeGreaterThan(1_000);
    expect(reasons.find((reason) => reason.includes('of record'))).toMatch(/^Not met: 1,000 trading days/);
  });

  it('is never evidence of a record that knew later bars, and says so', () => {
    const { verdict, reasons } = judge(input({ foresight: 'the models knew later bars' }));
    expect(verdict).toBe('weak');
    expect(reasons.at(-1)).toBe('Not met: the models knew later bars.');
    const idle = judge(input({ excessReturns: new Float64Array(9), foresight: 'the models knew later bars' }));
    expect(idle.reasons.at(-1)).toBe('Not met: the models knew later bars.');
  });

  it.each([
    ['returns that do not vary', new Float64Array(500), 'do not vary'],
    ['two days', Float64Array.of(0.1, 0.2), '2 daily excess returns'],
    ['no day', new Float64Array(0), '0 daily excess returns'],
  ])('is none with a reason for %s', (_, excessReturns, text) => {
    const { verdict, reasons, excess } = judge(input({ excessReturns }));
    expect(verdict).toBe('none');
    expect(reasons.join()).toContain(text);
    expect(excess.deflatedSharpe).toBeNull();
  });

  it('gives the same judgement for the same seed', () => {
    expect(judge(input({ random: createRandom(3) }))).toEqual(judge(input({ random: createRandom(3) })));
  });
});
