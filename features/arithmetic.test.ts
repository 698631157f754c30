import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineOfTurns, exp, log, logRatio, power, sineOfTurns } from './arithmetic.ts';

/** Values of 30 digits by Taylor series over big integers: an exact judge, unlike the machine's own functions. */
const DIGITS = 10n ** 40n;

function exactExp(x: number): number {
  const numerator = BigInt(Math.round(x * 2 ** 40));
  let term = DIGITS;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 1n) {
    sum += term;
    term = (term * numerator) / (k * 2n ** 40n);
  }
  return Number(sum / 10n ** 10n) / 1e30;
}

const relative = (a: number, b: number): number => Math.abs(a - b) / Math.abs(b);

describe('exp and log', () => {
  it('exp is within one unit in the last place of the exact value', () => {
    for (let i = -400; i <= 400; i++) {
      const x = Math.round((i / 100) * 2 ** 40) / 2 ** 40;
      expect(relative(exp(x), exactExp(x))).toBeLessThan(2.3e-16);
    }
  });

  it('both follow the platform to 4e-16 over their whole range', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(relative(exp(x), Math.exp(x))).toBeLessThan(4e-16);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        const expected = Math.log(x);
        expect(Math.abs(log(x) - expected)).toBeLessThanOrEqual(4e-16 * Math.abs(expected));
      }),
    );
  });

  it('log keeps its accuracy beside 1, where returns live', () => {
    for (const d of [1e-3, -1e-3, 1e-6, -1e-6, 1e-9, 2 ** -40, -(2 ** -50)]) {
      expect(relative(log(1 + d), Math.log(1 + d))).toBeLessThan(4e-16);
    }
  });

  it('are right at the ends', () => {
    expect([exp(0), exp(-800), exp(800), exp(-Infinity), exp(Infinity)]).toEqual([1, 0, Infinity, 0, Infinity]);
    expect([log(1), log(0), log(Infinity)]).toEqual([0, -Infinity, Infinity]);
    expect([log(-1), log(NaN), exp(NaN)]).toEqual([NaN, NaN, NaN]);
    expect(relative(log(5e-324), Math.log(5e-324))).toBeLessThan(4e-16);
    expect(relative(exp(-740), Math.exp(-740))).toBeLessThan(0.01);
  });

  it('logRatio has no effect where there is no logarithm', () => {
    expect([logRatio(0, 1), logRatio(1, 0), logRatio(-1, 2)]).toEqual([0, 0, 0]);
    expect(logRatio(2, 1)).toBeCloseTo(0.6931471805599453, 15);
  });
});

describe('power and angles', () => {
  it('power multiplies', () => {
    expect([power(2, 10), power(2, -2), power(7, 0), power(-3, 3)]).toEqual([1024, 0.25, 1, -27]);
  });

  it('sine and cosine are exact at the quarters and near the platform between', () => {
    expect([0, 0.25, 0.5, 0.75].map((turns) => sineOfTurns(turns) + 0)).toEqual([0, 1, 0, -1]);
    for (let i = -50; i <= 50; i++) {
      expect(sineOfTurns(i / 37)).toBeCloseTo(Math.sin((2 * Math.PI * i) / 37), 14);
      expect(cosineOfTurns(i / 37)).toBeCloseTo(Math.cos((2 * Math.PI * i) / 37), 14);
    }
  });
});
