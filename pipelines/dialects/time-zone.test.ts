import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { marketDays } from '../calendars/market-days.ts';
import { usEquities } from '../calendars/us-equities.ts';
import { dialectOf } from './file-dialect.ts';
import { dialectFiles, HEADER, rows } from './testing/dialect-files.ts';

const { read, refusal } = dialectFiles('time-zone');

describe('zones', () => {
  const session = (day: string, from: string, steps: number): string[] =>
    Array.from({ length: steps }, (_, i) =>
      new Date(Date.parse(`${day}T${from}:00Z`) + i * 30 * MINUTE_MS).toISOString().slice(0, 16).replace('T', ' '),
    );
  const local = ['2024-03-07', '2024-03-08', '2024-03-11', '2024-03-12'].flatMap((day) => session(day, '09:30', 13));

  it('are refused where local times do not fit the calendar, and taken where they are named', async () => {
    const { message, remedy } = await refusal(HEADER + rows(local), { calendar: usEquities });
    expect(message).toMatch(/name no zone and, read as UTC, do not fit the calendar us-equities/);
    expect(remedy).toContain('--timezone America/New_York');
    const { universe, taken } = await read(HEADER + rows(local), {
      calendar: usEquities,
      dialect: { timezone: 'America/New_York' },
    });
    // The clocks of New York were changed on March 10.
    expect([0, 26].map((i) => new Date(universe[0]!.openTimeMs[i]!).toISOString())).toEqual([
      '2024-03-07T14:30:00.000Z',
      '2024-03-11T13:30:00.000Z',
    ]);
    expect(taken).toMatchObject({
      zone: 'America/New_York',
      zoneFrom: 'option',
      calendar: 'us-equities',
      timeframe: '30m',
    });
  });

  it('of London and UTC are told from those that fit', async () => {
    const utc = ['2024-03-07', '2024-03-08'].flatMap((day) => session(day, '14:30', 13));
    expect((await read(HEADER + rows(utc), { calendar: usEquities })).taken.zoneFrom).toBe('assumed');
    const summer = ['2024-07-08', '2024-07-09'].flatMap((day) => session(day, '14:30', 13));
    await refusal(HEADER + rows(summer), { calendar: usEquities });
    await read(HEADER + rows(summer), { calendar: usEquities, dialect: { timezone: 'Europe/London' } });
  });

  it('are assumed aloud without a calendar, and idle where the file names its own', async () => {
    const { taken } = await read(HEADER + rows(local));
    expect(taken).toMatchObject({ zone: 'UTC', zoneFrom: 'assumed' });
    expect(taken.notes.join(' ')).toContain('--timezone');
    const dialect = { timezone: 'America/New_York' };
    expect((await refusal(HEADER + rows(local.map((time) => `${time}Z`)), { dialect })).message).toMatch(
      /name their own zone/,
    );
    expect((await refusal(HEADER + rows(['1704931200', '1705017600']), { dialect })).message).toMatch(
      /epoch seconds, which count from 1970 in UTC/,
    );
    const half = [...local.slice(0, 20).map((time) => `${time}+01:00`), ...local.slice(20)];
    expect((await refusal(HEADER + rows(half))).message).toMatch(
      /line 22: time .* names no zone, and the file's other times do/,
    );
  });

  it('read an hour that a clock showed twice in its order, and refuse one that it skipped', async () => {
    const dialect = { timezone: 'America/New_York' };
    const twice = ['00:00', '01:00', '01:00', '02:00', '03:00'].map((clock) => `2024-11-03 ${clock}`);
    const { universe } = await read(HEADER + rows(twice), { dialect });
    expect(
      [...universe[0]!.openTimeMs].map((timeMs) => timeMs / HOUR_MS - universe[0]!.openTimeMs[0]! / HOUR_MS),
    ).toEqual([0, 1, 2, 3, 4]);
    const back = await read(HEADER + rows([...twice].reverse()), { dialect });
    expect(back.universe[0]!.openTimeMs).toEqual(universe[0]!.openTimeMs);
    const sorted = ['01:00', '01:00', '01:15', '01:15', '01:30'].map((clock) => `2024-11-03 ${clock}`);
    expect((await refusal(HEADER + rows(sorted), { dialect })).message).toMatch(
      /line 5: time "2024-11-03 01:15" was shown twice by the clocks of America\/New_York, and the rows of that hour/,
    );
    const skipped = ['01:00', '02:00', '03:00'].map((clock) => `2024-03-10 ${clock}`);
    expect((await refusal(HEADER + rows(skipped), { dialect })).message).toMatch(
      /line 3: time "2024-03-10 02:00" was skipped by the clocks/,
    );
  });

  it('begin a day whose midnight was skipped when the clock had been put forward', async () => {
    // Known: the Azores go from UTC-1 to UTC at 0:00, Cairo from UTC+2 to UTC+3.
    const days = ['2021-03-26', '2021-03-27', '2021-03-28', '2021-03-29'].map((day) => `${day} 00:00:00`);
    const azores = await read(HEADER + rows(days), { dialect: { timezone: 'Atlantic/Azores' } });
    expect([...azores.universe[0]!.openTimeMs].map((timeMs) => new Date(timeMs).toISOString().slice(8, 13))).toEqual([
      '26T01',
      '27T01',
      '28T01',
      '29T00',
    ]);
    const { dayOf } = marketDays(calendarNamed('none'), azores.universe);
    const found = Array.from(azores.universe[0]!.closeTimeMs, dayOf);
    expect(found.map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10))).toEqual(
      days.map((day) => day.slice(0, 10)),
    );
    const spring = ['2024-04-25', '2024-04-26', '2024-04-27'].map((day) => `${day} 00:00`);
    const cairo = await read(HEADER + rows(spring), { dialect: { timezone: 'Africa/Cairo' } });
    expect(new Date(cairo.universe[0]!.openTimeMs[1]!).toISOString()).toBe('2024-04-25T22:00:00.000Z');
  });

  it('of daily bars at local midnight name the day, across a change of clocks too', async () => {
    const offset = (day: number): string => (day < 11 ? '-05:00' : '-04:00');
    const times = [8, 9, 10, 11, 12].map((day) => `2024-03-${String(day).padStart(2, '0')} 00:00:00${offset(day)}`);
    const { universe } = await read(HEADER + rows(times));
    const { openTimeMs, closeTimeMs } = universe[0]!;
    expect([...closeTimeMs].map((close, i) => (close - openTimeMs[i]!) / HOUR_MS)).toEqual([24, 24, 23, 24, 24]);
    const london = ['2024-07-02', '2024-07-03'].map((day) => `${day} 00:00:00+01:00`);
    const dated = await read(HEADER + rows(london), { calendar: usEquities });
    expect(new Date(dated.universe[0]!.openTimeMs[0]!).toISOString()).toBe('2024-07-02T13:30:00.000Z');
  });

  it.each([
    ['Atlantic/Azores', '2024-03', 30, ['30T01:00', '31T01:00', '01T00:00', '02T00:00']],
    ['Asia/Beirut', '2018-03', 24, ['23T22:00', '24T22:00', '25T21:00', '26T21:00']],
    ['America/Sao_Paulo', '2018-11', 3, ['03T03:00', '04T03:00', '05T02:00', '06T02:00']],
  ])(
    'of days whose midnight the clocks of %s skipped begin at their first moment',
    async (timezone, month, from, is) => {
      const start = Date.parse(`${month}-${String(from).padStart(2, '0')}T00:00Z`);
      const days = [0, 1, 2, 3].map((i) => new Date(start + i * 24 * HOUR_MS).toISOString().slice(0, 10));
      const { universe, taken } = await read(HEADER + rows(days.map((day) => `${day} 00:00:00`)), {
        dialect: { timezone },
      });
      expect(taken.timeframe).toBe('1d');
      expect([...universe[0]!.openTimeMs].map((timeMs) => new Date(timeMs).toISOString().slice(8, 16))).toEqual(is);
      const hours = ['00:00', '01:00', '02:00', '03:00'].map((clock) => `${days[1]} ${clock}`);
      await refusal(HEADER + rows(hours), { dialect: { timezone } });
    },
  );

  it('are told by the header of the times, and idle then', async () => {
    const times = ['09:30', '09:31', '09:32', '09:33'].map((clock) => `02.07.2024 ${clock}:00.000`);
    for (const name of ['Gmt time', 'time_utc', 'Datetime UTC', 'timestamp (UTC)', 'Open time (GMT)']) {
      const text = `${HEADER.replace('time', name)}${rows(times)}`;
      const { universe, taken } = await read(text);
      expect([name, taken.zone, taken.zoneFrom]).toEqual([name, 'UTC', 'file']);
      expect(new Date(universe[0]!.openTimeMs[0]!).toISOString()).toBe('2024-07-02T09:30:00.000Z');
      const { message } = await refusal(text, { dialect: { timezone: 'America/New_York' } });
      expect(message).toMatch(/name their own zone/);
    }
  });

  it('whose letters do not make them sure are asked for, with the words that read the file', async () => {
    const times = ['09:00', '10:00', '11:00', '12:00'].map((clock) => `2024.07.02 ${clock}:00`);
    for (const [name, place] of [
      ['Time (EET)', 'Europe/Athens'],
      ['Date CET', 'Europe/Berlin'],
      ['datetime [EST]', 'America/New_York'],
    ] as const) {
      const text = `${HEADER.replace('time', name)}${rows(times)}`;
      const { message, remedy } = await refusal(text);
      expect(message).toContain(`the times of "${name}" are of a zone that its letters do not make sure`);
      expect(remedy).toContain(`--columns "time=${name}" --timezone ${place}`);
      const { taken } = await read(text, { dialect: dialectOf({ columns: `time=${name}`, timezone: place }) });
      expect(taken.zone).toBe(place);
    }
    // July in Athens is three hours ahead.
    const dialect = dialectOf({ columns: 'time=Time (EET)', timezone: 'Europe/Athens' });
    const { universe } = await read(`${HEADER.replace('time', 'Time (EET)')}${rows(times)}`, { dialect });
    expect(new Date(universe[0]!.openTimeMs[0]!).toISOString()).toBe('2024-07-02T06:00:00.000Z');
  });
});
