import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { DEFAULT_INTERVALS, intervalsSchema } from './intervals-schema.ts';
import { measuredCoverage } from './measured-coverage.ts';
import { RankedWindow } from './ranked-window.ts';
import { returnIntervals, type IntervalInput } from './return-intervals.ts';

/** Two symbols, one ten times as wild as the other, whose returns double in size in the middle. */
function predictions(times: number, horizonBars = 1): IntervalInput & { readonly fold: Int32Array } {
  const random = createRandom('intervals');
  const rows = 2 * times;
  const score = Float64Array.from({ length: rows }, () => random.normal());
  const realisedReturn = score.map((value, row) => {
    const size = (row % 2 === 0 ? 0.01 : 0.1) * (row > rows / 2 ? 2 : 1);
    return size * (0.2 * value + random.normal()) * Math.sqrt(horizonBars);
  });
  return {
    score,
    realisedReturn,
    decisionTimeMs: Float64Array.from({ length: rows }, (_, row) => Math.floor(row / 2) * DAY_MS),
    symbol: Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 'CALM' : 'WILD')),
    fold: Int32Array.from({ length: rows }, (_, row) => Math.floor((2 * row) / rows)),
  };
}

const settings = { ...DEFAULT_INTERVALS, horizonBars: 1 };

describe('returnIntervals', () => {
  it('uses nothing of a row before its return was known', () => {
    const horizonBars = 4;
    const given = predictions(400, horizonBars);
    const changed = 492;
    const later = given.realisedReturn.map((value, row) => (row >= changed ? value * 50 + 1 : value));
    const before = returnIntervals(given, { ...settings, horizonBars });
    const after = returnIntervals({ ...given, realisedReturn: later }, { ...settings, horizonBars });
    // Two rows a time: the first that may look at a changed return is that of the time when it is known.
    const first = changed + 2 * horizonBars;
    expect(after.low.subarray(0, first)).toEqual(before.low.subarray(0, first));
    expect(after.high.subarray(0, first)).toEqual(before.high.subarray(0, first));
    expect(after.high[first]).not.toBe(before.high[first]);
    expect(before.low[first]).toBeLessThan(before.high[first]!);
  });

  it('covers at its level, in a calm symbol as in a wild one, and after a break', () => {
    const given = predictions(1500);
    const measured = measuredCoverage(given, { ...settings, random: createRandom(1) });
    expect(Math.abs(measured.coverage! - 0.9)).toBeLessThan(0.02);
    expect(measured.interval![0]).toBeLessThan(measured.coverage!);
    expect(measured.interval![1]).toBeGreaterThan(measured.coverage!);
    expect(measured.below! + measured.above! + measured.coverage!).toBeCloseTo(1, 12);
    for (const { coverage } of measured.folds) expect(Math.abs(coverage - 0.9)).toBeLessThan(0.03);
    const { low, high } = returnIntervals(given, settings);
    const missed = (of: number): number => {
      const own = [...low.keys()].filter((row) => row % 2 === of && !Number.isNaN(low[row]!));
      const isOut = (row: number) => given.realisedReturn[row]! < low[row]! || given.realisedReturn[row]! > high[row]!;
      return own.filter(isOut).length / own.length;
    };
    expect(Math.abs(missed(0) - 0.1)).toBeLessThan(0.03);
    expect(Math.abs(missed(1) - 0.1)).toBeLessThan(0.03);
  });

  it('widens after misses: without adaptation a market that grows wilder every day is covered too seldom', () => {
    const given = predictions(1500);
    const growing = given.realisedReturn.map((value, row) => value * 1.05 ** (row / 2));
    const coverageAt = (adaptation: number): number =>
      measuredCoverage({ ...given, realisedReturn: growing }, { ...settings, adaptation, random: createRandom(1) })
        .coverage!;
    expect(coverageAt(0)).toBeLessThan(coverageAt(0.02));
  });

  it('gives no interval before enough is known, and no figure where there is none', () => {
    const { low } = returnIntervals(predictions(400), settings);
    expect(Number.isNaN(low[50]!)).toBe(true);
    expect(Number.isNaN(low[100]!)).toBe(false);
    const few = measuredCoverage(predictions(20), { ...settings, random: createRandom(1) });
    expect(few).toMatchObject({ rows: 0, coverage: null, interval: null, meanWidth: null, folds: [] });
    expect(returnIntervals(predictions(0), settings).low).toHaveLength(0);
  });
});

describe('RankedWindow', () => {
  it('gives what sorting gives, whatever came and went', () => {
    const changes = fc.array(fc.tuple(fc.nat(19), fc.nat(30)), { minLength: 1, maxLength: 60 });
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(values, changes, (given, steps) => {
        const window = new RankedWindow(Float64Array.from(given));
        const held = new Set<number>();
        for (const [at, k] of steps) {
          if (held.delete(at)) window.remove(at);
          else {
            held.add(at);
            window.add(at);
          }
          if (held.size === 0) continue;
          const sorted = [...held].map((one) => given[one]!).sort((a, b) => a - b);
          expect(window.smallest(k)).toBe(sorted[Math.min(sorted.length, Math.max(1, k)) - 1]);
          expect(window.count).toBe(held.size);
        }
      }),
    );
  });
});

it('has bounds', () => {
  expect(intervalsSchema.safeParse({ level: 1 }).success).toBe(false);
  expect(intervalsSchema.parse({})).toEqual({ level: 0.9, adaptation: 0.005, windowBars: 500 });
});
