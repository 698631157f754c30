import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../timeframe.ts';
import { FitSchedule } from './fit-schedule.ts';

/** Opens of `perDay` hourly bars on the weekdays of some weeks, an hour earlier from the tenth week on. */
function opens(weeks: number, perDay: number): number[] {
  return Array.from({ length: weeks * 5 * perDay }, (_, i) => {
    const day = Math.floor(i / perDay);
    const week = Math.floor(day / 5);
    // 1970 began on a Thursday: day 4 was a Monday.
    return (4 + week * 7 + (day % 5)) * DAY_MS + (week < 10 ? 14.5 : 13.5) * HOUR_MS + (i % perDay) * HOUR_MS;
  });
}

/** Opens at which a fit is due. */
function fitsAt(schedule: FitSchedule, times: readonly number[]): number[] {
  return times.filter((openTimeMs, i) => schedule.push(i, { openTimeMs }));
}

describe('the schedule of fits', () => {
  it('fits daily bars when as many days are over, weekends and summer time or not', () => {
    const times = opens(60, 1);
    const [first, ...later] = fitsAt(new FitSchedule(40, 30), times);
    expect(first).toBe(times[39]);
    const steps = new Set(times.slice(40).map((time) => Math.floor(time / (30 * DAY_MS))));
    steps.delete(Math.floor(times[39]! / (30 * DAY_MS)));
    expect(later.map((time) => Math.floor(time / (30 * DAY_MS)))).toEqual([...steps]);
  });

  it('takes a day of 23 hours for a day', () => {
    const times = Array.from({ length: 400 }, (_, day) => day * DAY_MS + (day < 60 ? 6 : 5) * HOUR_MS);
    const [, ...later] = fitsAt(new FitSchedule(40, 30), times);
    expect(later.map((time) => Math.floor(time / DAY_MS))).toEqual([
      60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 390,
    ]);
  });

  it('fits hourly bars once a day where a day of hours is asked for', () => {
    const times = opens(20, 7);
    const fits = fitsAt(new FitSchedule(70, 24), times);
    const days = fits.map((time) => Math.floor(time / DAY_MS));
    expect(new Set(days).size).toBe(days.length);
    expect(days.length).toBe(20 * 5 - 9);
  });

  it('waits for the first values, and hands out the last ones in order', () => {
    const schedule = new FitSchedule(5, 1);
    const times = opens(3, 1);
    expect(fitsAt(schedule, times.slice(0, 4))).toEqual([]);
    expect([...schedule.values()]).toEqual([0, 1, 2, 3]);
    expect(fitsAt(schedule, times.slice(4))).toEqual(times.slice(4));
    expect([...schedule.values()]).toEqual([6, 7, 8, 9, 10]);
  });
});
