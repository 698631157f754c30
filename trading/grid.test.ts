import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Grid } from './grid.ts';

/** Steps as venues have them, and as users write them: `0.003`, `2.5`, `300`. */
const step = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: -18, max: 2 }))
  .map(([digits, power]) => new Big(`${digits}e${power}`));
const counts = fc.integer({ min: 0, max: 10_000_000 });

describe('Grid', () => {
  it('holds every multiple of any step as the decimal that is written so, and rounds to itself', () => {
    fc.assert(
      fc.property(step, counts, (size, count) => {
        const grid = new Grid(size.toNumber());
        const value = size.times(count).toNumber();
        expect([grid.at(count), grid.floor(value), grid.ceil(value), grid.nearest(value)]).toEqual(
          new Array(4).fill(value),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('rounds down, up and to the nearest step as exact decimals do', () => {
    fc.assert(
      fc.property(step, counts, fc.integer({ min: 1, max: 999 }), (size, count, thousandths) => {
        const grid = new Grid(size.toNumber());
        const value = size.times(count).plus(size.times(thousandths).times('0.001')).toNumber();
        const [below, above] = [count, count + 1].map((at) => size.times(at).toNumber());
        expect([grid.floor(value), grid.ceil(value)]).toEqual([below, above]);
        if (thousandths !== 500) expect(grid.nearest(value)).toBe(thousandths < 500 ? below : above);
        expect(grid.floor(-value)).toBe(-above!);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a lot that a sum of floats is just above, and takes none that it is below', () => {
    expect([
      new Grid(0.1).floor(0.1 + 0.2),
      new Grid(0.003).floor(2.6),
      new Grid(1).floor((1 - 6 / 7) * 2_100),
    ]).toEqual([0.3, 2.598, 300]);
  });
});
