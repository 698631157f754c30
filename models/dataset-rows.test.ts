import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DatasetRows, stableTimeOrder } from './dataset-rows.ts';
import { takeRows, type Dataset } from './dataset.ts';

it('puts rows that came symbol by symbol in the order of time, then symbol', () => {
  const series = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(series, { minLength: 1, maxLength: 6 }), (times) => {
      const rows = new DatasetRows();
      const expected = times.flatMap((own, symbol) =>
        own.sort((a, b) => a - b).map((timeMs, row) => ({ timeMs, symbol, row, bar: row + 7 })),
      );
      expected.forEach((row) => rows.add(row));
      rows.sort();
      expected.sort((a, b) => a.timeMs - b.timeMs || a.symbol - b.symbol);
      expect([...rows.timeMs]).toEqual(expected.map(({ timeMs }) => timeMs));
      expect([...rows.symbol]).toEqual(expected.map(({ symbol }) => symbol));
      expect([...rows.row]).toEqual(expected.map(({ row }) => row));
      expect([...rows.bar]).toEqual(expected.map(({ bar }) => bar));
    }),
  );
});

it('leaves the order of a single series alone', () => {
  expect(stableTimeOrder(Float64Array.of(1, 2, 2, 5))).toBeNull();
  expect([...stableTimeOrder(Float64Array.of(3, 1, 3, 2))!]).toEqual([1, 3, 0, 2]);
});

it('takes a stretch of rows as a view and others as a copy, with equal values', () => {
  const column = (): Float64Array => Float64Array.from({ length: 6 }, (_, row) => row);
  const dataset: Dataset = {
    featureNames: ['a', 'b'],
    rows: 6,
    width: 2,
    x: Float64Array.from({ length: 12 }, (_, cell) => cell),
    y: column(),
    weight: column(),
    realisedReturn: column(),
    decisionTimeMs: column(),
    labelEndTimeMs: column(),
    symbolIndex: Int32Array.from(column()),
    symbols: ['A'],
    history: { values: [], from: new Int32Array(1), at: Int32Array.from(column()) },
  };
  const stretch = takeRows(dataset, Int32Array.of(2, 3, 4));
  const copy = takeRows(dataset, Int32Array.of(2, 3, 4, 0));
  expect(stretch.x.buffer).toBe(dataset.x.buffer);
  expect(copy.x.buffer).not.toBe(dataset.x.buffer);
  expect([...stretch.x]).toEqual([4, 5, 6, 7, 8, 9]);
  expect([...copy.x]).toEqual([4, 5, 6, 7, 8, 9, 0, 1]);
  expect([...stretch.y, ...stretch.symbolIndex, ...stretch.history!.at]).toEqual([2, 3, 4, 2, 3, 4, 2, 3, 4]);
  expect(takeRows(dataset, new Int32Array(0)).rows).toBe(0);
});
