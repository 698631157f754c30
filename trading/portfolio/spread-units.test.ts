import { expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { Grid } from '../grid.ts';
import { residueOf, spreadUnits } from './spread-units.ts';

it('a residue goes to those that lost most, and the parts sum up to the whole', () => {
  const random = createRandom('residue');
  for (let trial = 0; trial < 200; trial++) {
    const lots = new Grid([1, 0.01, 1e-8][trial % 3]!);
    const exact = Array.from({ length: 1 + random.integer(5) }, () => 20 * (random.next() - 0.5));
    const total = lots.nearest(exact.reduce((sum, units) => sum + units, 0));
    const parts = residueOf(exact, total, lots);
    expect(lots.nearest(parts.reduce((sum, units) => sum + units, 0)) - total).toBeCloseTo(0, 12);
    for (const [at, units] of parts.entries()) expect(Math.abs(units - exact[at]!)).toBeLessThan(lots.step * 1.001);
  }
  expect(residueOf([1.2, 1.7, 1.6], 4, new Grid(1))).toEqual([1, 2, 1]);
});

it('a residue of many lots takes as many steps as there are parts', () => {
  const parts = residueOf([0, 0, 0], 1e8, new Grid(1e-8));
  expect(parts.map((units) => Number(units.toFixed(7)))).toEqual([
    33333333.3333333, 33333333.3333333, 33333333.3333333,
  ]);
});

it('units that are no number end in an error, not in a loop', () => {
  expect(() => residueOf([NaN, 1], 2, new Grid(1))).toThrow(RangeError);
  expect(() => residueOf([1, 1], NaN, new Grid(1))).toThrow(/cannot be brought to NaN/);
  expect(() => residueOf([Infinity, 1], 2, new Grid(1))).toThrow(RangeError);
});

it('a fill of the account closes those of the other side in proportion, the rest is of the last', () => {
  const lots = new Grid(1);
  expect(spreadUnits(-5, [3, 7, 0], lots)).toEqual([-2, -3, 0]);
  expect(spreadUnits(-12, [3, 7, 0], lots)).toEqual([-3, -7, -2]);
  expect(spreadUnits(4, [3, -6], lots)).toEqual([0, 4]);
});
