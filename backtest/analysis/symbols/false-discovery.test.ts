import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { falseDiscoveryRates } from './false-discovery.ts';
import { normalCdf } from '../../statistics/normal-distribution.ts';

describe('falseDiscoveryRates', () => {
  it('steps up as Benjamini and Hochberg do, and dearer as Benjamini and Yekutieli do', () => {
    // Sorted 0.01, 0.02, 0.03, 0.5: times 4 over the rank, 0.04, 0.04, 0.04, 0.5; times 1 + 1/2 + 1/3 + 1/4.
    const given = [0.02, 0.5, 0.01, 0.03];
    const hochberg = falseDiscoveryRates(given, { independent: true });
    [0.04, 0.5, 0.04, 0.04].forEach((rate, at) => expect(hochberg[at]).toBeCloseTo(rate, 12));
    const harmonic = 1 + 1 / 2 + 1 / 3 + 1 / 4;
    const yekutieli = falseDiscoveryRates(given);
    [0.04 * harmonic, 1, 0.04 * harmonic, 0.04 * harmonic].forEach((rate, at) =>
      expect(yekutieli[at]).toBeCloseTo(rate, 12),
    );
    expect(falseDiscoveryRates([])).toEqual([]);
    expect(falseDiscoveryRates([0.3])).toEqual([0.3]);
  });

  it('keeps the order of the p-values and never makes one smaller', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.boolean(), (given, independent) => {
        const rates = falseDiscoveryRates(given, { independent });
        given.forEach((p, at) => {
          expect(rates[at]!).toBeGreaterThanOrEqual(p);
          given.forEach((other, also) => {
            if (p <= other) expect(rates[at]!).toBeLessThanOrEqual(rates[also]!);
          });
        });
      }),
    );
  });

  it('holds its rate where nine of ten tests are of nothing, which p-values alone do not', () => {
    const random = createRandom('discoveries');
    let [wrong, found, naive, naiveWrong] = [0, 0, 0, 0];
    for (let study = 0; study < 200; study++) {
      const pValues = Array.from({ length: 100 }, (_, at) => normalCdf(-(random.normal() + (at < 10 ? 3.5 : 0))));
      falseDiscoveryRates(pValues, { independent: true }).forEach((rate, at) => {
        if (rate <= 0.1) found += 1;
        if (rate <= 0.1 && at >= 10) wrong += 1;
        if (pValues[at]! <= 0.05) naive += 1;
        if (pValues[at]! <= 0.05 && at >= 10) naiveWrong += 1;
      });
    }
    expect(found).toBeGreaterThan(1_000);
    expect(wrong / found).toBeLessThan(0.11);
    expect(naiveWrong / naive).toBeGreaterThan(0.25);
  });

  it('refuses what is no probability', () => {
    expect(() => falseDiscoveryRates([0.1, NaN])).toThrow(/from 0 to 1, not NaN/);
    expect(() => falseDiscoveryRates([1.1])).toThrow(RangeError);
  });
});
