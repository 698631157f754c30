import { describe, expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { takeBars } from '../compare-bars.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { plantedBars } from '../sources/planted-bars.ts';
import type { CalendarName } from '../calendars/calendar.ts';
import type { Timeframe } from '../timeframe.ts';
import { requireQuality } from './quality-gate.ts';
import { QUALITY_CHECKS, QualityInspector } from './quality-inspector.ts';

interface Look {
  timeframe?: Timeframe;
  calendar?: CalendarName;
  /** Bars per piece. */
  step?: number;
  /** A split of this ratio on record before the bar at 30. */
  split?: number;
}

/** What is found, as `check severity bars`. */
function look(bars: BarColumns, options: Look = {}): string[] {
  const { timeframe = '1d', calendar: name = 'us-equities', step = 7, split } = options;
  const calendar = calendarNamed(name);
  const effectiveMs = calendar.dayStartMs(calendar.dayAt(bars.openTimeMs[30]!));
  const actions = split === undefined ? [] : [{ kind: 'split' as const, value: split, effectiveMs, knownAtMs: 0 }];
  const inspector = new QualityInspector({ calendar, timeframe, assetClass: 'equity', actions });
  for (let from = 0; from < bars.length; from += step)
    inspector.inspect(sliceBarColumns(bars, from, Math.min(from + step, bars.length)));
  return inspector.finish().findings.map(({ check, severity, bars: count }) => `${check} ${severity} ${count}`);
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
    expect(look(split(8), { split: 4 })).toEqual(['split-sized-jumps error 1']);
    expect(
      look(
        spoiled((bars) => divide(bars, 45, 4), split(4)),
        { split: 4 },
      ),
    ).toEqual(['split-sized-jumps error 1']);
  });

  it('must show: bars that were adjusted already would be adjusted twice', () => {
    expect(look(clean(), { split: 4 })).toContain('split-sized-jumps error 1');
    expect(look(clean(), { split: 1.05 })).toEqual([]);
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
    ['a missing week', without(clean(), 10, 15), ['gaps error 5']],
    [
      'a missing minute bar',
      without(clean({ timeframe: '1m', bars: 500 }), 200, 201),
      ['gaps info 1'],
      { timeframe: '1m' },
    ],
    [
      'a missing hour over night',
      without(clean({ timeframe: '5m', bars: 200 }), 72, 84),
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

  it('has a test here for every check', () => {
    const names = [
      'time-order',
      'not-a-number',
      'impossible-prices',
      'gaps',
      'wrong-session',
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
