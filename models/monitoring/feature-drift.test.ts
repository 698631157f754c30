import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import type { Dataset } from '../dataset.ts';
import { describeFeature, kolmogorovSmirnov, stabilityIndex } from './distribution-shift.ts';
import { featureDrift } from './feature-drift.ts';
import { fitNovelty, NOVEL_ABOVE, noveltyOf } from './novelty.ts';
import { describeTraining } from './training-reference.ts';

const WIDTH = 6;

/**
 * Features that depend on their past (persistence 0 to 0.9) and on each other, as those of bars do; the last is a flag.
 */
function datasetOf(seed: string, bars: number, change: (values: number[]) => number[] = (values) => values): Dataset {
  const random = createRandom(seed);
  const x = new Float64Array(bars * WIDTH);
  const state = new Array<number>(WIDTH).fill(0);
  for (let bar = -50; bar < bars; bar++) {
    const mood = random.normal();
    for (let f = 0; f < WIDTH; f++) {
      const persistence = 0.18 * f;
      const shock = 0.6 * mood + 0.8 * random.normal();
      state[f] = persistence * state[f]! + Math.sqrt(1 - persistence ** 2) * shock;
    }
    if (bar < 0) continue;
    const values = change([...state]);
    values[WIDTH - 1] = values[WIDTH - 1]! > 0.8 ? 1 : 0;
    x.set(values, bar * WIDTH);
  }
  const zeros = new Float64Array(bars);
  return {
    featureNames: Array.from({ length: WIDTH }, (_, f) => `f${f}`),
    rows: bars,
    width: WIDTH,
    x,
    y: zeros,
    weight: zeros,
    realisedReturn: zeros,
    decisionTimeMs: Float64Array.from({ length: bars }, (_, bar) => bar),
    labelEndTimeMs: Float64Array.from({ length: bars }, (_, bar) => bar + 1),
    symbolIndex: new Int32Array(bars),
    symbols: ['A'],
  };
}

const window = (data: Dataset, from: number, to: number): Dataset => ({
  ...data,
  rows: to - from,
  x: data.x.subarray(from * WIDTH, to * WIDTH),
  decisionTimeMs: data.decisionTimeMs.subarray(from, to),
});

describe('measures of a shifted distribution', () => {
  const uniform = describeFeature(
    'u',
    Float64Array.from({ length: 6001 }, (_, k) => k / 6000),
  );

  it('are 0 for the same values and what they are by hand for shifted ones', () => {
    const same = Float64Array.from({ length: 601 }, (_, k) => k / 600);
    expect(stabilityIndex(uniform, same)).toBeLessThan(1e-3);
    expect(kolmogorovSmirnov(uniform, same)).toBeLessThan(0.01);
    // Upper half only: five empty bins and five of twice the share; the distribution functions differ most at the
    // middle.
    const upper = Float64Array.from({ length: 500 }, (_, k) => 0.5 + (k + 0.5) / 1000);
    const byHand = 5 * (0.2 - 0.1) * Math.log(2) + 5 * (1e-4 - 0.1) * Math.log(1e-4 / 0.1);
    expect(stabilityIndex(uniform, upper)).toBeCloseTo(byHand, 1);
    expect(kolmogorovSmirnov(uniform, upper)).toBeCloseTo(0.5, 2);
  });

  it('treat a flag as steps, and a feature that went missing as a shift', () => {
    const flag = describeFeature(
      'flag',
      Float64Array.from({ length: 1000 }, (_, k) => (k < 700 ? 0 : 1)),
    );
    const half = Float64Array.from({ length: 100 }, (_, k) => k % 2);
    expect(kolmogorovSmirnov(flag, half)).toBeCloseTo(0.2, 1);
    expect(stabilityIndex(uniform, new Float64Array(100).fill(NaN))).toBeGreaterThan(5);
  });
});

describe('feature drift', () => {
  const RATE = 0.05;
  const references = Array.from({ length: 100 }, (_, seed) => describeTraining(datasetOf(`train ${seed}`, 1500), 60));
  const alarms = (change?: (values: number[]) => number[]): number => {
    const looks = references.map((reference, seed) =>
      featureDrift(reference, datasetOf(`new ${seed}`, 60, change), RATE),
    );
    return looks.filter(({ alarm }) => alarm).length;
  };

  it('keeps its rate of false alarms on features that depend on their past', () => {
    // 5 expected of 100; 11 or more happen by chance once in a hundred times.
    expect(alarms()).toBeLessThanOrEqual(11);
  });

  it('notices a feature that moved by 1.2 deviations and one whose spread tripled', () => {
    expect(alarms(([first, ...rest]) => [first! + 1.2, ...rest])).toBeGreaterThanOrEqual(90);
    expect(alarms(([first, ...rest]) => [first! * 3, ...rest])).toBeGreaterThanOrEqual(85);
  });

  it('names the feature, and says why it does not judge', () => {
    const reference = describeTraining(datasetOf('train', 1500), 60);
    const moved = datasetOf('new', 60, ([a, b, c, ...rest]) => [a!, b!, c! + 2.5, ...rest]);
    expect(featureDrift(reference, moved, RATE).features[0]!.name).toBe('f2');
    const few = featureDrift(reference, window(moved, 0, 30), RATE);
    expect(few).toMatchObject({ alarm: false, worst: null, reason: '30 new bars; a window has 60' });
    const short = describeTraining(datasetOf('train', 300), 60);
    expect(featureDrift(short, moved, RATE).reason).toContain('too short');
  });
});

describe('novelty', () => {
  const reference = fitNovelty(datasetOf('train', 2000))!;

  it('calls as many new rows of the same kind novel as it says', () => {
    const fresh = noveltyOf(reference, datasetOf('fresh', 4000));
    const novel = fresh.filter((value) => value > NOVEL_ABOVE).length / fresh.length;
    expect(novel).toBeGreaterThan(0.002);
    expect(novel).toBeLessThan(0.03);
    expect(fresh.reduce((sum, value) => sum + value, 0) / fresh.length).toBeCloseTo(0.5, 1);
  });

  it('sees a row whose every feature is usual and whose combination is not', () => {
    // All features rise and fall together; opposite ones of 2 deviations each have not been seen.
    const odd = { x: Float64Array.of(2, -2, 2, -2, 2, 0), rows: 1, width: WIDTH };
    const usual = { x: Float64Array.of(2, 2, 2, 2, 2, 1), rows: 1, width: WIDTH };
    expect(noveltyOf(reference, odd)[0]).toBeGreaterThan(NOVEL_ABOVE);
    expect(noveltyOf(reference, usual)[0]).toBeLessThan(NOVEL_ABOVE);
    const missing = { x: Float64Array.of(NaN, NaN, 0, 0, 0, 0), rows: 1, width: WIDTH };
    expect(noveltyOf(reference, missing)[0]).toBeLessThan(0.5);
  });
});
