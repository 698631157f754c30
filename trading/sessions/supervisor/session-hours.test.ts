import { describe, expect, it } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../../features/timeframe.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { sessionHours } from './session-hours.ts';

const at = (text: string): number => Date.parse(text);

describe('the hours of a session', () => {
  it('are those of its market with half an hour on both sides', () => {
    const hours = sessionHours(calendarNamed('us-equities'));
    expect(hours(at('2025-03-10T12:59:59Z'))).toEqual({ open: false, untilMs: at('2025-03-10T13:00:00Z') });
    expect(hours(at('2025-03-10T13:00:00Z'))).toEqual({ open: true, untilMs: at('2025-03-10T20:30:00Z') });
    expect(hours(at('2025-03-14T20:30:00Z'))).toEqual({ open: false, untilMs: at('2025-03-17T13:00:00Z') });
    expect(sessionHours(calendarNamed('crypto'))(0)).toEqual({ open: true, untilMs: Infinity });
  });

  it('have no gap from Sunday evening to Friday where the market trades round the clock', () => {
    const hours = sessionHours(calendarNamed('us-equities-overnight'));
    const monday = at('2025-03-10T00:00:00Z');
    for (let ms = monday; ms < monday + 5 * DAY_MS; ms += 10 * MINUTE_MS) expect(hours(ms).open).toBe(true);
    expect(hours(at('2025-03-15T02:00:00Z'))).toEqual({ open: false, untilMs: at('2025-03-16T23:30:00Z') });
  });
});
