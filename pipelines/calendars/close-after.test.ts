import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarNamed } from './calendar-named.ts';
import { closeAfter } from './close-after.ts';
import { closesBetween } from './closes-between.ts';

const at = (text: string): number => Date.parse(text);
const equities = calendarNamed('us-equities');

describe('closeAfter', () => {
  it('passes over nights and weekends, and ends the last bar with the day', () => {
    const friday = at('2024-07-05T20:00:00Z');
    expect(closeAfter(equities, '1d', friday, 1)).toBe(at('2024-07-08T20:00:00Z'));
    expect(closeAfter(equities, '1h', friday, 1)).toBe(at('2024-07-08T14:30:00Z'));
    expect(closeAfter(equities, '1h', friday, 7)).toBe(at('2024-07-08T20:00:00Z'));
    expect(closeAfter(equities, '1h', friday, 8)).toBe(at('2024-07-09T14:30:00Z'));
  });

  it('is the first moment by which so many bars have closed', () => {
    const size = fc.constantFrom('1m' as const, '1h' as const, '1d' as const);
    const calendar = fc.constantFrom(equities, calendarNamed('crypto'));
    const minutes = fc.integer({ min: 0, max: 60 * 24 * 20 });
    fc.assert(
      fc.property(calendar, size, minutes, fc.integer({ min: 1, max: 12 }), (of, timeframe, minute, bars) => {
        const from = at('2024-06-20T00:00:00Z') + minute * 60_000;
        const close = closeAfter(of, timeframe, from, bars)!;
        expect(closesBetween(of, timeframe, from, close)).toBe(bars);
        expect(closesBetween(of, timeframe, from, close - 1)).toBe(bars - 1);
      }),
    );
  });

  it('knows none where the market does not open any more', () => {
    expect(closeAfter({ dayAt: () => 0, hoursOf: () => undefined }, '1d', 0, 1)).toBeNull();
  });
});
