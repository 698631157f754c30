import { describe, expect, it } from 'vitest';
import { barAt, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { computeFeatures, FeatureStream } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { simulateBars } from '../sources/made-up/simulated-market.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { calendarNamed } from './calendar-named.ts';
import { parseDay, weekday } from './day.ts';
import { marketHours } from './market-hours.ts';
import { resampleBars } from './resample-bars.ts';

const us = calendarNamed('us-equities');
const hours = marketHours(us);

function bars(start: string, timeframe: Timeframe, count: number): BarColumns {
  const startMs = us.nominalHoursOf(parseDay(start)!).openTimeMs;
  return [...simulateBars({ seed: 5, index: 0, symbol: 'X', timeframe, calendar: us, startMs, bars: count })][0]!;
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString().slice(5, 16);

/** The closes at which the value of `expression` changed. */
function changes(columns: BarColumns, timeframe: Timeframe, expression: string): string[] {
  const set = parseFeatureSet([expression], { timeframe, symbols: ['X'], hours });
  const { values } = computeFeatures(set, [columns])[0]!;
  const at: string[] = [];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!) || values[i] === values[i - 1]) continue;
    at.push(iso(columns.closeTimeMs[i]!));
  }
  return at;
}

describe('longer bars by the hours of the market', () => {
  it('end a week at its last close: Friday, a half day after Thanksgiving, Thursday before Good Friday', () => {
    // Summer time ends on Sunday 2023-11-05; Thanksgiving is the 23rd, and the 24th closes at 13:00.
    expect(changes(bars('2023-10-30', '1d', 24), '1d', 'close@1w')).toEqual([
      '11-03T20:00',
      '11-10T21:00',
      '11-17T21:00',
      '11-24T18:00',
      '12-01T21:00',
    ]);
    // Good Friday is 2024-03-29; summer time began on 2024-03-10.
    expect(changes(bars('2024-03-04', '1h', 7 * 24), '1h', 'close@1w').slice(0, 4)).toEqual([
      '03-08T21:00',
      '03-15T20:00',
      '03-22T20:00',
      '03-28T20:00',
    ]);
  });

  it('end a day of minutes at its close', () => {
    // 2020-11-25 a whole day, Thanksgiving shut, the 27th a half day, Monday the 30th whole.
    expect(changes(bars('2020-11-25', '1m', 390 + 210 + 390), '1m', 'close@1d')).toEqual([
      '11-25T21:00',
      '11-27T18:00',
      '11-30T21:00',
    ]);
  });

  it.each(['5m', '1h', '4h', '1d'] as const)(
    'are the bars of ingest --timeframe %s, in winter, in summer, on half days',
    (longer) => {
      for (const start of ['2024-03-04', '2024-10-28', '2024-07-01', '2024-11-25']) {
        const minutes = bars(start, '1m', 8 * 390);
        const stored = resampleBars(minutes, longer, us);
        const fields = ['open', 'high', 'low', 'close', 'volume'] as const;
        const set = parseFeatureSet(
          fields.map((field) => `${field}@${longer}`),
          { timeframe: '1m', symbols: ['X'], hours },
        );
        const { values } = computeFeatures(set, [minutes])[0]!;
        const closesAt = new Map([...stored.closeTimeMs.subarray(0, stored.length)].map((time, i) => [time, i]));
        let known = -1;
        for (let row = 0; row < minutes.length; row++) {
          known = closesAt.get(minutes.closeTimeMs[row]!) ?? known;
          const expected = fields.map((field) => (known < 0 ? NaN : stored[field][known]!));
          expect([...values.subarray(row * 5, row * 5 + 5)], iso(minutes.closeTimeMs[row]!)).toEqual(expected);
        }
        expect(known).toBe(stored.length - 1);
      }
    },
  );

  it('take a bar that begins before the open and ends after it, and none that lies outside the hours', () => {
    const day = us.hoursOf(parseDay('2024-07-02')!)!;
    const halfHours = bars('2024-07-02', '30m', 13);
    // From half an hour before the open, as a vendor with early trading stamps them: 09:00, 09:30, ...
    for (let i = 0; i < 13; i++) {
      halfHours.openTimeMs[i] = day.openTimeMs + (i - 2) * 1_800_000 + 900_000;
      halfHours.closeTimeMs[i] = halfHours.openTimeMs[i]! + 1_800_000;
    }
    const set = parseFeatureSet(['open@1h'], { timeframe: '30m', symbols: ['X'], hours });
    const { values } = computeFeatures(set, [halfHours])[0]!;
    // Bar 0 ends before the open; bar 1 spans it; bars 1 to 3 begin before 10:30, and bar 3 reaches it.
    expect([...values.subarray(0, 4)]).toEqual([NaN, NaN, NaN, halfHours.open[1]]);
  });

  it('are closed by a bar after the close where the last one before it is missing', () => {
    const late = bars('2020-11-27', '1m', 210);
    // The half day closes at 18:00; its last minute is missing, and one of late trading follows.
    late.openTimeMs[209] = late.openTimeMs[208]! + 30 * 60_000;
    late.closeTimeMs[209] = late.openTimeMs[209]! + 60_000;
    expect(changes(late, '1m', 'close@1d')).toEqual(['11-27T18:29']);
    expect(changes(late, '1m', 'close@1h').at(-1)).toBe('11-27T18:29');
  });

  it('do not know of a closure that nobody could foresee', () => {
    // The exchange stayed shut from Tuesday 2001-09-11 to the 14th: Monday evening nobody knew that the week was over.
    const week = changes(bars('2001-08-27', '1d', 15), '1d', 'close@1w');
    expect(week.slice(0, 2)).toEqual(['08-31T20:00', '09-07T20:00']);
    // Its only bar counts from the next week's first one on, and that week ends by the calendar again.
    expect(week.slice(2)).toEqual(['09-17T20:00', '09-21T20:00']);
  });

  it('leave out bars after the last trading of their bucket', () => {
    const late = bars('2020-11-27', '1m', 211);
    // The half day closes at 18:00; a last bar half an hour later belongs to no day.
    late.openTimeMs[210] = late.openTimeMs[209]! + 30 * 60_000;
    late.closeTimeMs[210] = late.openTimeMs[210]! + 60_000;
    expect(changes(late, '1m', 'close@1d')).toEqual(['11-27T18:00']);
  });

  it('are never open: every value is that of the bars closed so far, streamed or in columns, for any prefix', () => {
    const columns = bars('2023-10-30', '1h', 300);
    const features = ['close@1w', 'ema(2)@1w', 'rsi(3)@1d', 'high@4h'];
    const set = parseFeatureSet(features, { timeframe: '1h', symbols: ['X'], hours });
    const whole = computeFeatures(set, [columns])[0]!;
    const stream = new FeatureStream(set, ['X']);
    for (let i = 0; i < columns.length; i++) {
      const [row] = stream.step(columns.closeTimeMs[i]!, [barAt(columns, i)]);
      expect([...row!]).toEqual([...whole.values.subarray(i * 4, i * 4 + 4)]);
    }
    for (let to = 7; to < 300; to += 41) {
      const part = computeFeatures(set, [sliceBarColumns(columns, 0, to)])[0]!;
      expect([...part.values]).toEqual([...whole.values.subarray(0, to * 4)]);
    }
    // Known at the week's last close and not a bar before it.
    const weekly = changes(columns, '1h', 'close@1w');
    for (let i = 0; i < columns.length; i++) {
      const day = us.dayAt(columns.closeTimeMs[i]! - 1);
      const ends = weekday(day) === 5 && columns.closeTimeMs[i] === us.hoursOf(day)!.closeTimeMs;
      expect(weekly.includes(iso(columns.closeTimeMs[i]!)), iso(columns.closeTimeMs[i]!)).toBe(ends);
    }
  });

  it('are part of what a set is, where it has longer timeframes', () => {
    const hash = (feature: string, by: typeof hours): string =>
      parseFeatureSet([feature], { timeframe: '1d', symbols: ['X'], hours: by }).hash;
    expect(hash('ema(3)@1w', hours)).not.toBe(hash('ema(3)@1w', null));
    expect(hash('ema(3)', hours)).toBe(hash('ema(3)', null));
    expect(marketHours(calendarNamed('crypto'))).toBeNull();
  });
});
