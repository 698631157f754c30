import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { usEquities } from '../calendars/us-equities.ts';
import { readTakenBars, type BarsFileOptions, type TakenBars } from '../sources/files/bars-file.ts';
import { zipOf } from './testing/zip-of.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dialects-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function file(content: string | Uint8Array, name = `d${++count}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(content: string | Uint8Array, options?: BarsFileOptions, name?: string): Promise<TakenBars> {
  return readTakenBars(file(content, name), options);
}

async function refusal(content: string | Uint8Array, options?: BarsFileOptions): Promise<InputError> {
  const outcome: unknown = await read(content, options).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(InputError);
  return outcome as InputError;
}

/** Opens of the first and last bar, then the last close price and volume. */
function ends({ openTimeMs, close, volume, length }: BarColumns): [string, string, number, number] {
  const at = (i: number): string => new Date(openTimeMs[i]!).toISOString().slice(0, 16);
  return [at(0), at(length - 1), close[length - 1]!, volume[length - 1]!];
}

const DAYS = ['2024-01-11', '2024-01-12', '2024-01-15', '2024-01-16'];
/** Open, high, low, close and volume of the bar at `i`. */
const values = (i: number): number[] => [1234.5 + i, 1236.25 + i, 1233 + i, 1235.75 + i, 1000 * (i + 1)];
const rows = (times: readonly string[], between = ','): string =>
  times.map((time, i) => [time, ...values(i)].join(between)).join('\n');
const HEADER = 'time,open,high,low,close,volume\n';
const DAILY = ['2024-01-11T00:00', '2024-01-16T00:00', 1238.75, 4000] as const;
const minutes = (start: string, write: (at: Date) => string): string[] =>
  [0, 1, 2, 3].map((i) => write(new Date(Date.parse(start) + i * MINUTE_MS)));

describe('dialects that are recognised', () => {
  const dmy = (day: string): string => day.split('-').reverse().join('/');
  const mdy = (day: string): string => `${day.slice(5, 7)}/${day.slice(8)}/${day.slice(0, 4)}`;
  const german = (value: number): string =>
    value
      .toFixed(2)
      .replace('.', ',')
      .replace(/(\d)(\d{3}),/, '$1.$2,');
  const american = (value: number): string => `"${value.toLocaleString('en-US', { minimumFractionDigits: 2 })}"`;
  const named = ['Jan 11, 2024', 'Jan 12, 2024', 'Jan 15, 2024', 'Jan 16, 2024'];
  const table = (times: readonly string[], between: string, write: (value: number) => string): string =>
    times.map((time, i) => [time, ...values(i).map(write)].join(between)).join('\n');
  it.each<[string, string | Uint8Array, string]>([
    ['pandas with an unnamed index', `,open,high,low,close,volume\n${rows(DAYS)}`, 'ISO 8601'],
    [
      'a range as index beside a date',
      `,Date,Open,High,Low,Close,Volume\n${DAYS.map((day, i) => `${i},${day},${values(i).join(',')}`).join('\n')}`,
      'ISO 8601',
    ],
    ['day first', HEADER + rows(DAYS.map(dmy)), 'DD/MM/YYYY'],
    ['month first', HEADER + rows(DAYS.map(mdy)), 'MM/DD/YYYY'],
    ['day first with dots', HEADER + rows(DAYS.map((day) => dmy(day).replaceAll('/', '.'))), 'DD.MM.YYYY'],
    [
      'names of months and groups of thousands',
      `Date,Open,High,Low,Close,Volume\n${table(
        named.map((day) => `"${day}"`),
        ',',
        american,
      )}`,
      'MMM DD YYYY',
    ],
    [
      'semicolons, decimal commas and points between thousands',
      `Datum;Open;High;Low;Close;Volume\n${table(
        DAYS.map((day) => dmy(day).replaceAll('/', '.')),
        ';',
        german,
      )}`.replace('Datum', 'Date'),
      'DD.MM.YYYY',
    ],
    ['tabs', HEADER.replaceAll(',', '\t') + rows(DAYS, '\t'), 'ISO 8601'],
    ['a separator that is announced', `sep=;\n${HEADER.replaceAll(',', ';')}${rows(DAYS, ';')}`, 'ISO 8601'],
    [
      'Stooq',
      `<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n${DAYS.map((day, i) => `A,D,${day.replaceAll('-', '')},000000,${values(i).join(',')},0`).join('\n')}`,
      'YYYYMMDD',
    ],
    [
      'CryptoDataDownload, newest first',
      `https://www.example.com\nunix,date,symbol,open,high,low,close,Volume USDT,Volume BTC\n${DAYS.map(
        (day, i) =>
          `${Date.parse(day) / 1000},${day} 00:00:00,BTC/USDT,${values(i).slice(0, 4).join(',')},1,${values(i)[4]}`,
      )
        .reverse()
        .join('\n')}`,
      'epoch seconds',
    ],
    [
      'yfinance with three header lines',
      `Price,Close,High,Low,Open,Volume\nTicker,A,A,A,A,A\nDate,,,,,\n${DAYS.map((day, i) => {
        const [o, h, l, c, v] = values(i);
        return [day, c, h, l, o, v].join(',');
      }).join('\n')}`,
      'ISO 8601',
    ],
    ['UTF-16', new Uint8Array(Buffer.from(`\uFEFF${HEADER}${rows(DAYS)}`, 'utf16le')), 'ISO 8601'],
    [
      'UTF-16, most significant byte first',
      new Uint8Array(Buffer.from(`\uFEFF${HEADER}${rows(DAYS)}`, 'utf16le').swap16()),
      'ISO 8601',
    ],
    ['gzip', gzipSync(HEADER + rows(DAYS)), 'ISO 8601'],
    ['zip', zipOf('bars.csv', HEADER + rows(DAYS)), 'ISO 8601'],
    [
      'prices with a currency',
      `Date,Close/Last,Volume,Open,High,Low\n${DAYS.map((day, i) => {
        const [o, h, l, c, v] = values(i);
        return [mdy(day), `$${c}`, v, `$${o}`, `$${h}`, `$${l}`].join(',');
      }).join('\n')}`,
      'MM/DD/YYYY',
    ],
    [
      'volumes in thousands',
      `"Date","Price","Open","High","Low","Vol.","Change %"\n${DAYS.map((day, i) => {
        const [o, h, l, c, v] = values(i);
        return `"${mdy(day)}","${c}","${o}","${h}","${l}","${v! / 1000}.00K","0.1%"`;
      }).join('\n')}`,
      'MM/DD/YYYY',
    ],
    ['quantmod', `"","A.Open","A.High","A.Low","A.Close","A.Volume"\n${rows(DAYS)}`, 'ISO 8601'],
    ['compact dates', HEADER + rows(DAYS.map((day) => `${day.replaceAll('-', '')}000000`)), 'YYYYMMDD'],
    ['microseconds', HEADER + rows(DAYS.map((day) => `${Date.parse(day)}000`)), 'epoch microseconds'],
    ['nanoseconds', HEADER + rows(DAYS.map((day) => `${Date.parse(day)}000000`)), 'epoch nanoseconds'],
  ])('%s', async (_what, content, unit) => {
    const { universe, taken } = await read(content);
    expect(ends(universe[0]!)).toEqual(DAILY);
    expect(universe[0]!.open[0]).toBe(1234.5);
    expect(taken).toMatchObject({ unit, timeframe: '1d', calendar: 'none', daysPerYear: 252 });
  });

  const START = '2024-07-02T09:30:00Z';
  const iso = minutes(START, (at) => at.toISOString());
  const clock = iso.map((time) => time.slice(11, 16));
  it.each<[string, string, string]>([
    [
      'MetaTrader 4, no header',
      iso.map((_, i) => `2024.07.02,${clock[i]},${values(i).join(',')}`).join('\n'),
      'ISO 8601',
    ],
    [
      'MetaTrader 5',
      `<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n${iso.map((_, i) => ['2024.07.02', `${clock[i]}:00`, ...values(i), 0, 3].join('\t')).join('\n')}`,
      'ISO 8601',
    ],
    [
      'Binance, no header',
      iso
        .map((time, i) => [Date.parse(time), ...values(i), Date.parse(time) + 59_999, 5, 6, 7, 8, 0].join(','))
        .join('\n'),
      'epoch milliseconds',
    ],
    [
      'Binance since 2025',
      iso
        .map((time, i) =>
          [`${Date.parse(time)}000`, ...values(i), `${Date.parse(time) + 59_999}999`, 5, 6, 7, 8, 0].join(','),
        )
        .join('\n'),
      'epoch microseconds',
    ],
    [
      'Polygon flat files',
      `ticker,volume,open,close,high,low,window_start,transactions\n${iso
        .map((time, i) => {
          const [o, h, l, c, v] = values(i);
          return ['A', v, o, c, h, l, `${Date.parse(time)}000000`, 3].join(',');
        })
        .join('\n')}`,
      'epoch nanoseconds',
    ],
    [
      'HistData',
      iso.map((time, i) => [`20240702 ${time.slice(11, 19).replaceAll(':', '')}`, ...values(i)].join(';')).join('\n'),
      'YYYYMMDD',
    ],
    [
      'date and time of day as digits',
      `date,time,open,high,low,close,volume\n${iso.map((_, i) => `2024-07-02,${clock[i]!.replace(':', '')}00,${values(i).join(',')}`).join('\n')}`,
      'ISO 8601',
    ],
    [
      'times of day that lost their first zero',
      `date,time,open,high,low,close,volume\n${iso.map((_, i) => `2024-07-02,${clock[i]!.replace(':', '').slice(1)}00,${values(i).join(',')}`).join('\n')}`,
      'ISO 8601',
    ],
    [
      'halves of a day',
      `Date,Open,High,Low,Close,Volume\n${iso.map((_, i) => `7/2/2024 ${clock[i]!.slice(1)} AM,${values(i).join(',')}`).join('\n')}\n7/15/2024 9:30 AM,1,1,1,1,1`,
      'MM/DD/YYYY',
    ],
    [
      'Dukascopy',
      `Gmt time,Open,High,Low,Close,Volume\n${iso.map((_, i) => `02.07.2024 ${clock[i]}:00.000,${values(i).join(',')}`).join('\n')}`,
      'DD.MM.YYYY',
    ],
  ])('%s', async (_what, content, unit) => {
    const { universe, taken } = await read(content);
    expect(ends(universe[0]!).slice(0, 1)).toEqual(['2024-07-02T09:30']);
    expect([universe[0]!.close[3], universe[0]!.volume[3], universe[0]!.openTimeMs[3]]).toEqual([
      1238.75,
      4000,
      Date.parse(iso[3]!),
    ]);
    expect(taken).toMatchObject({ unit, timeframe: '1m' });
  });

  it('several symbols side by side', async () => {
    const text = `,A,A,A,A,B,B,B,B\n,Open,High,Low,Close,Open,High,Low,Close\nDate,,,,,,,,\n2024-01-11,1,2,1,2,,,,\n2024-01-12,2,3,2,3,5,6,5,6\n`;
    const { universe, taken } = await read(text);
    expect(universe.map(({ symbol, length, close }) => [symbol, length, ...close])).toEqual([
      ['A', 2, 2, 3],
      ['B', 1, 6],
    ]);
    expect(taken.notes).toEqual(['There is no volume; it counts as 0.']);
    expect(taken.symbol).toEqual(['A', 'B']);
  });

  it('the months of a dump as one symbol', async () => {
    const month = (start: string): string =>
      minutes(start, (at) => [at.getTime(), 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0].join(',')).join('\n');
    const paths = [
      file(month('2024-02-01T00:00:00Z'), 'BTCUSDT-1m-2024-02.csv'),
      file(zipOf('x.csv', month('2024-01-31T23:56:00Z')), 'BTCUSDT-1m-2024-01.zip'),
    ];
    const { universe } = await readTakenBars(paths);
    expect(universe.map(({ symbol, length }) => [symbol, length])).toEqual([['BTCUSDT', 8]]);
  });
});

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
    const skipped = ['01:00', '02:00', '03:00'].map((clock) => `2024-03-10 ${clock}`);
    expect((await refusal(HEADER + rows(skipped), { dialect })).message).toMatch(
      /line 3: time "2024-03-10 02:00" was skipped by the clocks/,
    );
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
});

describe('the size of bars', () => {
  const every = (step: number, length: number, start = Date.UTC(2024, 0, 1)): number[] =>
    Array.from({ length }, (_, i) => start + i * step);
  const text = (times: readonly number[], symbol?: string): string =>
    times.map((time) => `${symbol === undefined ? '' : `${symbol},`}${time},1,1,1,1,1`).join('\n');

  it.each<[string, number[], RegExp]>([
    ['two hours', every(2 * HOUR_MS, 40), /bars are 2h apart, and there are no bars of 2h/],
    ['three minutes', every(3 * MINUTE_MS, 40), /bars are 3m apart/],
    ['three days', every(3 * DAY_MS, 40), /bars are 3d apart/],
    ['a week', every(7 * DAY_MS, 40), /bars are 1 week apart/],
    ['two sizes', [...every(DAY_MS, 30), ...every(HOUR_MS, 30, Date.UTC(2024, 0, 31))], /not of one size/],
    [
      'two sizes, the finer first',
      [...every(HOUR_MS, 48), ...every(DAY_MS, 30, Date.UTC(2024, 0, 3))],
      /not of one size: most are 1h apart, and from 2024-01-0/,
    ],
    [
      'a short first bar each day',
      every(DAY_MS, 10).flatMap((day) => [9.5, 10, 11, 12, 13, 14].map((hour) => day + hour * HOUR_MS)),
      /not of one size/,
    ],
    [
      'several odd rows',
      every(HOUR_MS, 100).flatMap((time, i) => (i % 10 === 5 ? [time, time + 17 * MINUTE_MS] : [time])),
      /not of one size/,
    ],
  ])('is refused where it is %s', async (_what, times, message) => {
    expect((await refusal(HEADER + text(times))).message).toMatch(message);
  });

  it('is that of nearly all rows, and the odd one is named', async () => {
    const times = every(HOUR_MS, 100).toSpliced(51, 0, Date.UTC(2024, 0, 3, 2, 17));
    const { message } = await refusal(HEADER + text(times));
    expect(message).toMatch(/line 53: time 2024-01-03T02:17:00.000Z lies between the 1h bars that nearly all/);
    const daily = [...every(DAY_MS, 20), Date.UTC(2024, 0, 22, 20, 59, 58)];
    expect((await refusal(HEADER + text(daily))).message).toMatch(
      /line 22: time 2024-01-22T20:59:58.000Z lies between the 1d bars/,
    );
  });

  it('survives holes', async () => {
    const holed = every(MINUTE_MS, 400).filter((_, i) => (i * i) % 7 !== 3);
    expect((await read(HEADER + text(holed))).timeframe).toBe('1m');
    const weekdays = every(DAY_MS, 60).filter((time) => ![0, 6].includes(new Date(time).getUTCDay()));
    expect((await read(HEADER + text(weekdays))).timeframe).toBe('1d');
  });

  it('is one of all symbols', async () => {
    const mixed = `symbol,${HEADER}${text(every(HOUR_MS, 40), 'A')}\n${text(every(4 * HOUR_MS, 40), 'B')}`;
    expect((await refusal(mixed)).message).toMatch(/bars of A are 1h and bars of B 4h/);
    const few = `symbol,${HEADER}${text(every(HOUR_MS, 40), 'A')}\n${text(every(4 * HOUR_MS, 3), 'B')}`;
    expect((await read(few)).timeframe).toBe('1h');
  });

  it('is never rounded down because somebody asks for it', async () => {
    const message = (await refusal(HEADER + text(every(2 * HOUR_MS, 40)), { timeframe: '1h' })).message;
    expect(message).toMatch(/are 2h apart, and 1h was asked for/);
    expect((await read(HEADER + text(every(2 * HOUR_MS, 5)), { timeframe: '1h' })).timeframe).toBe('1h');
  });

  it('says how many days a year has', async () => {
    expect((await read(HEADER + text(every(HOUR_MS, 400)))).taken.daysPerYear).toBe(365);
    const weekdays = every(DAY_MS, 60).filter((time) => ![0, 6].includes(new Date(time).getUTCDay()));
    expect((await read(HEADER + text(weekdays))).taken.daysPerYear).toBe(252);
  });
});
