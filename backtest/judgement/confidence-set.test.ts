import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { confidenceSet, type RankedRecord } from './confidence-set.ts';

/** Trials of `days` days whose mean excess return is `edge` deviations for the first and 0 for the others. */
function trials(count: number, days: number, edge: number): RankedRecord[] {
  const random = createRandom('confidence set');
  return Array.from({ length: count }, (_, at) => ({
    rank: at + 1,
    record: {
      timeMs: Float64Array.from({ length: days }, (__, day) => day),
      excessReturns: Float64Array.from({ length: days }, () => 0.01 * (random.normal() + (at === 0 ? edge : 0))),
    },
  }));
}

const setOf = (given: readonly RankedRecord[]) => confidenceSet(given, createRandom(2))!;

describe('the model confidence set of trials', () => {
  it('holds nearly all that are as good as each other, and the best alone where it is better', () => {
    const alike = setOf(trials(12, 400, 0)).section!;
    expect(alike).toMatchObject({ confidence: 0.9, compared: 12, leftOut: 0, days: 400 });
    expect(alike.trials.filter(({ inSet }) => inSet).length).toBeGreaterThan(8);
    const { section, reason } = setOf(trials(12, 400, 0.5));
    expect(section!.trials.filter(({ inSet }) => inSet).map(({ rank }) => rank)).toEqual([1]);
    expect(reason).toBe(
      '1 of 12 trials cannot be told from the best by their excess returns over 400 shared days ' +
        '(model confidence set at 90 %): rank 1.',
    );
  });

  it('says where the first of the ranking is not in it', () => {
    const turned = trials(5, 400, 0.5).map((one) => ({ ...one, rank: 6 - one.rank }));
    expect(setOf(turned).reason).toContain('rank 5. The first of the ranking is not among them.');
  });

  it('compares the thirty best and says how many are left out', () => {
    const { section, reason } = setOf(trials(34, 60, 1));
    expect(section).toMatchObject({ compared: 30, leftOut: 4 });
    expect(section!.trials[0]).toMatchObject({ rank: 1, inSet: true });
    expect(reason).toContain('4 trials of lower mean return were left out.');
  });

  it('compares on the days that all share, and says where these are too few', () => {
    const [first, second] = trials(2, 100, 0) as [RankedRecord, RankedRecord];
    const later = { ...second, record: { ...second.record, timeMs: second.record.timeMs.map((time) => time + 60) } };
    expect(setOf([first, later]).section!.days).toBe(40);
    const last = { ...second, record: { ...second.record, timeMs: second.record.timeMs.map((time) => time + 95) } };
    expect(setOf([first, last])).toEqual({
      section: null,
      reason: 'confidenceSet: the trials share 5 daily returns; 20 are the least.',
    });
    expect(confidenceSet([first], createRandom(1))).toBeNull();
  });
});
