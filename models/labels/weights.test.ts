import { describe, expect, it } from 'vitest';
import { decayWeights, meanOne } from './time-decay.ts';
import { averageUniqueness } from './uniqueness.ts';

const near = (value: number): number => expect.closeTo(value, 12) as number;

describe('average uniqueness', () => {
  it('is 1 for labels that never overlap and 1/h inside a run of labels of h bars', () => {
    expect([...averageUniqueness(Int32Array.from([1, 2, 3, -1]))]).toEqual([1, 1, 1, 0]);
    const h = 4;
    const end = Int32Array.from({ length: 40 }, (_, i) => (i + h < 40 ? i + h : -1));
    const weights = averageUniqueness(end);
    expect(weights[20]).toBeCloseTo(1 / h, 12);
    expect(weights[0]).toBeGreaterThan(weights[20]!);
  });

  it('agrees with counting by hand', () => {
    // Alive: bar 1 {0}, bar 2 {0, 1}, bar 3 {0, 1, 2}, bar 4 {2}.
    const weights = averageUniqueness(Int32Array.from([3, 3, 4, -1, -1]));
    expect(weights[0]).toBeCloseTo((1 + 1 / 2 + 1 / 3) / 3, 12);
    expect(weights[1]).toBeCloseTo((1 / 2 + 1 / 3) / 2, 12);
    expect(weights[2]).toBeCloseTo((1 / 3 + 1) / 2, 12);
  });

  it('of labels known by a bar does not depend on labels made later', () => {
    const end = Int32Array.from([3, 5, 4, 6, 9, 8, 9, 12, 11, 12, 14, -1, -1, -1, -1]);
    const cut = 6;
    const early = averageUniqueness(end.map((e, i) => (i <= cut ? e : -1)));
    const all = averageUniqueness(end);
    end.forEach((e, i) => {
      if (e <= cut) expect(all[i]).toBe(early[i]);
    });
  });
});

describe('time decay', () => {
  it('is the same for all symbols of a time, in whatever order they stand', () => {
    const times = Float64Array.from([1, 1, 1, 2, 3, 3]);
    const weight = Float64Array.from([0.2, 0.7, 0.5, 1, 0.4, 0.9]);
    const shares = decayWeights(weight, times).map((value, row) => value / weight[row]!);
    expect(shares[0]).toBeCloseTo(0.5 + (0.5 * 1.4) / 3.7, 12);
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [4, 5],
    ] as const)
      expect(shares[a]).toBeCloseTo(shares[b]!, 12);
    expect(shares[5]).toBeCloseTo(1, 12);
    const turned = decayWeights(Float64Array.from([0.5, 0.7, 0.2, 1, 0.9, 0.4]), times);
    expect([turned[2], turned[1], turned[0]]).toEqual([0.2 * shares[0]!, 0.7 * shares[0]!, 0.5 * shares[0]!].map(near));
  });

  it('keeps the newest, halves the oldest, and falls on a line in cumulative weight', () => {
    const times = Float64Array.from({ length: 1000 }, (_, time) => time);
    const decayed = decayWeights(new Float64Array(1000).fill(1), times, 0.5);
    expect(decayed[999]).toBeCloseTo(1, 12);
    expect(decayed[0]).toBeCloseTo(0.5, 2);
    expect(decayed[499]).toBeCloseTo(0.75, 3);
  });

  it('mean one scales and keeps ratios', () => {
    const scaled = meanOne(Float64Array.from([1, 2, 3]));
    expect(scaled.reduce((a, b) => a + b) / 3).toBeCloseTo(1, 12);
    expect(scaled[2]! / scaled[0]!).toBeCloseTo(3, 12);
  });
});
