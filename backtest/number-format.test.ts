import { describe, expect, it } from 'vitest';
import { amount, dayCount, decimal, percent, plural, probability } from './number-format.ts';

describe('numbers for people', () => {
  it('groups thousands, keeps decimals and has a true minus sign', () => {
    expect(decimal(1234567.891)).toBe('1,234,567.89');
    expect(decimal(-1000, 0)).toBe('\u22121,000');
    expect(decimal(999.999, 1)).toBe('1,000.0');
    expect(percent(-0.05234)).toBe('\u22125.23 %');
    expect(percent(12.5, 0)).toBe('1,250 %');
  });

  it('has no negative zero and no number for a missing figure', () => {
    expect(decimal(-0.0001)).toBe('0.00');
    expect([decimal(null), percent(null)]).toEqual(['n/a', 'n/a']);
  });

  it('shows amounts that two decimals would hide', () => {
    expect([amount(0.00000012), amount(-0.00041), amount(1234.5), amount(0), amount(null)]).toEqual([
      ...['0.00000012', '\u22120.00041', '1,234.50', '0.00', 'n/a'],
    ]);
  });

  it('never turns a probability into certainty', () => {
    expect([0.9999, 0.9994, 0.5, 0.0004, null].map(probability)).toEqual([
      '>\u00a00.999',
      '0.999',
      '0.500',
      '<\u00a00.001',
      'n/a',
    ]);
  });

  it('counts', () => {
    expect([plural(1, 'trade'), plural(0, 'trade'), plural(1200, 'trade')]).toEqual([
      '1 trade',
      '0 trades',
      '1,200 trades',
    ]);
    expect(dayCount(1)).toBe('1 trading day');
  });
});
