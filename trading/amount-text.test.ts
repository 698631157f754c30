import { describe, expect, it } from 'vitest';
import { amountText } from './amount-text.ts';

describe('amountText', () => {
  it('has two decimals, and as many as it takes where they would show nothing', () => {
    expect([1234.5, 0.1, 0, -2.345, 100_000].map(amountText)).toEqual([
      '1234.50',
      '0.10',
      '0.00',
      '-2.35',
      '100000.00',
    ]);
    expect([0.00000012, 0.04, 0.0425, -0.000123456, 1e-18, 0.09999].map(amountText)).toEqual([
      ...['0.00000012', '0.04', '0.0425', '-0.000123', '0.000000000000000001', '0.10'],
    ]);
    expect([NaN, Infinity, 5e-324].map(amountText)).toEqual(['NaN', 'Infinity', '0.00']);
  });
});
