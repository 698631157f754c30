import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../features/timeframe.ts';
import { barHours } from './bar-hours.ts';
import { calendarNamed } from './calendar-named.ts';
import { closeAfter } from './close-after.ts';
import { parseDay } from './day.ts';
import { extendedHours, regularOf } from './extended-hours.ts';
import { marketHours } from './market-hours.ts';
import { slotAt } from './resample-bars.ts';

const calendar = calendarNamed('us-equities-extended');
const hours = extendedHours(calendar)!;
const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

function hoursOf(day: string): string {
  const found = calendar.hoursOf(parseDay(day)!);
  return found === undefined ? 'shut' : `${iso(found.openTimeMs)} ${iso(found.closeTimeMs)}`;
}

describe('us-equities-extended', () => {
  it.each([
    ['a day of winter', '2025-03-07', '2025-03-07T09:00:00Z 2025-03-08T01:00:00Z'],
    ['the Monday after the clock went forward', '2025-03-10', '2025-03-10T08:00:00Z 2025-03-11T00:00:00Z'],
    ['the Friday before the clock goes back', '2025-10-31', '2025-10-31T08:00:00Z 2025-11-01T00:00:00Z'],
    ['the Monday after it', '2025-11-03', '2025-11-03T09:00:00Z 2025-11-04T01:00:00Z'],
    ['a half day, until 17:00', '2025-11-28', '2025-11-28T09:00:00Z 2025-11-28T22:00:00Z'],
    ['a holiday', '2025-11-27', 'shut'],
    ['a closure that nobody could foresee', '2025-01-09', 'shut'],
    ['a Saturday', '2025-03-08', 'shut'],
  ])('%s', (_, day, expected) => expect(hoursOf(day)).toBe(expected));

  it('has the days of the regular calendar, and its hours around them', () => {
    const regular = regularOf(calendar);
    expect(regular.name).toBe('us-equities');
    let days = 0;
    for (let day = parseDay('1995-01-01')!; day < parseDay('2035-01-01')!; day++) {
      const [own, inner] = [calendar.hoursOf(day), regular.hoursOf(day)];
      expect(own === undefined).toBe(inner === undefined);
      if (own === undefined || inner === undefined) continue;
      days += 1;
      expect([inner.openTimeMs - own.openTimeMs, own.closeTimeMs - inner.closeTimeMs]).toEqual([
        5.5 * HOUR_MS,
        4 * HOUR_MS,
      ]);
    }
    expect(days).toBeGreaterThan(10_000);
  });

  it('tells regular hours from those around them, to the millisecond', () => {
    const [open, close] = [at('2025-03-10T13:30:00Z'), at('2025-03-10T20:00:00Z')];
    const told = [open - 1, open, close - 1, close].map((ms) => hours.isRegular(ms));
    expect(told).toEqual([false, true, true, false]);
    const [first, last] = [at('2025-03-10T08:00:00Z'), at('2025-03-11T00:00:00Z')];
    expect([first - 1, first, last - 1, last].map((ms) => hours.isOpen(ms))).toEqual([false, true, true, false]);
    // On a half day the afternoon is none of the regular hours, and neither is any of a holiday.
    expect([at('2025-11-28T17:59:00Z'), at('2025-11-28T18:00:00Z')].map((ms) => hours.isRegular(ms))).toEqual([
      true,
      false,
    ]);
    expect([hours.isRegular(at('2025-11-27T16:00:00Z')), hours.isOpen(at('2025-11-27T16:00:00Z'))]).toEqual([
      false,
      false,
    ]);
    expect(extendedHours(regularOf(calendar))).toBeUndefined();
    expect(extendedHours(calendarNamed('crypto'))).toBeUndefined();
  });

  it.each([
    ['before the open', '2025-03-10T12:00:00Z', '2025-03-10T13:30:00Z'],
    ['at the open', '2025-03-10T13:30:00Z', '2025-03-11T13:30:00Z'],
    ['over the weekend of the change', '2025-03-07T23:00:00Z', '2025-03-10T13:30:00Z'],
    ['over a holiday', '2025-11-26T23:00:00Z', '2025-11-28T14:30:00Z'],
  ])('the next open %s', (_, from, open) => expect(iso(hours.opensMs(at(from)))).toBe(open));

  it('has bars from 4:00 to 20:00, of which one of half an hour ends with the open', () => {
    const slot = (text: string) => {
      const found = slotAt(calendar, '30m', at(text));
      return found === undefined ? 'none' : `${iso(found.openTimeMs)} ${iso(found.closeTimeMs)}`;
    };
    expect(slot('2025-03-07T08:59:59Z')).toBe('none');
    expect(slot('2025-03-07T09:10:00Z')).toBe('2025-03-07T09:00:00Z 2025-03-07T09:30:00Z');
    expect(slot('2025-03-07T14:29:59Z')).toBe('2025-03-07T14:00:00Z 2025-03-07T14:30:00Z');
    expect(slot('2025-03-08T00:59:59Z')).toBe('2025-03-08T00:30:00Z 2025-03-08T01:00:00Z');
    expect(slot('2025-03-08T01:00:00Z')).toBe('none');
    // A bar that a source stamps in the last minutes ends with the hours.
    const { closeTimeMs } = barHours(calendar, '30m', at('2025-11-28T21:45:00Z'));
    expect(iso(closeTimeMs)).toBe('2025-11-28T22:00:00Z');
    expect(iso(closeAfter(calendar, '30m', at('2025-03-08T01:00:00Z'), 1)!)).toBe('2025-03-10T08:30:00Z');
  });

  it('cuts longer bars of features by its own hours', () => {
    const told = marketHours(calendar)!;
    const open = at('2025-03-07T12:00:00Z');
    expect(told.name).toBe('us-equities-extended');
    expect(iso(told.sessionOf(open, open + HOUR_MS)!.closeTimeMs)).toBe('2025-03-08T01:00:00Z');
  });
});
