import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { parseDay, utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { endsDayOf, marketDays } from '../../pipelines/calendars/market-days.ts';
import { dayEndMs } from './expiry-date.ts';
import { REQUEST_FAULTS, type PlaceOrder } from './order-request.ts';
import { place, run, type Row } from '../testing/scripted-orders.ts';

const calendar = calendarNamed('us-equities');
const { dayOf } = marketDays(calendar);
const days = { dayOf, endsDay: endsDayOf(calendar)! };
const at = (iso: string): number => Date.parse(iso);

const FLAT: Row = [100, 100, 100, 100];
const REACHES: Row = [100, 100, 95, 100];

/** A limit that rests from the first bar on: whether the bar that opens at each of these times fills it, alone. */
function filledAt(order: Partial<PlaceOrder>, placedIso: string, opens: readonly string[]) {
  return opens.map((open) => {
    const times = [at(placedIso), at(open)];
    const limit = place({ type: 'limit', side: 'buy', limit: 95, tif: 'gtd', ...order });
    const { fills, codes } = run([FLAT, REACHES], { 0: [limit] }, { days, openMs: (row) => times[row]! });
    expect(fills.length === 1 ? [] : ['time-in-force']).toEqual(codes);
    return fills.length === 1;
  });
}

describe('an order that is good till a date', () => {
  it('given as a moment works in bars that open before it, on either side of a change of the clock', () => {
    // New York opens at 14:30 UTC on Friday, and after the change at 13:30 on Monday.
    const spring = { expiresMs: at('2024-03-11T14:00:00Z') };
    const monday = ['2024-03-11T13:30:00Z', '2024-03-11T14:00:00Z', '2024-03-11T14:30:00Z'];
    expect(filledAt(spring, '2024-03-08T15:30:00Z', monday)).toEqual([true, false, false]);
    // And at 13:30 on Friday, 14:30 on Monday in November.
    const autumn = { expiresMs: at('2024-11-04T14:00:00Z') };
    const november = ['2024-11-01T19:00:00Z', '2024-11-04T13:30:00Z', '2024-11-04T14:30:00Z'];
    expect(filledAt(autumn, '2024-11-01T13:30:00Z', november)).toEqual([true, true, false]);
  });

  it('given as a date works to the end of that day in the zone of its market', () => {
    // 19:00 to 20:00 UTC are the last hour of Monday in March, 20:00 to 21:00 in November.
    const march = ['2024-03-11T19:00:00Z', '2024-03-12T03:00:00Z', '2024-03-12T04:00:00Z', '2024-03-12T13:30:00Z'];
    expect(filledAt({ expiresOn: '2024-03-11' }, '2024-03-08T15:30:00Z', march)).toEqual([true, true, false, false]);
    const november = ['2024-11-04T20:00:00Z', '2024-11-05T04:00:00Z', '2024-11-05T05:00:00Z', '2024-11-05T14:30:00Z'];
    expect(filledAt({ expiresOn: '2024-11-04' }, '2024-11-01T13:30:00Z', november)).toEqual([true, true, false, false]);
    // The days of the change itself, of 23 and 25 hours.
    const short = ['2024-03-11T03:30:00Z', '2024-03-11T04:00:00Z'];
    expect(filledAt({ expiresOn: '2024-03-10' }, '2024-03-08T15:30:00Z', short)).toEqual([true, false]);
    const long = ['2024-11-04T04:30:00Z', '2024-11-04T05:00:00Z'];
    expect(filledAt({ expiresOn: '2024-11-03' }, '2024-11-01T13:30:00Z', long)).toEqual([true, false]);
  });

  it('of a day that is over works no more', () => {
    expect(filledAt({ expiresOn: '2024-03-07' }, '2024-03-08T15:30:00Z', ['2024-03-08T16:30:00Z'])).toEqual([false]);
  });

  it('has one end, as a date or as a moment, and is refused with any other', () => {
    const fault = REQUEST_FAULTS.indexOf('expiresOn is a date such as 2024-03-11, in place of expiresMs') + 1;
    const gtd = REQUEST_FAULTS.indexOf('expiresMs belongs to an order that works until a date (gtd), which needs one');
    for (const [order, expected] of [
      [{ tif: 'gtd', expiresOn: '2024-02-30' }, fault],
      [{ tif: 'gtd', expiresOn: 'Monday' }, fault],
      [{ tif: 'gtd', expiresOn: '2024-03-11', expiresMs: at('2024-03-11T14:00:00Z') }, fault],
      [{ tif: 'gtc', expiresOn: '2024-03-11' }, gtd + 1],
      [{ tif: 'gtd' }, gtd + 1],
    ] as const) {
      const { entries } = run([FLAT, REACHES], { 0: [place({ type: 'limit', side: 'buy', limit: 95, ...order })] });
      expect(entries.filter(({ kind }) => kind === 'refusal')).toMatchObject([
        { code: 'order-request', value: expected },
      ]);
    }
  });
});

it('a day ends where its market says, round the clock at midnight UTC', () => {
  for (const iso of ['2024-01-02', '2024-03-09', '2024-03-10', '2024-11-03', '2024-12-31']) {
    const day = parseDay(iso)!;
    expect(dayEndMs(day, utcDayOfClose)).toBe((day + 1) * DAY_MS);
    const end = dayEndMs(day, dayOf);
    expect([dayOf(end), dayOf(end + 1)]).toEqual([day, day + 1]);
  }
  const lengthOf = (iso: string): number =>
    (dayEndMs(parseDay(iso)!, dayOf) - dayEndMs(parseDay(iso)! - 1, dayOf)) / HOUR_MS;
  expect(['2024-03-09', '2024-03-10', '2024-11-03'].map(lengthOf)).toEqual([24, 23, 25]);
});
