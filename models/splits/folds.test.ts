import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { createRandom } from '../../infra/random.ts';
import { takeRows, type Dataset } from '../dataset.ts';
import { experimentSchema } from '../experiment/experiment.ts';
import { combinatorialFolds, purgedKFolds } from './combinatorial.ts';
import type { Fold } from './fold.ts';
import { foldsOf } from './folds-of.ts';
import { assertNoLeakage, LeakageError } from './leakage-guard.ts';
import { periodStarts } from './period-starts.ts';
import { walkForwardFolds } from './walk-forward.ts';

/** A panel whose labels end 1 to `longest` bars after their decision, unevenly, with symbols missing here and there. */
function panel(seed: number, bars: number, longest: number, symbols = 3): Dataset {
  const random = createRandom(seed);
  const time: number[] = [];
  const end: number[] = [];
  const symbol: number[] = [];
  for (let bar = 0; bar < bars; bar++) {
    for (let s = 0; s < symbols; s++) {
      if (s > 0 && random.next() < 0.2) continue;
      time.push(bar * 10);
      end.push((bar + 1 + random.integer(longest)) * 10);
      symbol.push(s);
    }
  }
  const rows = time.length;
  return {
    featureNames: [],
    rows,
    width: 0,
    x: new Float64Array(0),
    y: new Float64Array(rows),
    weight: new Float64Array(rows).fill(1),
    realisedReturn: new Float64Array(rows),
    decisionTimeMs: Float64Array.from(time),
    labelEndTimeMs: Float64Array.from(end),
    symbolIndex: Int32Array.from(symbol),
    symbols: Array.from({ length: symbols }, (_, s) => `S${s}`),
  };
}

const size = { trainBars: 40, testBars: 15, embargoBars: 3 };

function leaks(dataset: Dataset, fold: Fold): boolean {
  try {
    assertNoLeakage(dataset, fold);
    return false;
  } catch (error) {
    if (error instanceof LeakageError) return true;
    throw error;
  }
}

describe('every split', () => {
  it('keeps training labels out of the test rows, whatever the labels and symbols', () => {
    const arbitrary = fc.record({
      seed: fc.nat(1000),
      longest: fc.integer({ min: 1, max: 12 }),
      embargoBars: fc.integer({ min: 0, max: 6 }),
      kind: fc.constantFrom('walk-forward', 'purged-k-fold', 'combinatorial'),
      window: fc.constantFrom('expanding', 'sliding'),
    });
    fc.assert(
      fc.property(arbitrary, ({ seed, longest, ...splits }) => {
        const dataset = panel(seed, 120, longest);
        const experiment = experimentSchema.parse({ name: 'a', universe: ['A'], splits: { ...size, ...splits } });
        for (const fold of foldsOf(dataset, experiment.splits)) {
          expect(leaks(dataset, fold)).toBe(false);
          expect(fold.trainRows.length + fold.purgedRows + fold.embargoedRows).toBeLessThanOrEqual(
            dataset.rows - fold.testRows.length,
          );
        }
      }),
    );
  });

  it('tests every row once in a k-fold, and once a path in a combinatorial split', () => {
    const dataset = panel(5, 60, 3);
    const once = purgedKFolds(dataset, { folds: 5, embargoBars: 1 }).flatMap((fold) => [...fold.testRows]);
    expect(once.sort((a, b) => a - b)).toEqual(Array.from({ length: dataset.rows }, (_, row) => row));
    const perPath = new Map<number, number>();
    for (const fold of combinatorialFolds(dataset, { folds: 5, testFolds: 2, embargoBars: 1 })) {
      for (const block of fold.testBlocks) {
        perPath.set(block.path, (perPath.get(block.path) ?? 0) + block.toRow - block.fromRow);
      }
    }
    expect([...perPath.entries()].sort()).toEqual([0, 1, 2, 3].map((path) => [path, dataset.rows]));
  });
});

describe('walk-forward', () => {
  const dataset = panel(1, 120, 4);

  it('tests each bar after the first training window once, in order, all symbols of a bar together', () => {
    const folds = walkForwardFolds(dataset, { ...size, window: 'expanding' });
    const tested = folds.flatMap((fold) => [...fold.testRows]);
    const first = dataset.decisionTimeMs.findIndex((time) => time === 400);
    expect(tested).toEqual(Array.from({ length: dataset.rows - first }, (_, k) => first + k));
    expect(folds.map((fold) => (fold.ranges.test.toMs - fold.ranges.test.fromMs) / 10 + 1)).toEqual([
      15, 15, 15, 15, 15, 5,
    ]);
  });

  it('slides or expands', () => {
    const starts = (window: 'expanding' | 'sliding'): number[] =>
      walkForwardFolds(dataset, { ...size, window }).map((fold) => fold.ranges.train.fromMs);
    expect(starts('expanding')).toEqual([0, 0, 0, 0, 0, 0]);
    expect(starts('sliding')).toEqual([0, 150, 300, 450, 600, 750]);
  });

  it('embargoes labels that ended within so many bars of the test, beyond the purge', () => {
    const [fold] = walkForwardFolds(panel(1, 120, 1), { ...size, window: 'expanding' });
    expect(fold!.ranges).toEqual({
      train: { fromMs: 0, toMs: 350 },
      embargo: { fromMs: 360, toMs: 380 },
      purge: { fromMs: 390, toMs: 390 },
      test: { fromMs: 400, toMs: 540 },
    });
  });

  it('refuses data that is too short, naming the key', () => {
    expect(() => walkForwardFolds(dataset, { ...size, trainBars: 120, window: 'expanding' })).toThrow(InputError);
    expect(() => walkForwardFolds(dataset, { ...size, trainBars: 120, window: 'expanding' })).toThrow(
      /splits.trainBars is 120, but only 120/,
    );
    expect(() => walkForwardFolds(panel(1, 120, 60), { ...size, trainBars: 2, window: 'sliding' })).toThrow(
      /no training row/,
    );
  });
});

describe('walk-forward by calendar periods', () => {
  /** Rows of `panel`, a bar at 21:00 UTC of every weekday from a day on. */
  function dated(from: string, bars: number, longest = 1): Dataset {
    const days: number[] = [];
    for (let ms = Date.parse(`${from}T21:00Z`); days.length < bars + longest; ms += DAY_MS) {
      if (new Date(ms).getUTCDay() % 6 !== 0) days.push(ms);
    }
    const rows = panel(4, bars, longest);
    const timed = (column: Float64Array): Float64Array => column.map((time) => days[time / 10]!);
    return { ...rows, decisionTimeMs: timed(rows.decisionTimeMs), labelEndTimeMs: timed(rows.labelEndTimeMs) };
  }
  const splitsOf = (splits: object) => experimentSchema.parse({ name: 'a', universe: ['A'], splits }).splits;
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const monthly = { period: 'month', trainPeriods: 3, testPeriods: 2, embargoBars: 2 };

  it('trains on whole months before test windows of whole months, and keeps a shorter last one', () => {
    // From the middle of January 2021 to the end of September.
    const dataset = dated('2021-01-13', 187);
    for (const window of ['expanding', 'sliding'] as const) {
      const folds = foldsOf(dataset, splitsOf({ ...monthly, window }));
      expect(folds.map(({ ranges: { test } }) => [dayOf(test.fromMs), dayOf(test.toMs)])).toEqual([
        ['2021-05-03', '2021-06-30'],
        ['2021-07-01', '2021-08-31'],
        ['2021-09-01', '2021-09-30'],
      ]);
      const starts = folds.map(({ ranges: { train } }) => dayOf(train.fromMs));
      const sliding = ['2021-02-01', '2021-04-01', '2021-06-01'];
      expect(starts).toEqual(window === 'sliding' ? sliding : sliding.map(() => '2021-01-13'));
    }
  });

  it('purges and embargoes like the one by bars', () => {
    const [fold] = foldsOf(dated('2021-01-13', 187), splitsOf(monthly));
    // Labels end a bar later: that of Friday 30 April ends with the first test decision, those before within the
    // embargo.
    expect(dayOf(fold!.ranges.train.toMs)).toBe('2021-04-27');
    expect([fold!.ranges.embargo!, fold!.ranges.purge!].map(({ fromMs }) => dayOf(fromMs))).toEqual([
      '2021-04-28',
      '2021-04-30',
    ]);
    const arbitrary = fc.record({
      period: fc.constantFrom('week', 'month', 'quarter'),
      trainPeriods: fc.integer({ min: 1, max: 3 }),
      testPeriods: fc.integer({ min: 1, max: 3 }),
      embargoBars: fc.integer({ min: 0, max: 2 }),
      window: fc.constantFrom('expanding', 'sliding'),
    });
    const dataset = dated('2020-12-30', 400, 3);
    fc.assert(
      fc.property(arbitrary, (splits) => {
        const folds = foldsOf(dataset, splitsOf(splits));
        for (const one of folds) {
          expect(leaks(dataset, one)).toBe(false);
          const last = one.trainRows.reduce((end, row) => Math.max(end, dataset.labelEndTimeMs[row]!), 0);
          const between = new Set(
            dataset.decisionTimeMs.filter((time) => time >= last && time < one.ranges.test.fromMs),
          );
          expect(between.size).toBeGreaterThan(splits.embargoBars);
        }
        const tested = folds.flatMap(({ testRows }) => [...testRows]);
        const first = dataset.rows - tested.length;
        expect(tested).toEqual(Array.from({ length: tested.length }, (_, k) => first + k));
      }),
    );
  });

  it.each([
    ['week', ['2021-01-04', '2021-01-11', '2021-01-18']],
    ['month', ['2021-01-01', '2021-02-01', '2021-03-01']],
    ['quarter', ['2021-01-01', '2021-04-01', '2021-07-01']],
    ['year', ['2021-01-01', '2022-01-01', '2023-01-01']],
  ] as const)('knows when a %s begins', (period, starts) => {
    const found = periodStarts(period, Date.parse('2020-12-31'), Date.parse('2023-01-01'));
    expect(found.slice(0, 3).map(dayOf)).toEqual(starts);
    expect(periodStarts(period, Date.parse(starts[0]), Date.parse(starts[2])).map(dayOf)).toEqual(starts);
    expect(periodStarts(period, Date.parse(starts[0]) + 1, Date.parse(starts[2]) - 1).map(dayOf)).toEqual([starts[1]]);
  });

  it('tests nothing in periods without a bar', () => {
    const whole = dated('2021-01-13', 187);
    const rows = Array.from({ length: whole.rows }, (_, row) => row);
    // Nothing from May to August.
    const open = rows.filter((row) => {
      const month = new Date(whole.decisionTimeMs[row]!).getUTCMonth();
      return month < 4 || month > 7;
    });
    const folds = foldsOf(takeRows(whole, Int32Array.from(open)), splitsOf({ ...monthly, testPeriods: 1 }));
    expect(folds.map(({ ranges }) => dayOf(ranges.test.fromMs))).toEqual(['2021-09-01']);
  });

  it('refuses data that see too few of them, naming the key', () => {
    const few = (splits: object) => (): unknown =>
      foldsOf(dated('2021-01-13', 187), splitsOf({ ...monthly, ...splits }));
    expect(few({ trainPeriods: 8 })).toThrow(
      /splits\.trainPeriods is 8, but the 187 bars with features and a label see the start of only 8 months/,
    );
    expect(few({ trainPeriods: 7 })).not.toThrow();
    expect(few({ trainPeriods: 1, window: 'sliding', embargoBars: 30 })).toThrow(
      /Purge and embargo leave fold 1 no training row/,
    );
  });

  it('is asked for by three keys instead of two, and its experiment is valid input again', () => {
    const splits = splitsOf(monthly);
    expect(splits).toEqual({ kind: 'walk-forward', window: 'expanding', folds: 6, testFolds: 2, ...monthly });
    expect(splitsOf(splits)).toEqual(splits);
    expect(splitsOf({})).toMatchObject({ trainBars: 1500, testBars: 250 });
    expect(splitsOf(splitsOf({ testBars: 20 }))).toMatchObject({ trainBars: 1500, testBars: 20 });
    const refused = (changes: object): string =>
      experimentSchema
        .safeParse({ name: 'a', universe: ['A'], splits: changes })
        .error!.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
        .join('; ');
    expect(refused({ ...monthly, testBars: 20 })).toMatch(
      /^splits\.testBars: counts bars where period counts calendar/,
    );
    expect(refused({ ...monthly, kind: 'combinatorial' })).toBe(
      'splits.period: goes with kind: walk-forward alone, not with combinatorial',
    );
    expect(refused({ trainPeriods: 3 })).toBe(
      'splits.period: is required beside trainPeriods; splits.testPeriods: is required beside trainPeriods',
    );
    expect(refused({ ...monthly, period: 'day' })).toMatch(/splits\.period: must be one of/);
  });
});

describe('the guard notices when a split is broken', () => {
  const dataset = panel(2, 120, 5);
  const [fold] = walkForwardFolds(dataset, { ...size, embargoBars: 0, window: 'expanding' }).slice(2);
  const middle = purgedKFolds(dataset, { folds: 4, embargoBars: 2 })[1]!;
  const all = Array.from({ length: dataset.rows }, (_, row) => row);

  it('purge removed: walk-forward', () => {
    const firstTest = fold!.testRows[0]!;
    expect(leaks(dataset, { ...fold!, trainRows: Int32Array.from(all.slice(0, firstTest)) })).toBe(true);
  });

  it('purge removed: k-fold', () => {
    const trainRows = Int32Array.from(all.filter((row) => !middle.testRows.includes(row)));
    expect(leaks(dataset, { ...middle, trainRows })).toBe(true);
  });

  it('shuffled split', () => {
    const random = createRandom(3);
    const shuffled = [...all].sort(() => random.next() - 0.5);
    const broken = {
      ...fold!,
      trainRows: Int32Array.from(shuffled.slice(0, 200)),
      testRows: Int32Array.from(shuffled.slice(200)),
    };
    expect(leaks(dataset, broken)).toBe(true);
  });

  it('a test row among the training rows', () => {
    expect(leaks(dataset, { ...middle, trainRows: Int32Array.from([...middle.trainRows, middle.testRows[3]!]) })).toBe(
      true,
    );
  });

  it('embargo removed: labels end closer to the test rows than the embargo allows', () => {
    /** Bars between the last label a fold trained on and its first test decision. */
    const gapBars = (embargoBars: number): number[] =>
      walkForwardFolds(dataset, { ...size, embargoBars, window: 'expanding' }).map((one) => {
        const last = one.trainRows.reduce((end, row) => Math.max(end, dataset.labelEndTimeMs[row]!), 0);
        return (one.ranges.test.fromMs - last) / 10;
      });
    expect(Math.min(...gapBars(6))).toBeGreaterThan(6);
    expect(Math.min(...gapBars(0))).toBeLessThanOrEqual(6);
    /** Bars between a test block's last label and the first decision trained on after it. */
    const after = (embargoBars: number): number => {
      const one = purgedKFolds(dataset, { folds: 4, embargoBars })[1]!;
      const end = one.testRows.reduce((last, row) => Math.max(last, dataset.labelEndTimeMs[row]!), 0);
      const next = one.trainRows.map((row) => dataset.decisionTimeMs[row]!).find((time) => time > end)!;
      return (next - end) / 10;
    };
    expect([after(6), after(0)]).toEqual([7, 1]);
  });
});
