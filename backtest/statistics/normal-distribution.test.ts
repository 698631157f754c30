import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from './normal-distribution.ts';

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe('standard normal distribution', () => {
  // Computed once with Python 3.11: 0.5 * math.erfc(-x / math.sqrt(2)) and statistics.NormalDist().inv_cdf(p)
  // (Wichura's AS 241).
  it.each([
    [-10, 7.619853024160593e-24],
    [-6, 9.865876450377012e-10],
    [-3, 0.0013498980316300957],
    [-1.5, 0.06680720126885809],
    [-1, 0.15865525393145707],
    [-0.001, 0.49960105778608893],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [1.96, 0.9750021048517795],
    [4, 0.9999683287581669],
  ])('cdf(%f)', (x, expected) => {
    expect(relative(normalCdf(x), expected)).toBeLessThan(1e-14);
  });

  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.025, -1.9599639845400538],
    [0.3, -0.5244005127080407],
    [0.95, 1.6448536269514715],
    [0.999, 3.090232306167813],
  ])('quantile(%f)', (probability, expected) => {
    expect(relative(normalQuantile(probability), expected)).toBeLessThan(1e-14);
  });

  it('inverts itself and is symmetric', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-280, max: 0.5, noNaN: true }), (p) => {
        expect(relative(normalCdf(normalQuantile(p)), p)).toBeLessThan(1e-12);
        const x = normalQuantile(p);
        expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 15);
      }),
    );
  });

  it('says NaN, not a number, outside its domain and reaches its limits', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 16);
    expect([normalQuantile(-0.1), normalQuantile(1.1), normalQuantile(NaN), normalCdf(NaN)]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
    expect([normalCdf(-Infinity), normalCdf(Infinity)]).toEqual([0, 1]);
  });
});
