import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTakenBars } from '../sources/files/bars-file.ts';
import { dialectFiles, DAILY, DAYS, HEADER, ends, minutes, rows, values } from './testing/dialect-files.ts';
import { zipOf } from './testing/zip-of.ts';

const { file, read } = dialectFiles('dialects');
/** What is said of a date and a time of day that stand in two columns. */
const apart = (format: string): string => `dates as ${format}, times of day in a column of their own`;

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
      apart('YYYYMMDD'),
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
      apart('ISO 8601'),
    ],
    [
      'MetaTrader 5',
      `<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n${iso.map((_, i) => ['2024.07.02', `${clock[i]}:00`, ...values(i), 0, 3].join('\t')).join('\n')}`,
      apart('ISO 8601'),
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
      apart('ISO 8601'),
    ],
    [
      'times of day that lost their first zero',
      `date,time,open,high,low,close,volume\n${iso.map((_, i) => `2024-07-02,${clock[i]!.replace(':', '').slice(1)}00,${values(i).join(',')}`).join('\n')}`,
      apart('ISO 8601'),
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
    expect(taken.notes).toEqual([
      'There is no volume; it counts as 0.',
      expect.stringMatching(/^The bars span no whole weekend; it is a guess that a year has 252 days/),
    ]);
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
