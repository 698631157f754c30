import fc from 'fast-check';
import { expect, it } from 'vitest';
import { thinnedRows } from './thinned-rows.ts';

it('keeps every row where they are few enough', () => {
  expect(thinnedRows([[3, 1, 2]], 3)).toEqual([0, 1, 2]);
  expect(thinnedRows([[]], 10)).toEqual([]);
});

it('never keeps more than it may, and loses neither end nor the extremes of any column', () => {
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(NaN));
  const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 6, max: 60 }), (given, most) => {
      const columns = [given.map(([a]) => a), given.map(([, b]) => b)];
      const kept = thinnedRows(columns, most);
      expect(kept.length).toBeLessThanOrEqual(most);
      expect([kept[0], kept.at(-1)]).toEqual([0, given.length - 1]);
      expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
      for (const column of columns) {
        const known = column.filter((one) => !Number.isNaN(one));
        if (known.length === 0) continue;
        const seen = kept.map((row) => column[row]!);
        expect(seen).toContain(Math.min(...known));
        expect(seen).toContain(Math.max(...known));
      }
    }),
  );
});

it('refuses what leaves nothing to draw', () => {
  expect(() => thinnedRows([[1, 2, 3, 4]], 3)).toThrow('too few');
  expect(() => thinnedRows([[1], []], 3)).toThrow('one length');
});
