import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarNamed } from './calendar-named.ts';
import { closesBetween } from './closes-between.ts';

const at = (text: string): number => Date.parse(text);
const equities = calendarNamed('us-equities');
const crypto = calendarNamed('crypto');

describe('closesBetween', () => {
  it('counts no weekend and no night of a stock exchange', () => {
    const friday = at('2024-07-05T20:00:00Z');
    expect(closesBetween(equities, '1d', friday, at('2024-07-08T13:00:00Z'))).toBe(0);
    expect(closesBetween(equities, '1d', friday, at('2024-07-08T20:00:00Z'))).toBe(1);
    expect(closesBetween(equities, '1h', friday, at('2024-07-08T14:29:59Z'))).toBe(0);
    expect(closesBetween(equities, '1h', friday, at('2024-07-08T14:30:00Z'))).toBe(1);
    // 9:30 to 16:00 holds seven hourly bars, the last of them half an hour.
    expect(closesBetween(equities, '1h', friday, at('2024-07-08T20:00:00Z'))).toBe(7);
  });

  it('counts every minute where the market never closes', () => {
    const from = at('2024-03-02T23:58:00Z');
    expect(closesBetween(crypto, '1m', from, from)).toBe(0);
    expect(closesBetween(crypto, '1m', from, from + 59_999)).toBe(0);
    expect(closesBetween(crypto, '1m', from, from + 5 * 60_000)).toBe(5);
    expect(closesBetween(crypto, '1d', from, at('2024-03-05T00:00:00Z'))).toBe(3);
  });

  it('adds up over neighbouring stretches', () => {
    const hour = fc.integer({ min: 0, max: 24 * 20 }).map((hours) => at('2024-06-20T00:00:00Z') + hours * 3_600_000);
    const size = fc.constantFrom('1m' as const, '1h' as const, '1d' as const);
    fc.assert(
      fc.property(fc.constantFrom(equities, crypto), size, fc.tuple(hour, hour, hour), (calendar, timeframe, times) => {
        const [a, b, c] = times.sort((x, y) => x - y) as [number, number, number];
        const parts = closesBetween(calendar, timeframe, a, b) + closesBetween(calendar, timeframe, b, c);
        expect(closesBetween(calendar, timeframe, a, c)).toBe(parts);
      }),
    );
  });
});
