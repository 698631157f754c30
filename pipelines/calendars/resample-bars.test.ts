import { describe, expect, it } from 'vitest';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
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
