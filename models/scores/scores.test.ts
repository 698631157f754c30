import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { blockLength, bootstrapIntervals, quantile, resampleBars } from './block-bootstrap.ts';
import { calibrationCurve } from './calibration-curve.ts';
import {
  averageRanks,
  informationCoefficient,
  orderedColumn,
  rankInformationCoefficient,
} from './information-coefficient.ts';
import { scorePredictions } from './prediction-scores.ts';
import { auc, brier, hitRate, logLoss } from './probability-scores.ts';
import type { Score } from './score.ts';

const f = (...values: number[]): Float64Array => Float64Array.from(values);
const column = (...values: number[]) => orderedColumn(f(...values));
const valueOf = (score: Score): number => {
  if (score.value === null) throw new Error(score.reason);
  return score.value;
};

describe('information coefficients', () => {
  it('Pearson of Anscombe’s first quartet is 0.81642', () => {
    const x = f(10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5);
    const y = f(8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68);
    expect(valueOf(informationCoefficient(x, y))).toBeCloseTo(0.81642, 5);
  });

  it('gives tied values the average of their ranks', () => {
    expect([...averageRanks(f(3, 1, 3, 2, 3))]).toEqual([4, 1, 4, 2, 4]);
  });

  it('ranks by hand: no ties gives 1 - 6 sum d^2 / (n (n^2 - 1))', () => {
    const value = valueOf(rankInformationCoefficient(column(1, 2, 3, 4, 5), column(10, 30, 20, 50, 40)));
    expect(value).toBeCloseTo(1 - (6 * 4) / (5 * 24), 12);
  });

  it('does not change under strictly increasing maps, while Pearson does', () => {
    const a = f(0.1, 0.5, 0.2, 0.9, 0.4);
    const b = f(1, 2, -1, 5, 2.5);
    const bent = a.map((value) => Math.exp(5 * value));
    expect(rankInformationCoefficient(orderedColumn(bent), orderedColumn(b))).toEqual(
      rankInformationCoefficient(orderedColumn(a), orderedColumn(b)),
    );
    expect(informationCoefficient(bent, b)).not.toEqual(informationCoefficient(a, b));
  });

  it('is null with a reason for constant scores and too few rows', () => {
    expect(informationCoefficient(f(0.3, 0.3, 0.3), f(1, 2, 3))).toEqual({
      value: null,
      reason: 'The scores are all equal',
    });
    expect(informationCoefficient(f(1, 2, 3), f(0.1, 0.1, 0.1)).value).toBeNull();
    expect(informationCoefficient(f(1, 2), f(1, 2)).reason).toMatch(/at least 3 rows/);
  });
});

describe('probability scores', () => {
  it('by hand', () => {
    const p = f(0.9, 0.2, 0.6);
    const y = f(1, 0, 0);
    expect(valueOf(logLoss(p, y))).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8) + Math.log(0.4)) / 3, 12);
    expect(valueOf(brier(p, y))).toBeCloseTo((0.01 + 0.04 + 0.36) / 3, 12);
    expect(valueOf(hitRate(p, y))).toBeCloseTo(2 / 3, 12);
    expect(valueOf(hitRate(f(0.5), f(0)))).toBe(1);
    expect(logLoss(f(), f()).reason).toBe('There are no rows');
  });

  it('stays finite for a certain and wrong prediction', () => {
    expect(valueOf(logLoss(f(0), f(1)))).toBeLessThan(40);
  });

  it('AUC equals the share of ordered pairs, ties one half', () => {
    const arbitrary = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(arbitrary, (rows) => {
        const up = rows.filter(([, y]) => y === 1);
        const down = rows.filter(([, y]) => y === 0);
        const score = auc(orderedColumn(f(...rows.map(([s]) => s))), f(...rows.map(([, y]) => y)));
        if (up.length === 0 || down.length === 0)
          expect(score).toEqual({ value: null, reason: 'All rows are of one class' });
        else {
          let wins = 0;
          for (const [a] of up) for (const [b] of down) wins += a > b ? 1 : a === b ? 0.5 : 0;
          expect(valueOf(score)).toBeCloseTo(wins / (up.length * down.length), 12);
        }
      }),
    );
  });

  it('says which row has no value, and gives no figure that such a row is in', () => {
    const whole = {
      score: f(0.1, 0.4, 0.2, 0.3, 0.5),
      probability: f(0.4, 0.6, 0.45, 0.55, 0.7),
      y: f(0, 1, 0, 1, 1),
      realisedReturn: f(-0.1, 0.1, -0.2, 0.2, 0.3),
      decisionTimeMs: f(1, 2, 3, 4, 5),
    };
    const ofScores = ['informationCoefficient', 'rankInformationCoefficient', 'auc'];
    const ofProbabilities = ['logLoss', 'brier', 'hitRate'];
    const lost: Record<string, readonly string[]> = {
      score: ofScores,
      probability: ofProbabilities,
      y: ['auc', ...ofProbabilities],
      realisedReturn: ofScores.slice(0, 2),
    };
    for (const [column, names] of Object.entries(lost)) {
      for (const at of [0, 2, 4]) {
        const values = f(...whole[column as 'score']);
        values[at] = NaN;
        const bootstrap = { random: createRandom(1), horizonBars: 1, resamples: 20 };
        const report = scorePredictions({ ...whole, [column]: values }, bootstrap);
        for (const [name, { value, reason }] of Object.entries(report.scores)) {
          const given = scorePredictions(whole).scores[name as 'auc'].value;
          expect([name, value]).toEqual([name, names.includes(name) ? null : given]);
          if (value !== null) continue;
          expect(reason).toMatch(new RegExp(`^Row ${at} has no `));
          expect(report.intervals![name as 'auc']).toBeNull();
        }
      }
    }
    expect(auc(orderedColumn(f(NaN, NaN)), f(0, 1)).value).toBeNull();
    expect(rankInformationCoefficient(orderedColumn(f(1, NaN, 2)), orderedColumn(f(1, 2, 3))).value).toBeNull();
  });

  it('takes a column of one value for that, whatever its length and level', () => {
    const rows = 200_000;
    const outcome = Float64Array.from({ length: rows }, (_, row) => (row % 7) - 3);
    for (const level of [0.1, 1 / 3, -1e-9, 1e12 / 7]) {
      const score = new Float64Array(rows).fill(level);
      expect(informationCoefficient(score, outcome).reason).toBe('The scores are all equal');
      expect(informationCoefficient(outcome, score).reason).toBe('The outcomes are all equal');
    }
  });

  it('calibration curve: every row in one bin, equal probabilities together', () => {
    const p = f(0.1, 0.2, 0.2, 0.2, 0.8, 0.9);
    const curve = calibrationCurve(p, f(0, 0, 1, 0, 1, 1), 3);
    expect(curve.map((bin) => bin.rows)).toEqual([4, 2]);
    expect(curve[0]!.predicted).toBeCloseTo(0.175, 12);
    expect(curve[0]!.observed).toBeCloseTo(0.25, 12);
    expect(curve[1]).toMatchObject({ from: 0.8, to: 0.9, observed: 1 });
  });
});

describe('block bootstrap', () => {
  it('uses the cube root of the bars, and never less than the horizon', () => {
    expect([blockLength(1000, 1), blockLength(3600, 1), blockLength(1000, 20), blockLength(1, 1)]).toEqual([
      10, 16, 20, 1,
    ]);
  });

  it('draws as many bars as there are, in runs of the stated mean length', () => {
    for (const kind of ['stationary', 'moving'] as const) {
      const bars = 5000;
      const counts = resampleBars(bars, { random: createRandom(1), kind, blockBars: 20 });
      expect(counts.reduce((a, b) => a + b)).toBe(bars);
      let starts = 0;
      for (let i = 1; i < bars; i++) starts += Math.max(0, counts[i]! - counts[i - 1]!);
      expect(bars / starts).toBeGreaterThan(15);
      expect(bars / starts).toBeLessThan(35);
    }
  });

  it('covers the true mean of a persistent series about 95 times in 100, where single rows would not', () => {
    const covered = (blockBars: number): number => {
      let inside = 0;
      for (let trial = 0; trial < 200; trial++) {
        const random = createRandom(`coverage/${trial}`);
        let state = 0;
        const series = Float64Array.from({ length: 600 }, () => (state = 0.5 * state + random.normal()));
        const mean = (counts: Int32Array): Record<'mean', Score> => {
          let sum = 0;
          counts.forEach((count, i) => (sum += count * series[i]!));
          return { mean: { value: sum / series.length, reason: null } };
        };
        const interval = bootstrapIntervals(600, mean, { random, blockBars, resamples: 200 }).mean!;
        if (interval[0] <= 0 && interval[1] >= 0) inside++;
      }
      return inside / 200;
    };
    expect(covered(20)).toBeGreaterThan(0.86);
    expect(covered(1)).toBeLessThan(0.8);
  });

  it('interpolates quantiles', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([7], 0.9)).toBe(7);
  });
});

describe('score report', () => {
  it('holds every figure with an interval around it, repeatably, and reasons where there is none', () => {
    const random = createRandom(9);
    const rows = 300;
    const score = Float64Array.from({ length: rows }, () => random.next());
    const realisedReturn = score.map((value) => 0.01 * (value - 0.5 + random.normal()));
    const input = {
      score,
      probability: score,
      y: realisedReturn.map((value) => (value > 0 ? 1 : 0)),
      realisedReturn,
      decisionTimeMs: Float64Array.from({ length: rows }, (_, i) => Math.floor(i / 2)),
    };
    const report = scorePredictions(input, { random: createRandom(1), horizonBars: 1, resamples: 200 });
    expect(report).toMatchObject({ rows: 300, bars: 150 });
    for (const [name, interval] of Object.entries(report.intervals!)) {
      const value = report.scores[name as keyof typeof report.scores].value!;
      expect(interval![0]).toBeLessThan(value);
      expect(interval![1]).toBeGreaterThan(value);
    }
    expect(scorePredictions(input, { random: createRandom(1), horizonBars: 1, resamples: 200 })).toEqual(report);
    const flat = scorePredictions(
      { ...input, score: score.map(() => 0.5) },
      { random: createRandom(1), horizonBars: 1, resamples: 20 },
    );
    expect(flat.scores.informationCoefficient.reason).toBe('The scores are all equal');
    expect(flat.intervals!.informationCoefficient).toBeNull();
  });
});
