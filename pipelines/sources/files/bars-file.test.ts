import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { InputError } from '../../../infra/errors.ts';
import { barsCsv } from '../../bars/bars-csv.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import { readBarsFile, type BarsFileOptions } from './bars-file.ts';
import { plantedBars } from '../made-up/planted-bars.ts';
import { describeWith, REFERENCE_DIR } from '../../../infra/testing/requirements.ts';
import { scratchFiles } from '../../testing/scratch-files.ts';

const { file, folder } = scratchFiles('bars-file');

const HEADER = 'time,open,high,low,close,volume\n';
const GOOD = '2020-01-02,10,12,9,11,100\n2020-01-03,11,12,10,12,50\n';

async function refusal(path: string | string[], options?: BarsFileOptions): Promise<InputError> {
  try {
    await readBarsFile(path, options);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('accepted');
}

describe('readBarsFile', () => {
  it('understands any order, case and name of columns, and passes over others', async () => {
    const path = file('C,Extra,V,H,L,Date,O\n11,x,100,12,9,2020-01-02,10\n');
    const [bars] = await readBarsFile(path);
    expect([bars!.open[0], bars!.high[0], bars!.low[0], bars!.close[0], bars!.volume[0]]).toEqual([10, 12, 9, 11, 100]);
    expect(bars!.openTimeMs[0]).toBe(Date.UTC(2020, 0, 2));
    expect(bars!.closeTimeMs[0]).toBe(Date.UTC(2020, 0, 3));
  });

  it.each([
    ['2020-01-02T14:30:00Z', Date.UTC(2020, 0, 2, 14, 30)],
    ['2020-01-02 14:30', Date.UTC(2020, 0, 2, 14, 30)],
    ['2020-01-02T09:30:00.250-05:00', Date.UTC(2020, 0, 2, 14, 30, 0, 250)],
    ['20200102', Date.UTC(2020, 0, 2)],
    ['1577975400', Date.UTC(2020, 0, 2, 14, 30)],
    ['1577975400000', Date.UTC(2020, 0, 2, 14, 30)],
    ['1577975400000000', Date.UTC(2020, 0, 2, 14, 30)],
    ['1577975400000000000', Date.UTC(2020, 0, 2, 14, 30)],
  ])('reads the time %s', async (text, expected) => {
    const [bars] = await readBarsFile(file(`${HEADER}${text},10,12,9,11,100\n`));
    expect(bars!.openTimeMs[0]).toBe(expected);
  });

  it('puts a daily bar into the hours of its calendar', async () => {
    const calendar = calendarNamed('us-equities');
    const [bars] = await readBarsFile(file(`${HEADER}2020-11-27,10,12,9,11,1\n`), { calendar });
    expect(new Date(bars!.openTimeMs[0]!).toISOString()).toBe('2020-11-27T14:30:00.000Z');
    expect(new Date(bars!.closeTimeMs[0]!).toISOString()).toBe('2020-11-27T18:00:00.000Z');
  });

  it('takes the bar size from the times', async () => {
    const rows = [0, 1, 2, 5].map((i) => `${1577975400 + i * 300},10,12,9,11,100\n`).join('');
    const [bars] = await readBarsFile(file(HEADER + rows));
    expect(bars!.closeTimeMs[0]! - bars!.openTimeMs[0]!).toBe(300_000);
  });

  it('passes over rows of commas alone, as spreadsheets write them below a table', async () => {
    const [bars] = await readBarsFile(
      file(`${HEADER}2020-01-02,10,12,9,11,100\n,,,,,\n2020-01-03,10,12,9,11,100\n,,,,,\n`),
    );
    expect([...bars!.volume]).toEqual([100, 100]);
  });

  it('reads line ends of old spreadsheets, a carriage return alone', async () => {
    const rows = [2, 3, 6].map((day) => `2020-01-0${day},10,12,9,11,100`);
    const [bars] = await readBarsFile(file([HEADER.trim(), ...rows, ''].join('\r')));
    expect([...bars!.volume]).toEqual([100, 100, 100]);
  });

  it('reads gzip, quotes, a byte order mark and Windows line ends', async () => {
    const text = `\uFEFF"time","open",high,low,close,volume\r\n"2020-01-02",10,12,9,11,100\r\n`;
    const [bars] = await readBarsFile(file(gzipSync(text), 'x.csv.gz'));
    expect(bars!.length).toBe(1);
    expect(bars!.symbol).toBe('x');
  });

  it('separates symbols, whatever their order, and gives those asked for', async () => {
    const path = file(
      `symbol,${HEADER}B,2020-01-02,10,12,9,11,1\nA,2020-01-02,20,22,19,21,1\nB,2020-01-03,10,12,9,10,1\n`,
    );
    expect((await readBarsFile(path)).map(({ symbol, length }) => [symbol, length])).toEqual([
      ['A', 1],
      ['B', 2],
    ]);
    const asked = await readBarsFile(path, { symbols: ['B'] });
    expect(asked.map(({ symbol }) => symbol)).toEqual(['B']);
    expect((await refusal(path, { symbols: ['C'] })).message).toContain('no bars for C; it holds B, A');
  });

  it('lets a file without symbols stand for the only one asked for, not for several', async () => {
    const path = file(HEADER + GOOD);
    expect((await readBarsFile(path, { symbols: ['SPX'] }))[0]!.symbol).toBe('SPX');
    expect((await refusal(path, { symbols: ['A', 'B'] })).message).toMatch(/no symbol column, and 2 symbols/);
  });

  it.each<[string, string, RegExp]>([
    ['missing columns', 'time,open,close\n2020-01-02,1,1\n', /missing columns high, low;/],
    ['no such number', `${HEADER}2020-01-02,10,NaN,9,11,100\n`, /line 2: high is "NaN", not a finite number/],
    ['an empty cell', `${HEADER}${GOOD}2020-01-06,10,12,9,,100\n`, /line 4: close is empty/],
    ['an infinite price', `${HEADER}2020-01-02,10,1e999,9,11,100\n`, /line 2: high is not a finite number/],
    ['a hexadecimal price', `${HEADER}2020-01-02,0x10,20,9,11,100\n`, /line 2: open is "0x10"/],
    ['a negative price', `${HEADER}2020-01-02,10,12,-9,11,100\n`, /line 2: low is negative \(-9\)/],
    ['a price of zero', `${HEADER}2020-01-02,10,12,0,11,100\n`, /line 2: low is 0/],
    ['a price beyond', `${HEADER}2020-01-02,10,2e18,9,11,100\n`, /line 2: high 2000000000000000000 is outside what/],
    ['a price too small', `${HEADER}2020-01-02,10,12,9e-19,11,100\n`, /line 2: low 9e-19 is outside what/],
    ['a volume beyond', `${HEADER}2020-01-02,10,12,9,11,1e300\n`, /line 2: volume 1e\+300 is outside what/],
    ['a negative volume', `${HEADER}2020-01-02,10,12,9,11,-1\n`, /line 2: volume is negative/],
    ['high below low', `${HEADER}2020-01-02,10,8,9,11,100\n`, /line 2: high 8 is below low 9/],
    ['open outside the range', `${HEADER}2020-01-02,13,12,9,11,100\n`, /line 2: open 13 is outside/],
    ['close outside the range', `${HEADER}2020-01-02,10,12,9,8,100\n`, /line 2: close 8 is outside/],
    ['duplicate time', `${HEADER}${GOOD}2020-01-03,11,12,10,12,50\n`, /line 4: duplicate time 2020-01-03/],
    ['unordered time', `${HEADER}${GOOD}2020-01-01,11,12,10,12,50\n`, /line 4: time 2020-01-01.* comes after/],
    [
      'a header in the middle, of files put one after the other',
      `${HEADER}2020-01-02,10,12,9,11,100\n\uFEFF${HEADER}2020-01-03,10,12,9,11,100\n`,
      /line 3: the header a second time: files that were put one after the other/,
    ],
    [
      'letters for a zone',
      `${HEADER}2020-01-02 09:30:00 EST,10,12,9,11,100\n`,
      /line 2: time "2020-01-02 09:30:00 EST" ends in the zone EST, and such letters stand for several/,
    ],
    ['JSON', '[[1672617600000, 100.0, 100.51, 99.69, 100.09, 657115.0]]', /JSON, in which no bars are read/],
    ['JSON lines', '{"time": 1672617600000, "open": 100.0}\n', /JSON, in which no bars are read/],
    ['JSON over lines', '[\n  {\n    "time": 1672617600000\n', /JSON, in which no bars are read/],
    ['no date', `${HEADER}2020-02-30,10,12,9,11,100\n`, /line 2: time "2020-02-30" is not a time/],
    ['a missing cell', `${HEADER}2020-01-02,10,12,9,11\n`, /line 2: 5 cells where the header has 6/],
    ['an empty symbol', `symbol,${HEADER},2020-01-02,10,12,9,11,1\n`, /line 2: symbol is empty/],
    ['an empty file', '', /the file is empty/],
    ['a header alone', HEADER, /a header and no bars/],
    ['a column named twice', 'time,open,open,high,low,close,volume\n', /the header names the column "open" twice/],
    ['an open quote', `${HEADER}"2020-01-02,10,12,9,11,100\n`, /line 2: a quote is never closed/],
    ['monthly bars', `${HEADER}2020-01-01,1,1,1,1,1\n2020-02-01,1,1,1,1,1\n`, /31 days or more apart/],
  ])('refuses %s with file and line', async (_what, content, message) => {
    const path = file(content);
    const error = await refusal(path);
    expect(error.message).toContain(path);
    expect(error.message).toMatch(message);
    expect(error.exitCode).toBe(2);
  });

  it('lists the first problems of a file with many, counts them, and says how to see them all', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, i) => `2020-01-${String(i + 1).padStart(2, '0')},10,${i % 3 === 0 ? '' : 12},9,11,100\n`,
    );
    const path = file(`${HEADER}${rows.join('')}`);
    const { message, remedy } = await refusal(path);
    expect(message).toBe(
      `${path}, line 2: high is empty. 10 problems in all; the next: line 5: high is empty; line 8: high is empty; line 11: high is empty; line 14: high is empty; ...`,
    );
    expect(remedy).toContain(`signalbox check --file ${path}`);
    const mixed = await refusal(
      file(`${HEADER}${GOOD}2020-01-02,10,8,9,,100\n2020-01-07,10,8,9,11,100\n"2020-01-08"x,1,1,1,1,1\n`),
    );
    expect(mixed.message).toMatch(
      /line 4: close is empty\. 4 problems in all; the next: line 4: time .* comes after .*; line 5: high 8 .*; line 6: .*quot/i,
    );
  });

  it('refuses a cut-off archive, a false one, a false Parquet file and a missing file', async () => {
    const packed = gzipSync(HEADER + GOOD.repeat(1));
    expect((await refusal(file(packed.subarray(0, packed.length - 12), 'cut.csv.gz'))).message).toContain(
      'damaged or cut off',
    );
    expect((await refusal(file(HEADER + GOOD, 'plain.csv.gz'))).message).toContain('not a gzip file');
    expect((await refusal(file(HEADER + GOOD, 'text.parquet'))).message).toContain('not a Parquet file');
    expect((await refusal(file('PAR1 and nothing else', 'broken.parquet'))).message).toContain(
      'not a readable Parquet file',
    );
    expect((await refusal(join(folder, 'absent.csv'))).message).toContain('absent.csv');
  });

  it('gives every bar back from CSV as it was', async () => {
    const calendar = calendarNamed('none');
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 60 }), async (seed, bars) => {
        const made = plantedBars({ seed, bars, symbol: 'X', calendar, volatility: 0.05 });
        const [read] = await readBarsFile(file([...barsCsv([made])].join(''), 'X.csv'), { calendar });
        expect(plain(read!)).toEqual(plain(made));
      }),
      { numRuns: 50 },
    );
  });

  it('reads Parquet as it reads CSV, and refuses the same', async () => {
    const made = plantedBars({ seed: 3, bars: 500, calendar: calendarNamed('none') });
    const write = (low: Float64Array): string => {
      const times = Array.from(made.openTimeMs, (timeMs) => new Date(timeMs));
      const columnData = [
        { name: 'Volume', data: Array.from(made.volume), type: 'DOUBLE' as const },
        { name: 'timestamp', data: times, type: 'TIMESTAMP' as const },
        ...(['open', 'high', 'close'] as const).map((name) => ({
          name,
          data: Array.from(made[name]),
          type: 'DOUBLE' as const,
        })),
        { name: 'low', data: Array.from(low), type: 'DOUBLE' as const },
      ];
      return file(new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 128 })), 'PLANTED.parquet');
    };
    const [read] = await readBarsFile(write(made.low));
    expect(plain(read!)).toEqual(plain(made));
    const spoiled = made.low.slice();
    spoiled[300] = NaN;
    expect((await refusal(write(spoiled))).message).toMatch(/PLANTED.parquet, row 301: low is not a finite number/);
  });
});

/** Columns as plain arrays: subarrays of larger buffers compare unequal otherwise. */
function plain(bars: BarColumns): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(bars).map(([name, value]) => [name, value instanceof Float64Array ? [...value] : value]),
  );
}

const QUOTES = join(REFERENCE_DIR, 'skender/quotes');

describeWith('reference', 'the hostile files of the reference', () => {
  it.each([
    ['bad', /bad.csv, line 202: time is empty/],
    ['mismatch', /mismatch.csv, line 21: time 2016-01-18.* comes after/],
    ['zeros', /zeros.csv, line 2: open is 0/],
  ])('refuses %s', async (name, message) => {
    expect((await refusal(join(QUOTES, `${name}.csv`))).message).toMatch(message);
  });

  it.each([
    ['default', 502],
    ['msft', 8111],
    ['spx', 8111],
    ['bitcoin', 1246],
    ['intraday', 1564],
    ['penny', 533],
    ['toobig', 1246],
    ['max', 502],
  ])('reads %s whole', async (name, length) => {
    const [bars] = await readBarsFile(join(QUOTES, `${name}.csv`));
    expect(bars!.length).toBe(length);
  });
});
