import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { compareWithRival, type ComparedRecord } from './rival-comparison.ts';
import type { Tries } from '../judgement/trial-store.ts';

const DAYS = 500;
const NOTHING: Tries = { trials: [], dataStates: 1, offers: 0, sinceMs: null };

/** Daily returns of a market held in part, and a skill beside it. */
function recordOf(seed: number, { exposure = 0.5, skill = 0, days = DAYS } = {}): ComparedRecord {
  const market = createRandom('market');
  const own = createRandom(seed);
  const excessReturns = Float64Array.from({ length: days }, () => 0.002 * own.normal() + skill);
  const returns = excessReturns.map((excess) => excess + exposure * (0.001 + 0.01 * market.normal()));
  const record = { timeMs: Float64Array.from({ length: days }, (_, day) => day), returns, excessReturns };
  return { record, causalFromMs: -Infinity };
}

const compare = (
  challenger: ComparedRecord,
  rival: ComparedRecord | null,
  tries: Partial<Tries> = {},
): ReturnType<typeof compareWithRival> =>
  compareWithRival(challenger, rival, { tries: { ...NOTHING, ...tries }, periodsPerYear: 252 });

describe('a challenger beside the champion', () => {
  it('is compared by net return: the figure and its confidence have the sign of the difference that is named', () => {
    const [more, less] = [recordOf(1, { exposure: 0.9 }), recordOf(2, { exposure: 0.1, skill: 0.0003 })];
    const found = compare(less, more);
    const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
    const expected = ((sum(less.record.returns) - sum(more.record.returns)) / DAYS) * 252;
    expect(found.annualDifference).toBeCloseTo(expected, 12);
    expect(found.annualDifference).toBeLessThan(0);
    // Better beyond its exposure and yet poorer: it is not called better.
    expect(found.annualExcess).toBeGreaterThan(0);
    expect(found.confidence).toBeLessThan(0.5);
    expect(compare(more, less).confidence).toBeGreaterThan(0.5);
  });

  it('is believed less with every offer and every new state of the data, though the models are alike', () => {
    const [good, plain] = [recordOf(3, { skill: 0.0003 }), recordOf(4)];
    const alike = { trials: [good.record, good.record] };
    const once = compare(good, plain, alike);
    expect(once.confidence).toBe(once.aloneConfidence);
    const offered = [1, 5, 25].map((offers) => compare(good, plain, { ...alike, offers }).confidence!);
    const grown = [2, 6, 26].map((dataStates) => compare(good, plain, { ...alike, dataStates }).confidence!);
    expect(grown).toEqual(offered);
    expect([once.confidence!, ...offered]).toEqual([once.confidence!, ...offered].sort((a, b) => b - a));
    expect(offered.at(-1)).toBeLessThan(once.confidence! - 0.1);
  });

  it('keeps what is worthless out, however often it is retrained and offered', () => {
    let [promotedOnce, promotedCounted] = [0, 0];
    for (let feed = 0; feed < 100; feed++) {
      const whole = recordOf(100 + feed, { days: 600 });
      const champion = recordOf(1000 + feed, { days: 600 });
      const upTo = (days: number): ComparedRecord => ({
        ...whole,
        record: {
          timeMs: whole.record.timeMs.subarray(0, days),
          returns: whole.record.returns.subarray(0, days),
          excessReturns: whole.record.excessReturns.subarray(0, days),
        },
      });
      const looks = Array.from({ length: 25 }, (_, look) => ({ look, found: upTo(100 + 20 * look) }));
      const passes = (found: ComparedRecord, look: number): boolean =>
        compare(found, champion, { offers: look, dataStates: look + 1 }).confidence! >= 0.95;
      if (looks.some(({ found }) => passes(found, 0))) promotedOnce += 1;
      if (looks.some(({ found, look }) => passes(found, look))) promotedCounted += 1;
    }
    // 0.95 asked again and again lets far more than 5 % of worthless feeds through.
    expect(promotedOnce).toBeGreaterThan(15);
    expect(promotedCounted).toBeLessThan(10);
  });

  it('is deflated by the spread of what was tried', () => {
    const [good, plain] = [recordOf(3, { skill: 0.0003 }), recordOf(4)];
    const trials = Array.from({ length: 20 }, (_, seed) => recordOf(50 + seed).record);
    expect(compare(good, plain, { trials }).confidence).toBeLessThan(compare(good, plain).confidence!);
    expect(compare(good, plain, { trials })).toMatchObject({ trials: 20, offers: 0, rival: 'champion' });
  });

  it('is compared on days that both predicted without knowing later bars', () => {
    const late = { ...recordOf(5), causalFromMs: 399 };
    expect(compare(late, recordOf(6)).days).toBe(100);
    expect(compare(recordOf(6), late).days).toBe(100);
    expect(compare({ ...late, causalFromMs: Infinity }, recordOf(6))).toMatchObject({ days: 0, confidence: null });
  });
});

describe('the first version of a name', () => {
  it('is compared with holding the market at its own exposure', () => {
    const found = compare(recordOf(7, { skill: 0.0004 }), null);
    expect(found.rival).toBe('holding');
    expect(found.confidence).toBeGreaterThan(0.95);
    expect(compare(recordOf(8, { exposure: 1 }), null).confidence).toBeLessThan(0.95);
    const idle = recordOf(9);
    idle.record.excessReturns.fill(0);
    expect(compare(idle, null).confidence).toBeNull();
  });
});
