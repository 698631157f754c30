import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { barAt, createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { createRandom } from '../../infra/random.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { parseDay } from '../calendars/day.ts';
import { simulateBars } from '../sources/made-up/simulated-market.ts';
import { readActionsFile } from './actions-file.ts';
import { AdjustedStream } from './adjusted-stream.ts';
import { computeAdjustedFeatures } from './adjusted-features.ts';
import { adjustBars } from './bar-adjuster.ts';
import { actionsOfMode, dateAction, inOrder, type DatedAction } from './corporate-action.ts';

const calendar = calendarNamed('us-equities');
const FIELDS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
const BARS = 160;

function copyOf(bars: BarColumns): BarColumns {
  const copy = createBarColumns(bars.symbol, bars.length);
  for (const field of FIELDS) copy[field].set(bars[field]);
  return copy;
}

function unsplit(seed: number, bars = BARS): BarColumns {
  const startMs = calendar.nominalHoursOf(parseDay('2021-01-04')!).openTimeMs;
  const made = copyOf([...simulateBars({ seed, index: 0, symbol: 'X', timeframe: '1d', calendar, startMs, bars })][0]!);
  const random = createRandom(seed);
  // Off the tick: two equal highs would be told apart by rounding alone, and features that ask which came last would
  // differ.
  for (let i = 0; i < bars; i++) {
    const factor = 1 + 0.001 * random.next();
    for (const field of ['open', 'high', 'low', 'close'] as const) made[field][i]! *= factor;
  }
  return made;
}

/**
 * One split or dividend: before which bar, the split's ratio or the dividend as a share of the price, how many bars
 * late it is known.
 */
interface Planned {
  readonly bar: number;
  readonly ratio: number | null;
  readonly share: number;
  readonly late: number;
}

const planned = fc.record({
  bar: fc.integer({ min: 1, max: BARS - 1 }),
  ratio: fc.option(fc.constantFrom(2, 3, 1.5, 0.1, 7, 0.25), { nil: null }),
  share: fc.double({ min: 0.001, max: 0.3, noNaN: true }),
  late: fc.constantFrom(0, 0, 0, 0, 9),
});

/** The series as it would have traded with the actions: prices fall, share counts grow, dividends leave. */
function traded(base: BarColumns, plan: readonly Planned[]): { raw: BarColumns; actions: DatedAction[] } {
  const raw = copyOf(base);
  const actions: DatedAction[] = [];
  // A bar has at most one action of a kind; the dividend goes first, per share held before.
  const sorted = [...plan].sort((a, b) => a.bar - b.bar || Number(a.ratio !== null) - Number(b.ratio !== null));
  const seen = new Set<string>();
  for (const { bar, ratio, share, late } of sorted) {
    const key = `${bar} ${ratio === null}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const effectiveMs = calendar.dayStartMs(calendar.dayAt(base.openTimeMs[bar]!));
    const knownAtMs = late === 0 ? effectiveMs : base.closeTimeMs[Math.min(BARS - 1, bar + late)]!;
    const value = ratio ?? share * raw.close[bar - 1]!;
    const price = ratio === null ? 1 - share : 1 / ratio;
    for (let i = bar; i < base.length; i++) {
      for (const field of ['open', 'high', 'low', 'close'] as const) raw[field][i]! *= price;
      if (ratio !== null) raw.volume[i]! *= ratio;
    }
    actions.push({ kind: ratio === null ? 'dividend' : 'split', value, effectiveMs, knownAtMs });
  }
  return { raw, actions: inOrder(actions) };
}

const set = parseFeatureSet(
  [
    'core',
    'close',
    'ema(20)',
    'sma(5)',
    'atr(14)',
    'obv()',
    'vwap()',
    'roc(10)',
    'stdev(close,20)',
    'mfi(14)',
    'ema(3)@1w',
  ],
  { timeframe: '1d', symbols: ['X'] },
);

const features = (bars: BarColumns, actions: readonly DatedAction[]): FeatureMatrix =>
  computeAdjustedFeatures(set, [bars], [actions])[0]!;

function expectClose(a: Float64Array, b: Float64Array): void {
  let off = 0;
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(a[i]!) && Number.isNaN(b[i]!)) continue;
    const error = Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(a[i]!), Math.abs(b[i]!));
    if (!(error < 1e-9)) off++;
  }
  expect(off).toBe(0);
}

describe('bars adjusted forward', () => {
  const timely = fc.array(
    planned.map((one) => ({ ...one, late: 0 })),
    { maxLength: 6 },
  );

  it('give the features of the series that was never split and never paid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), timely, (seed, plan) => {
        const base = unsplit(seed);
        const { raw, actions } = traded(base, plan);
        expectClose(features(raw, actions).values, computeFeatures(set, [base])[0]!.values);
      }),
      { numRuns: 60 },
    );
  });

  it('leave a jump in where only the splits are taken out, and all of them where nothing is', () => {
    const base = unsplit(4);
    const plan = [
      { bar: 50, ratio: 2, share: 0, late: 0 },
      { bar: 80, ratio: null, share: 0.2, late: 0 },
    ];
    const { raw, actions } = traded(base, plan);
    const ratio = (bars: BarColumns, at: number): number => bars.close[at]! / base.close[at]!;
    const splits = adjustBars(raw, actionsOfMode(actions, 'splits'));
    expect([ratio(splits, 79), ratio(splits, 80)].map((x) => Number(x.toFixed(9)))).toEqual([1, 0.8]);
    expect(actionsOfMode(actions, 'raw')).toEqual([]);
    expect(adjustBars(raw, [])).toBe(raw);
  });

  it('never change the past: a row is the same whatever comes after it, and whatever is announced', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(planned, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 20, max: BARS - 2 }),
        (seed, plan, cut) => {
          const { raw, actions } = traded(unsplit(seed), plan);
          const whole = features(raw, actions);
          expect(lookAhead(raw, actions, { cut, rows: whole.values })).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('would be caught using actions of the future: backward adjustment changes the past', () => {
    const { raw, actions } = traded(unsplit(9), [{ bar: 100, ratio: 2, share: 0, late: 0 }]);
    const backward = copyOf(raw);
    for (const field of ['open', 'high', 'low', 'close'] as const) {
      for (let i = 0; i < 100; i++) backward[field][i]! /= 2;
    }
    expect(lookAhead(raw, actions, { cut: 60, rows: computeFeatures(set, [backward])[0]!.values })).toBe(true);
    expect(lookAhead(raw, actions, { cut: 60, rows: features(raw, actions).values })).toBe(false);
  });

  it('keep what was known: rows before a late action was known lack it, rows from then on have it as if it always had been', () => {
    const { raw, actions } = traded(unsplit(12), [{ bar: 100, ratio: 2, share: 0, late: 9 }]);
    const whole = features(raw, actions);
    const without = features(raw, []);
    const always = features(
      raw,
      actions.map((action) => ({ ...action, knownAtMs: action.effectiveMs })),
    );
    const at = 109 * set.columns.length;
    expect(whole.closeTimeMs[109]).toBe(actions[0]!.knownAtMs);
    expect(whole.values.subarray(0, at)).toEqual(without.values.subarray(0, at));
    expect(whole.values.subarray(at)).toEqual(always.values.subarray(at));
    expect(whole.values.subarray(at)).not.toEqual(without.values.subarray(at));
  });

  it('stream as they come in columns, to the bit, through saving and restoring', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        timely,
        fc.integer({ min: 1, max: BARS - 1 }),
        (seed, plan, stop) => {
          const { raw, actions } = traded(unsplit(seed), plan);
          const batch = features(raw, actions);
          let stream = new AdjustedStream(set, ['X'], [actions]);
          const row = new Float64Array(set.columns.length);
          for (let i = 0; i < raw.length; i++) {
            if (i === stop)
              stream = new AdjustedStream(set, ['X'], [actions], JSON.parse(JSON.stringify(stream.save())));
            stream.advance(raw.closeTimeMs[i]!, [barAt(raw, i)]);
            stream.copyRow(0, row);
            expect(row).toEqual(batch.values.subarray(i * row.length, (i + 1) * row.length));
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('refuse a dividend that is not below the price', () => {
    const raw = unsplit(3);
    const effectiveMs = calendar.dayStartMs(calendar.dayAt(raw.openTimeMs[5]!));
    const action = { kind: 'dividend' as const, value: raw.close[4]!, effectiveMs, knownAtMs: effectiveMs };
    expect(() => adjustBars(raw, [action])).toThrow(/X: the dividend of .* on 2021-01-11 is not below the last close/);
  });
});

/** True where rows up to `cut` differ from those of someone who had only the bars and actions of that time. */
function lookAhead(
  raw: BarColumns,
  actions: readonly DatedAction[],
  { cut, rows }: { cut: number; rows: Float64Array },
): boolean {
  const nowMs = raw.closeTimeMs[cut]!;
  const then = actions.filter(({ effectiveMs, knownAtMs }) => effectiveMs <= nowMs && knownAtMs <= nowMs);
  const known = features(sliceBarColumns(raw, 0, cut + 1), then).values;
  return known.some((value, i) => !Object.is(value, rows[i]));
}

describe('an actions file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-actions-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (text: string): ReturnType<typeof readActionsFile> => {
    const path = join(folder, 'actions.csv');
    writeFileSync(path, text);
    return readActionsFile(path);
  };
  const day = (text: string): number => parseDay(text)!;

  it('holds splits and dividends, two dividends of a day being their sum', async () => {
    const found = await read(
      'Symbol,type,exDate,ratio,amount,knownAt\nA,split,2020-08-31,4:1,,2020-07-30T20:30:00Z\nB,dividend,2020-02-07,,0.5,\nB,dividend,2020-02-07,,2,\nA,split,2014-06-09,0.1,,\n',
    );
    expect(found.get('A')).toEqual([
      { kind: 'split', exDay: day('2020-08-31'), value: 4, knownAtMs: Date.UTC(2020, 6, 30, 20, 30) },
      { kind: 'split', exDay: day('2014-06-09'), value: 0.1, knownAtMs: null },
    ]);
    expect(found.get('B')).toEqual([{ kind: 'dividend', exDay: day('2020-02-07'), value: 2.5, knownAtMs: null }]);
    expect(dateAction(found.get('A')![1]!, calendar, '1d')).toMatchObject({
      effectiveMs: Date.UTC(2014, 5, 9, 4),
      knownAtMs: Date.UTC(2014, 5, 9, 4),
    });
  });

  it.each([
    ['symbol,type,exDate\n', /the header holds .*symbol,type,exDate/],
    ['', /the file is empty/],
    ['symbol,type,exDate,ratio\nA,merger,2020-01-02,2\n', /line 2: type is "merger"/],
    ['symbol,type,exDate,ratio\nA,split,2020-02-30,2\n', /line 2: exDate is "2020-02-30"/],
    ['symbol,type,exDate,ratio\nA,split,2020-02-03,0\n', /line 2: ratio is "0"/],
    ['symbol,type,exDate,ratio\nA,split,2020-02-03,2\nA,split,2020-02-03,3\n', /line 3: a second split on 2020-02-03/],
    [
      'symbol,type,exDate,amount\nA,dividend,2020-02-03,0.375\nA,dividend,2020-02-03,0.375\n',
      /line 3: the dividend of 0.375 on 2020-02-03 a second time/,
    ],
    ['symbol,type,exDate,amount\nA,dividend,2020-02-03,\n', /line 2: amount is ""/],
    ['symbol,type,exDate,amount,knownAt\nA,dividend,2020-02-03,1,soon\n', /line 2: knownAt is "soon"/],
    ['symbol,type,exDate,ratio\n,split,2020-02-03,2\n', /line 2: symbol is empty/],
  ])('with a mistake says where: %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
