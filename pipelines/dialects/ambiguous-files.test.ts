import { describe, expect, it } from 'vitest';
import { crypto } from '../calendars/always-open.ts';
import type { BarsFileOptions } from '../sources/files/bars-file.ts';
import { dialectFiles, DAILY, DAYS, HEADER, ends, rows, values } from './testing/dialect-files.ts';

const { read, refusal } = dialectFiles('ambiguous-files');

describe('what a file cannot say', () => {
  it('is asked for where dates may be read in two ways, and told by one later date', async () => {
    const times = ['03/04/2024', '04/04/2024', '05/04/2024'];
    const { message, remedy } = await refusal(HEADER + rows(times));
    expect(message).toMatch(
      /line 2: times like "03\/04\/2024" may mean 2024-04-03.*DD\/MM\/YYYY, or 2024-03-04.*MM\/DD/,
    );
    expect(remedy).toContain('--time-format DD/MM/YYYY, MM/DD/YYYY');
    const asked = await read(HEADER + rows(times), { dialect: { timeFormat: 'DD/MM/YYYY' } });
    expect(ends(asked.universe[0]!)[0]).toBe('2024-04-03T00:00');
    const minute = (i: number): string =>
      `01/02/2024 ${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`;
    const long = [...Array.from({ length: 600 }, (_, i) => `${minute(i)},1,1,1,1,1`), '13/02/2024 00:00,1,1,1,1,1'];
    expect(ends((await read(HEADER + long.join('\n'))).universe[0]!)[0]).toBe('2024-02-01T00:00');
  });

  it('is one unit of time a file', async () => {
    const old = [-631_152_000, -631_065_600, -630_979_200, -630_892_800];
    expect(ends((await read(HEADER + rows(old.map(String)))).universe[0]!)[0]).toBe('1950-01-01T00:00');
    const early = [0, 60_000, 120_000, 180_000].map(String);
    expect((await read(HEADER + rows(early))).taken).toMatchObject({ unit: 'epoch milliseconds', timeframe: '1m' });
    const single = await refusal(HEADER + rows(['86400']));
    expect(single.message).toMatch(/line 2: times like "86400" may mean 1970-01-02T00:00 as epoch seconds, or/);
    expect(single.remedy).toMatch(/--time-format s, ms, us, ns/);
    const mixed = ['1704931200', '1705017600', '1705104000000', '1705190400'];
    expect((await refusal(HEADER + rows(mixed))).message).toMatch(
      /line 4: time "1705104000000" is outside 1900 to 2100 as epoch seconds/,
    );
    expect((await refusal(HEADER + rows(['45302', '45303', '45306']))).message).toMatch(/times like "45302"/);
    const serial = await read(HEADER + rows(['45302', '45303', '45306', '45307']), {
      dialect: { timeFormat: 'excel' },
    });
    expect(ends(serial.universe[0]!)).toEqual(DAILY);
  });

  it('is whether a comma groups thousands, until a number shows it', async () => {
    const text =
      'time;open;high;low;close;volume\n2024-01-11;1,234;1,236;1,233;1,235;7\n2024-01-12;1,234;1,236;1,233;1,235;7\n';
    const { message } = await refusal(text);
    expect(message).toMatch(
      /line 2: open is "1,234", with a decimal comma or groups of thousands: --decimal says which/,
    );
    expect((await read(text, { dialect: { decimal: 'comma' } })).universe[0]!.open[0]).toBe(1.234);
    expect((await read(text, { dialect: { decimal: 'point' } })).universe[0]!.open[0]).toBe(1234);
    const told = text.replace('2024-01-12;1,234', '2024-01-12;1,234.5');
    expect((await read(told)).universe[0]!.open[0]).toBe(1234);
  });

  it('is which price is which where there is no header', async () => {
    const text = '1704931200,10,9,12,11,100\n1705017600,10,9,12,11,100\n';
    expect((await refusal(text)).message).toMatch(/no header, and its columns are not open, high, low, close/);
    const columns = 'time=0,open=1,low=2,high=3,close=4,volume=5';
    expect((await read(text, { dialect: { columns } })).universe[0]!.high[0]).toBe(12);
    expect((await refusal(text, { dialect: { columns: 'time=0,open=1,low=2,high=3' } })).message).toMatch(
      /do not say where close/,
    );
    expect((await refusal(text, { dialect: { columns: 'time=0,open=1,low=2,high=3,close=9' } })).message).toMatch(
      /close is column 9, and the file has 6/,
    );
  });

  it('is said by columns, delimiter and format together', async () => {
    const text = `Kurse der Börse\nTag~Anfang~Hoch~Tief~Schluss~Umsatz\n${DAYS.map((day, i) => [day.replaceAll('-', '/').slice(2), ...values(i)].join('~')).join('\n')}`;
    const columns = { time: 'Tag', open: 'Anfang', high: 'Hoch', low: 'Tief', close: 'Schluss', volume: 'Umsatz' };
    const asked = await read(text, { dialect: { columns, delimiter: '~', timeFormat: '%y/%m/%d' }, symbols: ['X'] });
    expect(ends(asked.universe[0]!)).toEqual(DAILY);
    expect(asked.taken.symbol).toBe('X');
    expect((await refusal(text)).message).toMatch(/missing columns time, open, high, low, close/);
  });

  it.each<[string, BarsFileOptions['dialect'], RegExp]>([
    ['a column that is not there', { columns: 'close=Adj' }, /close is "Adj", and the file has no such column/],
    ['an unknown key', { columns: 'opne=1' }, /--columns: there is no "opne"; did you mean open\?/],
    ['a format without a day', { timeFormat: 'HH:mm' }, /--time-format: "HH:mm" is no format/],
    ['a zone that is not there', { timezone: 'America/Nowhere' }, /--timezone: there is no time zone/],
    ['an abbreviation', { timezone: 'EST' }, /--timezone: there is no time zone/],
    ['a long delimiter', { delimiter: '||' }, /--delimiter: "\|\|" cannot stand between cells/],
    ['a wrong sign', { decimal: 'dot' }, /--decimal: "dot" is no decimal sign/],
  ])('is refused with %s', async (_what, dialect, message) => {
    expect((await refusal(HEADER + rows(DAYS), { dialect })).message).toMatch(message);
  });
});

describe('what looks like something else', () => {
  it('is refused: hours that may be minutes, days of another clock, six digits', async () => {
    const hours = [0, 1, 2, 3].map((hour, i) => `2024-01-11,${hour},${values(i).join(',')}`).join('\n');
    expect((await refusal(`date,time,open,high,low,close,volume\n${hours}`)).message).toMatch(
      /may be hours, minutes or/,
    );
    const local = HEADER + rows(DAYS.map((day) => `${day}T00:00:00-05:00`));
    expect((await refusal(local, { calendar: crypto })).message).toMatch(
      /are days of UTC, and one is stamped 2024-01-11T05/,
    );
    await read(HEADER + rows(DAYS.map((day) => `${day}T23:59:59.999Z`)), { calendar: crypto });
    const serial = HEADER + rows(['45302', '45303', '45306', '45307']);
    expect((await refusal(serial)).remedy).toContain('excel');
    const six = HEADER + rows(['110124', '120124', '150124', '160124']);
    expect((await refusal(six)).remedy).toContain('DDMMYY, YYMMDD');
    expect(ends((await read(six, { dialect: { timeFormat: 'DDMMYY' } })).universe[0]!)).toEqual(DAILY);
  });

  it('is read where it is plain: a date with its time beside a column of times, months as too long', async () => {
    const twice = [0, 1, 2, 3].map((i) => `2024-07-02 09:3${i},09:3${i},${values(i).join(',')}`).join('\n');
    const { universe } = await read(`date,time,open,high,low,close,volume\n${twice}`);
    expect(ends(universe[0]!)[1]).toBe('2024-07-02T09:33');
    const months = Array.from({ length: 12 }, (_, i) => `2024-${String(i + 1).padStart(2, '0')}-01`);
    expect((await refusal(HEADER + rows(months))).message).toMatch(/31 days or more apart, longer than daily/);
  });
});
