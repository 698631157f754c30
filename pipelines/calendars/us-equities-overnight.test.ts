import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { barHours } from './bar-hours.ts';
import { calendarNamed } from './calendar-named.ts';
import { closeAfter } from './close-after.ts';
import { isoDay, parseDay } from './day.ts';
import { extendedHours } from './extended-hours.ts';
import { endsDayOf, marketDays } from './market-days.ts';
import { marketHours } from './market-hours.ts';
import { slotAt } from './resample-bars.ts';

const calendar = calendarNamed('us-equities-overnight');
const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

function hoursOf(day: string): string {
  const found = calendar.hoursOf(parseDay(day)!);
  return found === undefined ? 'shut' : `${iso(found.openTimeMs)} ${iso(found.closeTimeMs)}`;
}

describe('us-equities-overnight', () => {
  it.each([
    ['a Tuesday of winter', '2025-03-04', '2025-03-04T01:00:00Z 2025-03-05T01:00:00Z'],
    ['a Monday, from Sunday on', '2025-03-03', '2025-03-03T01:00:00Z 2025-03-04T01:00:00Z'],
    ['the Monday after the clock went forward', '2025-03-10', '2025-03-10T00:00:00Z 2025-03-11T00:00:00Z'],
    ['the Monday after it went back', '2025-11-03', '2025-11-03T01:00:00Z 2025-11-04T01:00:00Z'],
    ['the day after a holiday, from its evening on', '2025-11-28', '2025-11-28T01:00:00Z 2025-11-28T22:00:00Z'],
    ['a holiday', '2025-11-27', 'shut'],
    ['a Saturday', '2025-03-08', 'shut'],
    ['a Sunday', '2025-03-09', 'shut'],
  ])('%s', (_, day, expected) => expect(hoursOf(day)).toBe(expected));

  it('holds the hours of the extended calendar, and the evening before: no moment is of two days', () => {
    const extended = calendarNamed('us-equities-extended');
    let last = -Infinity;
    let days = 0;
    for (let day = parseDay('2000-01-01')!; day < parseDay('2030-01-01')!; day++) {
      const [own, inner] = [calendar.hoursOf(day), extended.hoursOf(day)];
      expect(own === undefined).toBe(inner === undefined);
      if (own === undefined || inner === undefined) continue;
      days += 1;
      expect(own.openTimeMs).toBeGreaterThanOrEqual(last);
      expect([own.closeTimeMs, inner.openTimeMs - own.openTimeMs]).toEqual([inner.closeTimeMs, 8 * HOUR_MS]);
      for (const ms of [own.openTimeMs, own.closeTimeMs - 1]) expect(isoDay(calendar.dayAt(ms))).toBe(isoDay(day));
      last = own.closeTimeMs;
    }
    expect(days).toBeGreaterThan(7_400);
  });

  it('gives an evening to the next day, also on the weekends when the clock changes', () => {
    for (const [text, day] of [
      ['2025-03-04T00:59:59Z', '2025-03-03'],
      ['2025-03-04T01:00:00Z', '2025-03-04'],
      ['2025-03-09T23:59:59Z', '2025-03-09'],
      ['2025-03-10T00:00:00Z', '2025-03-10'],
      ['2025-11-03T00:59:59Z', '2025-11-02'],
      ['2025-11-03T01:00:00Z', '2025-11-03'],
    ] as const) {
      expect([text, isoDay(calendar.dayAt(at(text)))]).toEqual([text, day]);
      if (text.endsWith(':00:00Z')) expect(calendar.dayStartMs(parseDay(day)!)).toBe(at(text));
    }
  });

  it('counts a year of 252 days, each of which ends at 20:00 or, half days, at 17:00', () => {
    const { dayOf, periodsPerYear } = marketDays(calendar);
    const ends = endsDayOf(calendar)!;
    const minute = (text: string): boolean => ends(at(text) - MINUTE_MS, at(text));
    expect(periodsPerYear).toBe(252);
    expect(isoDay(dayOf(at('2025-03-04T01:00:00Z')))).toBe('2025-03-03');
    expect(isoDay(dayOf(at('2025-03-04T01:01:00Z')))).toBe('2025-03-04');
    expect([minute('2025-03-05T01:00:00Z'), minute('2025-03-05T00:59:00Z')]).toEqual([true, false]);
    expect([minute('2025-11-28T22:00:00Z'), minute('2025-11-28T21:59:00Z')]).toEqual([true, false]);
    // Over the week's end and in the middle of the week alike.
    expect(minute('2025-03-08T01:00:00Z')).toBe(true);
  });

  it('has bars round the clock from Sunday to Friday, cut at the week’s end', () => {
    const slot = (text: string): string => {
      const found = slotAt(calendar, '30m', at(text));
      return found === undefined ? 'none' : `${iso(found.openTimeMs)} ${iso(found.closeTimeMs)}`;
    };
    expect(slot('2025-03-10T00:10:00Z')).toBe('2025-03-10T00:00:00Z 2025-03-10T00:30:00Z');
    expect(slot('2025-03-09T23:59:00Z')).toBe('none');
    expect(slot('2025-03-11T03:59:00Z')).toBe('2025-03-11T03:30:00Z 2025-03-11T04:00:00Z');
    expect(slot('2025-03-15T00:00:00Z')).toBe('none');
    expect(iso(barHours(calendar, '30m', at('2025-11-28T21:45:00Z')).closeTimeMs)).toBe('2025-11-28T22:00:00Z');
    expect(iso(closeAfter(calendar, '30m', at('2025-03-15T00:00:00Z'), 1)!)).toBe('2025-03-17T00:30:00Z');
  });

  it('takes every kind of order in the regular hours alone', () => {
    const hours = extendedHours(calendar)!;
    expect(hours.isOpen(at('2025-03-11T03:00:00Z'))).toBe(true);
    expect(hours.isRegular(at('2025-03-11T03:00:00Z'))).toBe(false);
    expect(hours.isRegular(at('2025-03-11T13:30:00Z'))).toBe(true);
    expect(iso(hours.opensMs(at('2025-03-09T23:00:00Z')))).toBe('2025-03-10T13:30:00Z');
  });

  it('closes longer bars of features by its own day', () => {
    const told = marketHours(calendar)!;
    const evening = at('2025-03-11T00:30:00Z');
    expect(told.name).toBe('us-equities-overnight');
    expect(iso(told.sessionOf(evening, evening + HOUR_MS)!.closeTimeMs)).toBe('2025-03-12T00:00:00Z');
    expect(iso(told.lastTradingMs(at('2025-03-10T00:00:00Z'), at('2025-03-17T00:00:00Z')))).toBe(
      '2025-03-15T00:00:00Z',
    );
  });
});
