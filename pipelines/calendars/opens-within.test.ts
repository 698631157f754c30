import { describe, expect, it } from 'vitest';
import { calendarNamed } from './calendar-named.ts';
import { opensWithin } from './opens-within.ts';

const at = (text: string): number => Date.parse(text);
const equities = calendarNamed('us-equities');

describe('opensWithin', () => {
  it('counts the bars of trading days, without weekends and holidays', () => {
    // July 2024 has 22 trading days: 4 July is a holiday.
    const july = { fromMs: at('2024-07-01T00:00:00Z'), toMs: at('2024-08-01T00:00:00Z') };
    expect(opensWithin(equities, '1d', july)).toBe(22);
    // 21 days of seven hours, the last one half an hour long, and 3 July with a close at 13:00: four.
    expect(opensWithin(equities, '1h', july)).toBe(21 * 7 + 4);
    expect(opensWithin(calendarNamed('crypto'), '4h', july)).toBe(31 * 6);
  });

  it('takes the open of the first and leaves out that of the end', () => {
    const open = at('2024-07-08T13:30:00Z');
    expect(opensWithin(equities, '1d', { fromMs: open, toMs: open + 1 })).toBe(1);
    expect(opensWithin(equities, '1d', { fromMs: open + 1, toMs: open + 3_600_000 })).toBe(0);
    expect(opensWithin(equities, '1h', { fromMs: open, toMs: open + 3_600_000 })).toBe(1);
    expect(opensWithin(equities, '1h', { fromMs: open, toMs: open + 3_600_001 })).toBe(2);
    expect(opensWithin(equities, '1h', { fromMs: open, toMs: open })).toBe(0);
  });

  it('does not tell where the calendar does not', () => {
    const range = { fromMs: 0, toMs: at('2024-01-01T00:00:00Z') };
    expect(opensWithin(calendarNamed('none'), '1d', range)).toBeNull();
    expect(opensWithin(calendarNamed('us-equities-extended'), '1h', range)).toBeNull();
  });
});
