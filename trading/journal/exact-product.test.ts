import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactProduct } from './exact-product.ts';

describe('exactProduct', () => {
  it('is the product of the shortest decimals, to the last of them', () => {
    expect(exactProduct(0.1, 3)).toBe('3e-1');
    expect(exactProduct(-1e-8, 61_234.5)).toBe('-612345e-9');
    expect(exactProduct(0, -5)).toBe('0e0');
  });

  it('agrees with an independent decimal library on any numbers', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e18, max: 1e18 });
    fc.assert(
      fc.property(number, number, (one, other) => {
        expect(new Big(exactProduct(one, other)).eq(new Big(one).times(other))).toBe(true);
      }),
    );
  });
});
