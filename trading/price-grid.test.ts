import { describe, expect, it } from 'vitest';
import { testInstrument } from './testing/random-walk-bars.ts';
import { PriceGrid } from './price-grid.ts';

const share = new PriceGrid(testInstrument('A', { assetClass: 'equity', currency: 'USD', tick: 0.01 }));

describe('PriceGrid', () => {
  it('rounds against the order: up for a buyer, down for a seller', () => {
    expect([share.against(10, 10.011, 1), share.against(10, 10.019, -1)]).toEqual([10.02, 10.01]);
    expect(share.against(10, 10.01 + 1e-13, 1)).toBe(10.01);
    // Three basis points below: a millionth under the tick is no rounding noise.
    expect(share.against(1066.67, 1066.67 * 0.9997, -1)).toBe(1066.34);
  });

  it('never rounds to nothing', () => {
    const simulated = new PriceGrid(testInstrument('A', { assetClass: 'simulated', tick: 0.01 }));
    expect([simulated.against(0.01, 0.00999, -1), share.against(0.0001, 0.00009, -1)]).toEqual([0.01, 0.0001]);
  });

  it('leaves prices alone where the market is off the tick', () => {
    expect(share.against(10.0034, 10.011, 1)).toBe(10.011);
  });

  it('takes hundredths of a cent for US equities under $1, and cents from there on', () => {
    // 0.42 x 1.0002 = 0.420084: a cent would be 2.4 % of the price.
    expect([share.against(0.42, 0.420084, 1), share.against(0.42, 0.419916, -1)]).toEqual([0.4201, 0.4199]);
    expect(share.against(0.4217, 0.42178, 1)).toBe(0.4218);
    expect([share.against(1, 1.0001, 1), share.against(1, 0.99985, -1)]).toEqual([1.01, 0.9998]);
    expect(share.against(0.9999, 1.0001, 1)).toBe(1.01);
  });

  it('takes the one tick of anything else', () => {
    const simulated = new PriceGrid(testInstrument('A', { assetClass: 'simulated', tick: 0.01 }));
    const pound = new PriceGrid(testInstrument('A', { assetClass: 'equity', currency: 'GBP', tick: 0.01 }));
    expect([simulated.against(0.42, 0.4201, 1), pound.against(0.42, 0.4201, 1)]).toEqual([0.43, 0.43]);
  });
});
