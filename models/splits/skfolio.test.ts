import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import type { Dataset } from '../dataset.ts';
import { combinatorialFolds, combinations, pathIds, recombinedPaths } from './combinatorial.ts';
import type { Fold } from './fold.ts';
import { periodWalkForwardFolds, periodWalkForwardRanges, positionsOfDates } from './period-walk-forward.ts';
import { walkForwardFolds } from './walk-forward.ts';
import { describeWith, REFERENCE_DIR } from '../../infra/testing/requirements.ts';

/*
 * Where the conventions differ, and how these tests bridge it:
 * - skfolio purges a number of rows, ours purges by label span. A label that is known `purged_size` bars after its
 *   decision makes both the same; `purged_size` 0 is a label known at its own decision.
 * - skfolio counts `train_size` after the purge, ours counts `trainBars` up to the first test bar, purged rows
 *   included: `trainBars = train_size + purged_size`. Ours also keeps a sliding window's start fixed to the test
 *   window, as skfolio does.
 * - `reduce_test` true is our default of a shorter last fold, false drops the rest. The product always keeps it; `rest:
 *   'drop'` exists for callers that compare folds of equal length.
 * - skfolio's embargo follows test blocks only, so it does nothing to a walk-forward; these cases use embargo 0 there.
 * - A training length given as a calendar offset starts at the trading day at or before that date in skfolio, whatever
 *   `previous` says of the boundaries (one month before 2022-06-30 is Memorial Day: training starts on 2022-05-27).
 *   Ours takes the starts as given.
 * - By dates, skfolio names training and test windows by their first and last bar; we compare those dates.
 */

const FOLDER = `${REFERENCE_DIR}/skfolio`;

type Range = [number, number];
interface Case {
  kind: string;
  n: number;
  calendar: string;
  params: Record<string, unknown>;
  splits: { train: never; test: never }[];
  n_splits?: number;
  n_test_paths?: number;
  test_set_index?: number[][];
  binary_train_test_sets?: number[][];
  recombined_paths?: number[][];
  path_ids?: number[][];
}

/** One symbol, one bar per millisecond, labels known `span` bars after their decision. */
function bars(n: number, span: number): Dataset {
  const time = Float64Array.from({ length: n }, (_, i) => i);
  return {
    featureNames: [],
    rows: n,
    width: 0,
    x: new Float64Array(0),
    y: new Float64Array(n),
    weight: new Float64Array(n).fill(1),
    realisedReturn: new Float64Array(n),
    decisionTimeMs: time,
    labelEndTimeMs: time.map((t) => t + span),
    symbolIndex: new Int32Array(n),
    symbols: ['A'],
  };
}

function asRanges(rows: Int32Array): Range[] {
  const ranges: Range[] = [];
  for (const row of rows) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === row) last[1] = row + 1;
    else ranges.push([row, row + 1]);
  }
  return ranges;
}

const blocks = (fold: Fold): Range[][] => fold.testBlocks.map((block) => [[block.fromRow, block.toRow]]);
const load = (): Case[] => (JSON.parse(readFileSync(`${FOLDER}/splits.json`, 'utf8')) as { cases: Case[] }).cases;

describeWith('reference', 'splits agree with skfolio', () => {
  it('has all 21 cases', () => {
    const kinds = load().map((one) => one.kind);
    expect(kinds.filter((kind) => kind === 'CombinatorialPurgedCV')).toHaveLength(7);
    expect(kinds.filter((kind) => kind === 'WalkForward')).toHaveLength(6);
    expect(kinds.filter((kind) => kind === 'walk-forward-dates')).toHaveLength(8);
  });

  it('combinatorial purged cross-validation', () => {
    for (const one of load().filter(({ kind }) => kind === 'CombinatorialPurgedCV')) {
      const p = one.params as Record<'n_folds' | 'n_test_folds' | 'purged_size' | 'embargo_size', number>;
      const dataset = bars(one.n, p.purged_size);
      const folds = combinatorialFolds(dataset, {
        folds: p.n_folds,
        testFolds: p.n_test_folds,
        embargoBars: p.embargo_size,
      });
      expect(folds.map((fold) => ({ train: asRanges(fold.trainRows), test: blocks(fold) }))).toEqual(one.splits);
      const sets = combinations(p.n_folds, p.n_test_folds);
      const paths = recombinedPaths(sets, p.n_folds);
      if (one.n_splits !== undefined) expect(folds).toHaveLength(one.n_splits);
      if (one.test_set_index !== undefined) expect(sets).toEqual(one.test_set_index);
      if (one.recombined_paths !== undefined) expect(paths).toEqual(one.recombined_paths);
      if (one.path_ids !== undefined) {
        expect(pathIds(sets, p.n_folds)).toEqual(one.path_ids);
        expect(folds.map((fold) => fold.testBlocks.map((block) => block.path))).toEqual(one.path_ids);
      }
      if (one.n_test_paths !== undefined) expect(paths[0]).toHaveLength(one.n_test_paths);
      if (one.binary_train_test_sets !== undefined) {
        const table = paths.map((_, group) => sets.map((set) => (set.includes(group) ? 1 : 0)));
        expect(table).toEqual(one.binary_train_test_sets);
      }
    }
  });

  it('walk-forward by rows', () => {
    for (const one of load().filter(({ kind }) => kind === 'WalkForward')) {
      const p = one.params as {
        train_size: number;
        test_size: number;
        purged_size?: number;
        reduce_test?: boolean;
        expand_train?: boolean;
      };
      const purged = p.purged_size ?? 0;
      const folds = walkForwardFolds(bars(one.n, purged), {
        trainBars: p.train_size + purged,
        testBars: p.test_size,
        window: p.expand_train === true ? 'expanding' : 'sliding',
        rest: p.reduce_test === true ? 'shorter-fold' : 'drop',
        embargoBars: 0,
      });
      expect(folds.map((fold) => ({ train: asRanges(fold.trainRows), test: asRanges(fold.testRows) }))).toEqual(
        one.splits,
      );
    }
  });

  it('walk-forward by dates', () => {
    const days = tradingDays();
    for (const one of load().filter(({ kind }) => kind === 'walk-forward-dates')) {
      const calendar = days.filter((day) => day >= (one.calendar === '2022' ? '2022-01-03' : '2020-01-02'));
      expect(datedSplits(calendar, one), JSON.stringify(one.params)).toEqual(one.splits);
    }
  });
});

/**
 * The cases that an experiment's `splits` can say: whole months before and in the test window, each from its first bar
 * on.
 */
const isByMonth = ({ kind, params: p }: Case): boolean =>
  kind === 'walk-forward-dates' && p['freq'] === 'MS' && p['freq_offset'] === null && p['previous'] === false;

describeWith('reference', 'a walk-forward by the periods of an experiment agrees with skfolio', () => {
  it('month by month', () => {
    const cases = load().filter(isByMonth);
    expect(cases).toHaveLength(2);
    const days = tradingDays().filter((day) => day >= '2022-01-03');
    const decisionTimeMs = Float64Array.from(days, (day) => Date.parse(day));
    for (const { params: p, splits } of cases) {
      const folds = periodWalkForwardFolds(
        { ...bars(days.length, 0), decisionTimeMs, labelEndTimeMs: decisionTimeMs.map((time) => time - 1) },
        {
          period: 'month',
          trainPeriods: p['train_size'] as number,
          testPeriods: p['test_size'] as number,
          window: p['expand_train'] === true ? 'expanding' : 'sliding',
          embargoBars: 0,
        },
      );
      const found = folds.map(({ ranges: { train, test } }) => ({
        train: [iso(train.fromMs), iso(train.toMs)],
        test: [iso(test.fromMs), iso(test.toMs)],
      }));
      // An experiment keeps the shorter last fold that `reduce_test` false drops.
      expect(found).toHaveLength(3);
      expect(p['reduce_test'] === true ? found : found.slice(0, 2)).toEqual(splits);
    }
  });
});

const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function tradingDays(): string[] {
  const text = gunzipSync(readFileSync(`${FOLDER}/sp500_dataset.csv.gz`)).toString('utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.slice(0, 10));
}

/** The pandas frequencies of the cases, as days: is this day a boundary? */
function isBoundary(freq: unknown, ms: number): boolean {
  const date = new Date(ms);
  const day = date.getUTCDate();
  const weekday = date.getUTCDay();
  const month = date.getUTCMonth();
  const lastOfMonth = new Date(ms + DAY_MS).getUTCDate() === 1;
  const name = typeof freq === 'string' ? freq : (freq as { offset: string }).offset;
  const rules: Record<string, boolean> = {
    'WOM-3FRI': weekday === 5 && day >= 15 && day <= 21,
    MS: day === 1,
    QS: day === 1 && month % 3 === 0,
    'pd.offsets.Week(weekday=4)': weekday === 5,
    'pd.offsets.QuarterEnd()': lastOfMonth && month % 3 === 2,
  };
  const rule = rules[name];
  if (rule === undefined) throw new Error(`unknown frequency ${name}`);
  return rule;
}

/** A calendar month earlier, on the last day of a shorter month. */
function monthEarlier(ms: number): number {
  const date = new Date(ms);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 0));
  return Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(last.getUTCDate(), date.getUTCDate()));
}

function datedSplits(calendar: string[], one: Case): { train: string[]; test: string[] }[] {
  const p = one.params;
  const times = calendar.map((day) => Date.parse(day));
  const offset = p['freq_offset'] ? 2 * DAY_MS : 0;
  const dates: number[] = [];
  for (let ms = times[0]! - offset; ms <= times.at(-1)!; ms += DAY_MS)
    if (isBoundary(p['freq'], ms)) dates.push(ms + offset);
  const previous = p['previous'] === true;
  const boundaries = positionsOfDates(times, dates, previous);
  const kept = dates.filter((_, i) => boundaries[i] !== null);
  const size = p['train_size'] as number | { offset: string };
  const back = (ms: number): number =>
    (size as { offset: string }).offset === 'pd.offsets.Week(3)' ? ms - 21 * DAY_MS : monthEarlier(ms);
  const trainPeriods = typeof size === 'number' ? size : positionsOfDates(times, kept.map(back), true);
  const ranges = periodWalkForwardRanges(
    times.length,
    boundaries.filter((at) => at !== null),
    {
      testPeriods: p['test_size'] as number,
      trainPeriods,
      window: p['expand_train'] === true ? 'expanding' : 'sliding',
      rest: p['reduce_test'] === true ? 'shorter-fold' : 'drop',
    },
  );
  const name = ([from, to]: readonly [number, number]): string[] => [iso(times[from]!), iso(times[to - 1]!)];
  return ranges.map(({ train, test }) => ({ train: name(train), test: name(test) }));
}
