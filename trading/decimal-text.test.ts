import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText } from './decimal-text.ts';

describe('a number as digits that leave for a venue', () => {
  it.each([
    [0.3, '0.3'],
    [1e-7, '0.0000001'],
    [1.25e-9, '0.00000000125'],
    [1e21, '1000000000000000000000'],
    [100, '100'],
  ])('%d', (value, text) => expect(decimalText(value)).toBe(text));

  it('reads back as the same number, without a power', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e22, noNaN: true }), (value) => {
        const text = decimalText(value);
        expect(text).toMatch(/^\d+(\.\d+)?$/);
        expect(Number(text)).toBe(value);
      }),
    );
  });

  it('refuses what is no number', () => expect(() => decimalText(NaN)).toThrow(RangeError));
});
