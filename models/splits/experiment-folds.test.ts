import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { datasetOf } from '../estimators/known-tables.ts';
import { hashOfFile, pathOf } from '../estimators/pretrained/testing/model-files.ts';
import { experimentSchema, type Experiment } from '../experiment/experiment.ts';
import { experimentFolds } from './experiment-folds.ts';
import { foldsOf } from './folds-of.ts';
import { seenRows, unseenOf } from './seen-rows.ts';

const BARS = 600;
const START = Date.UTC(2020, 0, 1);
const day = (bar: number): string => new Date(START + bar * DAY_MS).toISOString();

/** One row a day whose label ends a day later. */
const decisionTimeMs = Float64Array.from({ length: BARS }, (_, bar) => START + bar * DAY_MS);
const dataset = {
  ...datasetOf(new Float64Array(BARS), new Float64Array(BARS), new Float64Array(BARS).fill(1)),
  decisionTimeMs,
  labelEndTimeMs: decisionTimeMs.map((timeMs) => timeMs + DAY_MS),
};

const experimentOf = (range: readonly [number, number] | null, splits: object = {}): Experiment =>
  experimentSchema.parse({
    name: 'seen',
    universe: ['MADE'],
    splits: { trainBars: 100, testBars: 100, embargoBars: 5, ...splits },
    estimators:
      range === null
        ? [{ name: 'forest', kind: 'random-forest' }]
        : [
            {
              ...{ name: 'lgbm', kind: 'pretrained' },
              ...{ file: pathOf('lightgbm-small.txt'), sha256: hashOfFile('lightgbm-small.txt') },
              ...{ trainedFrom: day(range[0]), trainedTo: day(range[1]) },
            },
          ],
  });

const firstTests = (experiment: Experiment): number[] =>
  experimentFolds(dataset, experiment).map(({ testRows }) => testRows[0]!);

describe('what a model from elsewhere has seen', () => {
  it('is no evidence: a walk-forward leaves out each window that overlaps it, and counts the rest anew', () => {
    expect(firstTests(experimentOf(null))).toEqual([100, 200, 300, 400, 500]);
    // Seen up to bar 220: the window from 200 overlaps, that from 300 has 74 bars before it to learn from.
    expect(firstTests(experimentOf([0, 220]))).toEqual([300, 400, 500]);
    // Up to 260: 34 bars are too few.
    expect(firstTests(experimentOf([0, 260]))).toEqual([400, 500]);
    expect(experimentFolds(dataset, experimentOf([0, 260])).map(({ index }) => index)).toEqual([0, 1]);
    // Data before the range are tested by what came later.
    expect(firstTests(experimentOf([150, 220]))).toEqual([300, 400, 500]);
  });

  it('keeps the embargo behind it', () => {
    const seen = seenRows(dataset, experimentOf([0, 220]))!;
    expect(unseenOf(seen)[0]).toBe(226);
    expect(unseenOf(seenRows(dataset, experimentOf([0, 220], { embargoBars: 0 }))!)[0]).toBe(221);
    expect(seenRows(dataset, experimentOf(null))).toBeNull();
  });

  it('refuses an experiment of which nothing would be left, with the range and the remedy', () => {
    expect(() => firstTests(experimentOf([0, 460]))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /^estimators\.lgbm has seen all up to trainedTo 2021-04-05.*each of the 5 test windows overlaps it/,
        ) as string,
        remedy: expect.stringContaining('Take more data after trainedTo') as string,
      }),
    );
  });

  it('refuses other splits where a fold overlaps, and takes them where none does', () => {
    const kFold = { kind: 'purged-k-fold', folds: 4 };
    expect(() => firstTests(experimentOf([100, 220], kFold))).toThrow(/2 of 4 folds of purged-k-fold overlap it/);
    const before = experimentOf([-300, -10], kFold);
    expect(experimentFolds(dataset, before)).toEqual(foldsOf(dataset, before.splits));
    const after = experimentOf([BARS + 10, BARS + 20], kFold);
    expect(experimentFolds(dataset, after)).toEqual(foldsOf(dataset, after.splits));
  });
});
