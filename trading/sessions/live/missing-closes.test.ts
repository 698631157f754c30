import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { missingCloses } from './missing-closes.ts';

const extended = calendarNamed('us-equities-extended');
/** 3 June 2025 in New York, by the hour. */
const at = (hour: number, minute = 0): number => Date.UTC(2025, 5, 3, 4 + hour, minute);
const missing = (passedMs: number | undefined, closeTimeMs: number, nowMs: number): number =>
  missingCloses({ calendar: extended, timeframe: '1m', passedMs }, closeTimeMs, nowMs);

describe('closes that a session is to miss', () => {
  it('are none in an evening in which nothing is traded, where the feed knows so', () => {
    expect(missing(at(18, 40), at(17, 0), at(18, 40) + 5_000)).toBe(0);
    expect(missing(at(18, 40), at(17, 0), at(18, 43))).toBe(3);
    // A morning, too.
    expect(missing(at(8), at(4), at(8))).toBe(0);
  });

  it('are all of them where the feed knows nothing, or no more than its last bar', () => {
    for (const passedMs of [undefined, at(17), at(16)]) expect(missing(passedMs, at(17), at(18))).toBe(60);
  });

  it('are those of the regular hours, whatever the feed says', () => {
    expect(missing(at(11), at(10), at(11))).toBe(60);
    expect(missing(at(17), at(15, 58), at(17))).toBe(2);
    expect(missing(at(9, 33), at(8), at(9, 34))).toBe(4);
    const regular = calendarNamed('us-equities');
    const feed = { calendar: regular, timeframe: '1m', passedMs: at(11) } as const;
    expect(missingCloses(feed, at(10), at(11))).toBe(60);
  });

  it('are none in a night that the feed has passed', () => {
    expect(missing(at(28), at(19, 30), at(22))).toBe(0);
    expect(missing(at(19, 45), at(19, 30), at(22) + MINUTE_MS)).toBe(15);
  });
});
