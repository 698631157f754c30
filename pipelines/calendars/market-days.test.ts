import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { readTakenBars } from '../sources/files/bars-file.ts';
import { scratchFiles } from '../testing/scratch-files.ts';
import type { CalendarName } from './calendar.ts';
import { calendarNamed } from './calendar-named.ts';
import { barsPerYear, endsDayOf, marketDays } from './market-days.ts';

const { file } = scratchFiles('market-days');
const none = calendarNamed('none');
const MONDAY = Date.parse('2024-01-01');

/** Hourly bars, or daily ones, of eight weeks at the hours of a week that `open` says. */
function weeks(open: (weekday: number, hour: number) => boolean, lengthMs = HOUR_MS): BarColumns {
  const opens: number[] = [];
  for (let at = MONDAY - DAY_MS; at < MONDAY + 56 * DAY_MS; at += lengthMs) {
    const date = new Date(at);
    if (open(date.getUTCDay(), date.getUTCHours())) opens.push(at);
  }
  const bars = createBarColumns('X', opens.length);
  opens.forEach((openTimeMs, row) => {
    bars.openTimeMs[row] = openTimeMs;
    bars.closeTimeMs[row] = openTimeMs + lengthMs;
  });
  return bars;
}

const currencies = weeks(
  (day, hour) => (day === 0 && hour >= 22) || (day >= 1 && day <= 4) || (day === 5 && hour < 22),
);

const daysOf = (bars: BarColumns): number => {
  const { dayOf } = marketDays(none, [bars]);
  return new Set(Array.from(bars.closeTimeMs, dayOf)).size;
};

describe('the last bar of a day', () => {
  const at = (time: string): number => Date.parse(`2024-${time}Z`);
  it.each<[CalendarName, string, string, boolean]>([
    ['us-equities', '07-02T19:00', '07-02T20:00', true],
    ['us-equities', '07-02T19:30', '07-02T20:30', true],
    ['us-equities', '07-02T18:00', '07-02T19:00', false],
    ['us-equities', '07-02T20:00', '07-02T21:00', false],
    // A half day, and standard time.
    ['us-equities', '07-03T16:59', '07-03T17:00', true],
    ['us-equities', '07-03T19:00', '07-03T20:00', false],
    ['us-equities', '12-02T20:00', '12-02T21:00', true],
    // A whole day, a week, and a day without hours.
    ['us-equities', '07-02T04:00', '07-03T04:00', true],
    ['us-equities', '07-01T13:30', '07-05T20:00', true],
    ['us-equities', '07-06T12:00', '07-06T13:00', false],
    ['crypto', '07-02T22:00', '07-02T23:00', false],
    ['crypto', '07-02T23:00', '07-03T00:00', true],
  ])('%s: from %s to %s: %s', (name, open, close, ends) => {
    expect(endsDayOf(calendarNamed(name))!(at(open), at(close))).toBe(ends);
  });

  it('nobody knows without a calendar', () => {
    expect(endsDayOf(none)).toBeUndefined();
  });
});

describe('days of a market without a calendar', () => {
  it('are five a week where a week begins on Sunday evening: those hours are Monday', () => {
    const { dayOf, periodsPerYear, joinsWeekends } = marketDays(none, [currencies]);
    expect([periodsPerYear, joinsWeekends, daysOf(currencies)]).toEqual([252, true, 41]);
    expect(dayOf(Date.parse('2024-01-07T23:00:00Z'))).toBe(dayOf(Date.parse('2024-01-08T10:00:00Z')));
    // 24 bars a day: 2 of Sunday evening with 22 or 24 of the days after it.
    expect(barsPerYear([currencies], none)).toBeCloseTo((252 * currencies.length) / 41, 9);
  });

  it('take hours after midnight of Saturday to Friday', () => {
    const late = weeks((day, hour) => (day >= 1 && day <= 5) || (day === 6 && hour < 3));
    const { dayOf } = marketDays(none, [late]);
    expect(dayOf(Date.parse('2024-01-06T02:00:00Z'))).toBe(dayOf(Date.parse('2024-01-05T12:00:00Z')));
  });

  it('are seven where weekends are days like others, and daily bars of a Saturday are days', () => {
    const coins = weeks(() => true);
    expect(marketDays(none, [coins])).toMatchObject({ periodsPerYear: 365, joinsWeekends: false });
    const daily = weeks((day) => day >= 1 && day <= 6, DAY_MS);
    expect(marketDays(none, [daily])).toMatchObject({ periodsPerYear: 252, joinsWeekends: false });
    expect(daysOf(daily)).toBe(daily.length);
  });
});

describe('days in a year of bars that span no weekend', () => {
  const coin = (name: string, from: string, to: string, open = (_day: number): boolean => true): BarColumns => {
    const all = weeks((day) => open(day), DAY_MS);
    const keep = Array.from(all.openTimeMs).filter((at) => at >= Date.parse(from) && at <= Date.parse(to));
    const bars = createBarColumns(name, keep.length);
    keep.forEach((at, row) => {
      bars.openTimeMs[row] = at;
      bars.closeTimeMs[row] = at + DAY_MS;
    });
    return bars;
  };
  it.each<readonly [string, string, string, readonly [number, RegExp?]]>([
    ['BTC/USDT', '2024-01-08', '2024-01-12', [365, /BTC\/USDT is named like a coin, and a year has 365 days/]],
    ['BTCUSD', '2024-01-08', '2024-01-13', [365, /named like a coin/]],
    ['EUR/USD', '2024-01-08', '2024-01-12', [252, /it is a guess that a year has 252 days: --calendar crypto/]],
    ['MSFT', '2024-01-08', '2024-01-12', [252, /it is a guess/]],
    ['MSFT', '2024-01-08', '2024-01-14', [365]],
    ['BTC-USD', '2024-01-08', '2024-01-21', [365]],
  ])('are those of %s from %s to %s: guessed, and said', (name, from, to, [days, said]) => {
    const { periodsPerYear, guesses } = marketDays(none, [coin(name, from, to)]);
    expect(periodsPerYear).toBe(days);
    if (said === undefined) expect(guesses).toEqual([]);
    else expect(guesses!.join()).toMatch(said);
  });

  it('are said where a coin rests on weekends', () => {
    const bars = coin('BTC/USDT', '2024-01-01', '2024-02-20', (day) => day >= 1 && day <= 5);
    const { periodsPerYear, guesses } = marketDays(none, [bars]);
    expect(periodsPerYear).toBe(252);
    expect(guesses!.join()).toMatch(/BTC\/USDT is named like a coin and has no full weekends; a year has 252 days/);
    expect(marketDays(none, [coin('MSFT', '2024-01-01', '2024-02-20', (day) => day >= 1 && day <= 5)]).guesses).toEqual(
      [],
    );
  });
});

describe('daily bars from midnight to midnight of a clock that is far from that of UTC', () => {
  it('are the days that New Zealand calls them, in summer and in winter', async () => {
    const dates = Array.from({ length: 250 }, (_, i) => new Date(Date.UTC(2024, 1, 20 + i)).toISOString().slice(0, 10));
    const weekdays = dates.filter((date) => ![0, 6].includes(new Date(date).getUTCDay()));
    for (const written of [dates, weekdays]) {
      const text = `time,open,high,low,close,volume\n${written.map((date) => `${date},1,1,1,1,1`).join('\n')}`;
      const { universe } = await readTakenBars(file(text), { dialect: { timezone: 'Pacific/Auckland' } });
      const { dayOf, periodsPerYear } = marketDays(none, universe);
      const days = Array.from(universe[0]!.closeTimeMs, (close) => new Date(dayOf(close) * DAY_MS));
      expect(days.map((day) => day.toISOString().slice(0, 10))).toEqual(written);
      expect(periodsPerYear).toBe(written === dates ? 365 : 252);
    }
  });
});
