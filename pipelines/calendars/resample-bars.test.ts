import { describe, expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { HOUR_MS } from '../../features/timeframe.ts';
import { simulateBars } from '../sources/made-up/simulated-market.ts';
import { calendarNamed } from './calendar-named.ts';
import { parseDay } from './day.ts';
import { resampleBars } from './resample-bars.ts';

const us = calendarNamed('us-equities');

/** One-minute bars from the open of `start` on. */
function minutes(start: string, bars: number): BarColumns {
  const startMs = us.nominalHoursOf(parseDay(start)!).openTimeMs;
  return [...simulateBars({ seed: 2, index: 0, symbol: 'X', timeframe: '1m', calendar: us, startMs, bars })][0]!;
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString().slice(5, 16);

describe('resampleBars', () => {
  it('joins minutes into days across a half day and a weekend', () => {
    // 2020-11-25 (Wednesday) 390 minutes, Thanksgiving shut, the 27th 210 minutes, Monday 30th.
    const bars = minutes('2020-11-25', 390 + 210 + 390);
    const days = resampleBars(bars, '1d', us);
    expect([...days.openTimeMs].map(iso)).toEqual(['11-25T14:30', '11-27T14:30', '11-30T14:30']);
    expect([...days.closeTimeMs].map(iso)).toEqual(['11-25T21:00', '11-27T18:00', '11-30T21:00']);
    const half = sliceBarColumns(bars, 390, 600);
    expect(days.open[1]).toBe(half.open[0]);
    expect(days.close[1]).toBe(half.close[209]);
    expect(days.high[1]).toBe(Math.max(...half.high));
    expect(days.low[1]).toBe(Math.min(...half.low));
    expect(days.volume[1]).toBe(half.volume.reduce((a, b) => a + b));
  });

  it('counts hours from the open and cuts the last at the close, in summer and winter time', () => {
    // Summer time begins on Sunday 2021-03-14.
    const hours = resampleBars(minutes('2021-03-12', 780), '1h', us);
    expect([...hours.openTimeMs].map(iso)).toEqual([
      '03-12T14:30',
      '03-12T15:30',
      '03-12T16:30',
      '03-12T17:30',
      '03-12T18:30',
      '03-12T19:30',
      '03-12T20:30',
      '03-15T13:30',
      '03-15T14:30',
      '03-15T15:30',
      '03-15T16:30',
      '03-15T17:30',
      '03-15T18:30',
      '03-15T19:30',
    ]);
    expect(iso(hours.closeTimeMs[6]!)).toBe('03-12T21:00');
  });

  it('leaves out a last bar that is not closed yet', () => {
    expect(resampleBars(minutes('2020-11-25', 389), '1d', us).length).toBe(0);
    expect(resampleBars(minutes('2020-11-25', 390), '1d', us).length).toBe(1);
    expect(resampleBars(minutes('2020-11-25', 14), '5m', us).length).toBe(2);
  });

  it('gives a prefix for a prefix: nothing of the past changes as bars come', () => {
    const bars = minutes('2020-11-25', 700);
    const whole = resampleBars(bars, '30m', us);
    for (let to = 1; to < 700; to += 37) {
      const part = resampleBars(sliceBarColumns(bars, 0, to), '30m', us);
      expect([...part.close]).toEqual([...whole.close.subarray(0, part.length)]);
    }
  });
});

/** Bars of `lengthMs` from `start` on, all of a price of their own. */
function every(start: string, lengthMs: number, prices: readonly number[]): BarColumns {
  const bars = createBarColumns('X', prices.length);
  prices.forEach((price, row) => {
    bars.openTimeMs[row] = Date.parse(start) + row * lengthMs;
    bars.closeTimeMs[row] = bars.openTimeMs[row]! + lengthMs;
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) bars[field][row] = price;
  });
  return bars;
}

describe('bars that do not begin with the market', () => {
  it('belong to the bar of the open where they span it', () => {
    // New York opens at 14:30 UTC in winter: 14:00 to 15:00 holds its first half hour.
    const hours = every('2024-01-08T12:00:00Z', HOUR_MS, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const [day] = [resampleBars(hours, '1d', us)];
    expect([day.length, day.open[0], day.high[0], day.low[0], day.close[0]]).toEqual([1, 3, 9, 3, 9]);
    expect(iso(day.openTimeMs[0]!)).toBe('01-08T14:30');
    expect(day.volume[0]).toBe(3 + 4 + 5 + 6 + 7 + 8 + 9);
  });

  it('are refused where they go on after the longer bar: it would know what comes after it', () => {
    // 15:30 to 16:30 is part of the four hours that end at 16:00.
    const hours = every('2024-01-08T13:30:00Z', HOUR_MS, [1, 2, 3, 4, 5, 6]);
    expect(() => resampleBars(hours, '4h', calendarNamed('none'))).toThrow(
      /15:30:00.000Z to 2024-01-08T16:30:00.000Z goes on after a 4h bar ends at 2024-01-08T16:00/,
    );
    // Counted from the market's open they fit.
    expect([...resampleBars(hours, '4h', us).close]).toEqual([5]);
  });

  it('make no first bar of a part, unless nothing is missing before it', () => {
    const minutesFrom = (start: string): BarColumns =>
      every(
        start,
        60_000,
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    const none = calendarNamed('none');
    const part = minutesFrom('2024-01-08T00:02:00Z');
    expect([...resampleBars(part, '5m', none).open]).toEqual([4, 9, 14]);
    expect([...resampleBars(part, '5m', none, { fromMs: Date.parse('2024-01-08') }).open]).toEqual([1, 4, 9, 14]);
    expect([...resampleBars(minutesFrom('2024-01-08T00:05:00Z'), '5m', none).open]).toEqual([1, 6, 11, 16]);
  });
});
