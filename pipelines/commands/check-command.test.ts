import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { CommandOutput } from '../../infra/command.ts';
import { loadConfig } from '../../infra/config.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { runCheck, type CheckOptions } from './check-command.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { fileContext } from '../testing/file-context.ts';
import { scratchFiles } from '../testing/scratch-files.ts';

const { file, folder } = scratchFiles('check');

interface Report {
  readonly errors: number;
  readonly series: readonly {
    readonly symbol: string;
    readonly bars: number;
    readonly errors: number;
    readonly warnings: number;
    readonly findings: readonly {
      readonly check: string;
      readonly severity: string;
      readonly time: string | null;
      readonly file: string;
      readonly line: number;
      readonly message: string;
    }[];
  }[];
}

const check = (path: string, options: CheckOptions = {}): Promise<CommandOutput> =>
  runCheck(fileContext(), { file: path, ...options });

async function report(path: string, options: CheckOptions = {}): Promise<Report> {
  return JSON.parse(JSON.stringify((await check(path, options)).value)) as Report;
}

/** Findings of all series as `line check`. */
const lines = ({ series }: Report): string[] =>
  series.flatMap(({ findings }) => findings.map(({ line, check: name }) => `${line} ${name}`));

const HEADER = 'time,open,high,low,close,volume';
const BAD = [
  HEADER,
  '2020-01-02,10,12,9,11,100',
  '2020-01-03,10,NaN,9,11,100',
  '2020-01-06,10,12,9,,',
  '2020-01-07,10,8,9,10,100',
  '2020-01-08,0,12,0,11,100',
  '2020-01-08,10,12,9,11,100',
  '2020-01-09,10,12,9,11',
  'yesterday,10,12,9,11,100',
  '2020-01-10,10,12,9,11,-1',
  '2020-01-07,10,12,9,11,100',
  '2020-01-13,10,1e999,9,11,100',
  '2020-01-14,10,12,9,11,100',
];

describe('check --file', () => {
  it('lists everything that is wrong with a file, by line, and exits with 1', async () => {
    const path = file(BAD.join('\n'));
    const found = await report(path);
    expect(lines(found)).toEqual([
      '3 not-a-number',
      '4 not-a-number',
      '5 impossible-prices',
      '6 impossible-prices',
      '7 time-order',
      '8 unreadable-rows',
      '9 unreadable-rows',
      '10 impossible-prices',
      '11 time-order',
      '11 time-order',
      '12 not-a-number',
    ]);
    const [{ findings, ...series }] = found.series as [Report['series'][number]];
    expect(series).toMatchObject({ bars: 8, errors: 11, warnings: 0 });
    expect(found.errors).toBe(11);
    expect(findings.map(({ file: named }) => named)).toEqual(findings.map(() => path));
    expect(findings[1]).toMatchObject({ severity: 'error', time: '2020-01-06T00:00:00.000Z' });
    expect(findings[1]!.message).toBe('close is empty, volume is empty.');
    expect(findings[6]).toMatchObject({ time: null, message: 'time "yesterday" is not a time.' });
    expect(findings.filter(({ line }) => line === 11).map(({ message }) => message)).toEqual([
      expect.stringMatching(/comes after 2020-01-10/),
      expect.stringMatching(/repeats the time of line 5/),
    ]);
    expect((await check(path)).exitCode).toBe(1);
  });

  it('shows every one of them on a terminal too, with its line', async () => {
    const text = (await check(file(BAD.join('\n')))).text();
    expect(text).toMatch(/8 bars, 11 errors/);
    for (const line of [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) expect(text).toMatch(new RegExp(`line ${line}\\b`));
    const many = [HEADER, ...Array.from({ length: 50 }, (_, i) => `${1577975400 + i * 300},10,9,12,10,1`)];
    expect((await check(file(many.join('\n')))).text().match(/impossible-prices/g)).toHaveLength(50);
  });

  it('says where the findings of the other checks are, which see the bars in order of time and without what is wrong', async () => {
    const made = plantedBars({ bars: 60, seed: 3, symbol: 'X', calendar: calendarNamed('us-equities') });
    const rows = [...barsCsv([made])].join('').trimEnd().split('\n');
    rows[10] = rows[10]!.replace(/,[^,]*$/, ',none');
    const holed = file([...rows.slice(0, 31), ...rows.slice(37)].join('\n'));
    expect(lines(await report(holed, { calendar: 'us-equities' }))).toEqual(['11 not-a-number', '32 gaps', '32 gaps']);
    const backwards = file([rows[0], ...rows.slice(1, 10), ...rows.slice(11, 31), rows[10]].join('\n'));
    expect(lines(await report(backwards, { calendar: 'us-equities' }))).toEqual(['31 not-a-number', '31 time-order']);
  });

  it('finds nothing in clean bars and exits with 0', async () => {
    const made = plantedBars({ bars: 60, seed: 3, symbol: 'X', calendar: calendarNamed('none') });
    const clean = await check(file([...barsCsv([made])].join('')));
    expect(clean.value).toMatchObject({ errors: 0, series: [{ bars: 60, findings: [] }] });
    expect(clean.exitCode).toBe(0);
  });

  it('keeps symbols, files and lines apart, also where a row does not say whose it is', async () => {
    const path = join(folder, 'several');
    mkdirSync(path);
    writeFileSync(
      join(path, '1.csv'),
      `symbol,${HEADER}\nA,2020-01-02,1,1,1,1,1\nB,2020-01-02,1,1,2,1,1\n,2020-01-02,1,1,1,1,1`,
    );
    writeFileSync(join(path, '2.csv'), `symbol,${HEADER}\nA,2020-01-02,1,1,1,1,1\nB,2020-01-03,1,1,1,1,1`);
    const { series } = await report(path);
    expect(
      series.map(({ symbol, bars, findings }) => [
        symbol,
        bars,
        ...findings.map((one) => `${one.file.slice(-5)} ${one.line}`),
      ]),
    ).toEqual([
      ['', 0, '1.csv 4'],
      ['A', 1, '2.csv 2'],
      ['B', 2, '1.csv 3'],
    ]);
    expect((await report(path, { symbol: 'B' })).series.map(({ symbol }) => symbol)).toEqual(['', 'B']);
    await expect(check(path, { symbol: 'NOPE' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/no bars for NOPE/) as string,
    });
  });

  it('reads Parquet files the same way', async () => {
    const data = parquetWriteBuffer({
      columnData: [
        { name: 'time', data: ['2020-01-02', '2020-01-03', 'never', '2020-01-03'], type: 'STRING' },
        ...['open', 'high', 'low', 'close'].map((name) => ({ name, data: [1, NaN, 1, 1], type: 'DOUBLE' as const })),
        { name: 'volume', data: [1, 1, 1, 1], type: 'DOUBLE' },
      ],
    });
    const found = await report(file(new Uint8Array(data), 'x.parquet'));
    expect(lines(found)).toEqual(['2 not-a-number', '3 unreadable-rows', '4 time-order']);
  });

  it('looks at the days asked for', async () => {
    const path = file(BAD.join('\n'));
    const found = await report(path, { from: '2020-01-06', to: '2020-01-08' });
    // A row whose time cannot be read may be of any day.
    expect(lines(found)).toEqual([
      ...[
        '4 not-a-number',
        '5 impossible-prices',
        '6 impossible-prices',
        '7 time-order',
        '8 unreadable-rows',
        '9 unreadable-rows',
      ],
      ...['11 time-order', '11 time-order'],
    ]);
    expect(found.series[0]!.bars).toBe(3);
    await expect(check(path, { from: '2021-01-01' })).resolves.toMatchObject({ value: { series: [{ bars: 0 }] } });
    await expect(check(path, { from: 'soon' })).rejects.toThrow(/--from soon is not a date/);
  });

  it('uses the actions, and says where bars were adjusted already', async () => {
    const made = plantedBars({ bars: 60, seed: 3, symbol: 'X', calendar: calendarNamed('none') });
    const path = file([...barsCsv([made])].join(''), 'X.csv');
    const exDate = new Date(made.openTimeMs[30]!).toISOString().slice(0, 10);
    const actions = file(`symbol,type,exDate,ratio\nX,split,${exDate},7\n`);
    const { series } = await report(path, { actions });
    expect(series[0]!.findings).toMatchObject([{ check: 'already-adjusted', severity: 'error', line: 32 }]);
    expect(series[0]!.findings[0]!.message).toContain(exDate);
    expect((await report(path, { actions: 'none' })).errors).toBe(0);
    await expect(check(path, { actions, symbol: 'NOPE' })).rejects.toThrow(/none of its symbols/);
  });

  it.each<[string, CheckOptions]>([
    ['--adjust', { adjust: 'raw' }],
    ['--vendor', { vendor: 'csv' }],
    ['--path', { path: 'x.csv' }],
    ['--seed', { seed: '1' }],
    ['--bars', { bars: '1' }],
    ['--revise', { revise: true }],
  ])('refuses %s, which does nothing there', async (name, options) => {
    await expect(check(file(BAD.join('\n')), options)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(name) as string,
    });
  });

  it('refuses with 2 what is no bars file at all', async () => {
    await expect(check(join(folder, 'absent.csv'))).rejects.toMatchObject({ exitCode: 2 });
    await expect(check(file('a,b\n1,2\n'))).rejects.toMatchObject({ exitCode: 2 });
    await expect(check(file(`${HEADER}\n`))).rejects.toMatchObject({ exitCode: 2 });
  });

  it('reports a file of which no row can be read', async () => {
    const found = await report(file(`${HEADER}\n,1,1,1,1,1\nx,1,1,1,1,1\n`));
    expect(found.series).toMatchObject([{ bars: 0, errors: 2 }]);
  });

  it('is not led astray by one time that cannot be', async () => {
    const made = plantedBars({ bars: 60, seed: 3, symbol: 'X', calendar: calendarNamed('none') });
    const rows = [...barsCsv([made])].join('').trimEnd().split('\n');
    const odd = rows.slice();
    odd[20] = odd[20]!.replace(/^[^,]*/, '2099-01-01T00:00:00.000Z');
    expect(lines(await report(file(odd.join('\n'))))).toEqual(['22 time-order']);
    const close = rows.toSpliced(21, 0, rows[20]!.replace(/T00:00:00/, 'T00:00:30'));
    expect(lines(await report(file(close.join('\n'))))).toEqual(['22 odd-times']);
  });
});

const QUOTES = join(loadConfig().referenceDir, 'skender/quotes');
describeWith('reference', 'check --file on a file made to be bad', () => {
  it('finds each of its bad rows in one run', async () => {
    const path = join(QUOTES, 'bad.csv');
    const found = await report(path);
    const rows = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((row) => row.trim().split(','));
    const linesWhere = (is: (cells: string[]) => boolean): number[] =>
      rows.flatMap((row, i) => (is(row) ? [i + 1] : []));
    const linesOf = (name: string): number[] =>
      found.series[0]!.findings.filter((one) => one.check === name).map(({ line }) => line);
    expect(linesOf('unreadable-rows')).toEqual(linesWhere(([time]) => time === ''));
    expect(linesOf('not-a-number')).toEqual(linesWhere(([time, ...cells]) => time !== '' && cells.includes('')));
    const zeros = linesWhere(([time, ...cells]) => time !== '' && cells.every((cell) => cell === '0'));
    expect(zeros).toHaveLength(51);
    expect(linesOf('impossible-prices')).toEqual(expect.arrayContaining(zeros));
    // 225 for two and a half months.
    expect(linesOf('stale-runs')).toEqual([53]);
  });
});
