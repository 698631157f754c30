import { describe, expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { takeBars } from '../bars/compare-bars.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import type { CalendarName } from '../calendars/calendar.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import type { Finding } from './quality-check.ts';
import { requireQuality } from './quality-gate.ts';
import { KEPT_PER_CHECK } from './finding-list.ts';
import { QUALITY_CHECKS, QualityInspector } from './quality-inspector.ts';

interface Look {
  timeframe?: Timeframe;
  calendar?: CalendarName;
  /** Bars per piece. */
  step?: number;
  /** A split of this ratio on record before the bar at 30. */
  split?: number;
}

function findings(bars: BarColumns, options: Look = {}): readonly Finding[] {
  const { timeframe = '1d', calendar: name = 'us-equities', step = 7, split } = options;
  const calendar = calendarNamed(name);
  const effectiveMs = calendar.dayStartMs(calendar.dayAt(bars.openTimeMs[30]!));
  const actions = split === undefined ? [] : [{ kind: 'split' as const, value: split, effectiveMs, knownAtMs: 0 }];
  const inspector = new QualityInspector({ calendar, timeframe, assetClass: 'equity', actions });
  for (let from = 0; from < bars.length; from += step)
    inspector.inspect(sliceBarColumns(bars, from, Math.min(from + step, bars.length)));
  return inspector.finish().findings;
}

/** What is found, as `check severity bars`. */
function look(bars: BarColumns, options: Look = {}): string[] {
  return findings(bars, options).map(({ check, severity, bars: count }) => `${check} ${severity} ${count}`);
}

const clean = (changes: Partial<Parameters<typeof plantedBars>[0]> = {}): BarColumns =>
  plantedBars({ bars: 60, seed: 3, ...changes });

/** Clean bars with `change` done to them. */
function spoiled(change: (bars: BarColumns) => void, made = clean()): BarColumns {
  change(made);
  return made;
}

const without = (made: BarColumns, from: number, to: number): BarColumns =>
  takeBars(
    made,
    Array.from({ length: made.length }, (_, i) => i).filter((i) => i < from || i >= to),
  );

/** Every sixth bar is missing, as of a vendor that drops some all the time. */
const everySixthGone = (made: BarColumns): BarColumns =>
  takeBars(
    made,
    Array.from({ length: made.length }, (_, i) => i).filter((i) => i % 6 !== 5),
  );

const gapsOfOne = (count: number): string[] => Array.from({ length: count }, () => 'gaps warning 1');

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Bars from `from` on repeat the one at `from`. */
function repeat(bars: BarColumns, from: number, to: number, fields: readonly (typeof FIELDS)[number][] = FIELDS): void {
  for (const field of fields) bars[field].fill(bars[field][from]!, from, to);
}

function flat(bars: BarColumns, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    for (const field of ['open', 'high', 'low', 'close'] as const) bars[field][i] = bars.close[from - 1]!;
  }
}

function divide(bars: BarColumns, from: number, by: number): void {
  for (let i = from; i < bars.length; i++) {
    for (const field of ['open', 'high', 'low', 'close'] as const) bars[field][i]! /= by;
  }
}

describe('splits on record', () => {
  const split = (by: number): BarColumns => spoiled((bars) => divide(bars, 30, by));

  it('explain their jump, and only theirs', () => {
    expect(look(split(4), { split: 4 })).toEqual([]);
    expect(look(split(0.1), { split: 0.1, step: 30 })).toEqual([]);
    expect(look(split(1.25), { split: 1.25 })).toEqual([]);
    expect(look(split(8), { split: 4 })).toEqual(['split-sized-jumps error 1']);
    expect(
      look(
        spoiled((bars) => divide(bars, 45, 4), split(4)),
        { split: 4 },
      ),
    ).toEqual(['split-sized-jumps error 1']);
  });

  it('must show: bars that were adjusted already would be adjusted twice', () => {
    for (const by of [4, 7, 1.5, 1.25, 0.1]) expect(look(clean(), { split: by })).toEqual(['already-adjusted error 1']);
    expect(look(clean(), { split: 1.05 })).toEqual([]);
    const [found] = findings(clean(), { split: 4 });
    expect(found!.message).toMatch(
      /^Already adjusted\? The split of 4 on \d{4}-\d\d-\d\d does not show.* 1\.000 of .* 0\.2500.*raw/,
    );
  });
});

describe('QualityInspector', () => {
  it('finds nothing in clean bars', () => {
    expect(look(clean())).toEqual([]);
    expect(look(clean({ timeframe: '5m', bars: 400 }), { timeframe: '5m' })).toEqual([]);
    const crypto = clean({ timeframe: '1h', bars: 100, calendar: calendarNamed('crypto') });
    expect(look(crypto, { timeframe: '1h', calendar: 'crypto' })).toEqual([]);
  });

  it.each<[string, BarColumns, string[], Look?]>([
    ['a missing day', without(clean(), 10, 11), ['gaps warning 1']],
    ['a missing week', without(clean({ bars: 200 }), 10, 15), ['gaps error 5']],
    ['a missing tenth, day by day', everySixthGone(clean({ bars: 36 })), ['gaps error 5', ...gapsOfOne(5)]],
    [
      'many missing minutes, each within what is quiet',
      everySixthGone(clean({ timeframe: '1m', bars: 120 })),
      ['gaps error 19', ...Array.from({ length: 19 }, () => 'gaps info 1')],
      { timeframe: '1m' },
    ],
    [
      'a missing minute bar',
      without(clean({ timeframe: '1m', bars: 500 }), 200, 201),
      ['gaps info 1'],
      { timeframe: '1m' },
    ],
    [
      'a missing hour over night',
      without(clean({ timeframe: '5m', bars: 300 }), 72, 84),
      ['gaps warning 12'],
      { timeframe: '5m' },
    ],
    ['a repeated bar', takeBars(clean(), [0, 1, 2, 2, 3]), ['time-order error 1']],
    ['a step back', takeBars(clean(), [0, 1, 3, 2]), ['time-order error 1', 'gaps warning 1']],
    ['NaN', spoiled((bars) => (bars.close[20] = NaN)), ['not-a-number error 1']],
    ['a negative price', spoiled((bars) => (bars.low[20] = -1)), ['impossible-prices error 1']],
    ['high below low', spoiled((bars) => (bars.high[20] = bars.low[20]! / 2)), ['impossible-prices error 1']],
    ['negative volume', spoiled((bars) => (bars.volume[20] = -1)), ['impossible-prices error 1']],
    ['zero volume', spoiled((bars) => bars.volume.fill(0, 20, 25)), ['zero-volume warning 5']],
    ['no volume ever', spoiled((bars) => bars.volume.fill(0)), ['zero-volume info 60']],
    ['a 4:1 split', spoiled((bars) => divide(bars, 30, 4)), ['split-sized-jumps error 1']],
    ['a reverse split', spoiled((bars) => divide(bars, 30, 0.1)), ['split-sized-jumps error 1']],
    ['a crash', spoiled((bars) => divide(bars, 30, 1 / 0.45)), ['split-sized-jumps warning 1']],
    ['a feed that repeats its bar', spoiled((bars) => repeat(bars, 20, 24)), ['stale-runs warning 3']],
    ['a feed that repeats it for long', spoiled((bars) => repeat(bars, 10, 50)), ['stale-runs error 39']],
    [
      'a minute feed that repeats its bar',
      spoiled((bars) => repeat(bars, 20, 60), clean({ timeframe: '1m', bars: 100 })),
      ['stale-runs error 39'],
      { timeframe: '1m' },
    ],
    [
      'a minute feed that repeats one price and volume',
      spoiled(
        (bars) => repeat(bars, 20, 60),
        spoiled((bars) => flat(bars, 20, 60), clean({ timeframe: '1m', bars: 100 })),
      ),
      ['stale-runs warning 40'],
      { timeframe: '1m' },
    ],
    ['a bar that happens twice', spoiled((bars) => repeat(bars, 20, 22)), []],
    [
      'the same prices with other volumes',
      spoiled((bars) => repeat(bars, 20, 40, ['open', 'high', 'low', 'close'])),
      [],
    ],
    ['a feed that stands', spoiled((bars) => flat(bars, 20, 25)), ['stale-runs warning 5']],
    ['a feed that stays', spoiled((bars) => flat(bars, 20, 32)), ['stale-runs error 12']],
    ['a standing feed at the end', spoiled((bars) => flat(bars, 40, 60)), ['stale-runs error 20']],
    ['a shifted clock', spoiled((bars) => shift(bars, 20, 3_600_000)), ['wrong-session error 1']],
  ])('finds %s', (_what, bars, expected, options) => {
    expect(look(bars, options)).toEqual(expected);
    expect(look(bars, { ...options, step: 1 })).toEqual(expected);
    expect(look(bars, { ...options, step: 1000 })).toEqual(expected);
  });

  it('finds bars on a holiday', () => {
    const bars = createBarColumns('X', 1);
    const us = calendarNamed('us-equities');
    const { openTimeMs, closeTimeMs } = us.nominalHoursOf(us.dayAt(Date.UTC(2020, 11, 25, 15)));
    bars.openTimeMs[0] = openTimeMs;
    bars.closeTimeMs[0] = closeTimeMs;
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) bars[field][0] = 1;
    expect(look(bars)).toEqual(['wrong-session error 1']);
  });

  it('keeps every finding in words, of thousands too; beyond the bound the rest is one finding with count and range', () => {
    const holes = clean({ bars: 9000 });
    const found = findings(everySixthGone(holes)).filter(({ severity }) => severity === 'warning');
    expect(found).toHaveLength(1499);

    const bad = spoiled((bars) => bars.close.fill(NaN), clean({ bars: KEPT_PER_CHECK + 500 }));
    const inspector = new QualityInspector({
      calendar: calendarNamed('us-equities'),
      timeframe: '1d',
      assetClass: 'equity',
    });
    inspector.inspect(bad);
    const { counts, findings: kept } = inspector.finish();
    expect(counts.error).toBe(bad.length);
    expect(kept).toHaveLength(KEPT_PER_CHECK + 1);
    const first = new Date(bad.openTimeMs[KEPT_PER_CHECK]!).toISOString();
    const last = new Date(bad.openTimeMs[bad.length - 1]!).toISOString();
    expect(kept.at(-1)).toEqual({
      check: 'not-a-number',
      severity: 'error',
      openTimeMs: bad.openTimeMs[KEPT_PER_CHECK],
      bars: 500,
      message: `500 more findings of this check from ${first} to ${last}.`,
    });
  });

  it('has a test here for every check', () => {
    const names = [
      'time-order',
      'not-a-number',
      'impossible-prices',
      'gaps',
      'wrong-session',
      'already-adjusted',
      'split-sized-jumps',
      'stale-runs',
      'zero-volume',
    ];
    expect(QUALITY_CHECKS.map(({ name }) => name)).toEqual(names);
  });
});

function shift(bars: BarColumns, at: number, byMs: number): void {
  bars.openTimeMs[at]! += byMs;
  bars.closeTimeMs[at]! += byMs;
}

describe('requireQuality', () => {
  const quality = {
    seriesId: 1,
    symbol: 'X',
    bars: 10,
    errors: 2,
    warnings: 5,
    infos: 0,
    findings: [
      {
        check: 'gaps',
        severity: 'error' as const,
        openTimeMs: Date.UTC(2020, 0, 2),
        bars: 5,
        message: '5 bars are missing.',
      },
    ],
  };
  it('lets through what the experiment allows and refuses more, naming the first', () => {
    expect(() => requireQuality([quality], 2)).not.toThrow();
    expect(() => requireQuality([quality], 1)).toThrow(
      /2 quality errors; the experiment allows 1.*X at 2020-01-02.*gaps.*5 bars/,
    );
  });
});
