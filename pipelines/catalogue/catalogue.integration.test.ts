import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../infra/command.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { fingerprintOf } from '../bars/bar-fingerprint.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { listSeries } from '../bars/bar-series-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { takeBars } from '../bars/compare-bars.ts';
import { runIngest } from '../commands/command-actions.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { fileContext } from '../testing/file-context.ts';
import { scratchFiles } from '../testing/scratch-files.ts';
import { barsByTrading } from './bars-command.ts';
import { compactData, exportData, listData, queryData } from './catalogue-commands.ts';

const { file, folder } = scratchFiles('catalogue');
const calendar = calendarNamed('us-equities');
const made = (symbol: string, seed: number) => plantedBars({ bars: 300, seed, symbol, calendar, start: '2015-01-02' });
const [a, b] = [made('A', 1), made('B', 2)];
/** B lacks ten days. */
const holed = takeBars(
  b,
  Array.from({ length: 300 }, (_, row) => row).filter((row) => row < 100 || row >= 110),
);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const path = file([...barsCsv([a, holed])].join(''), 'AB.csv');
  await runIngest(context(), {
    vendor: 'csv',
    path,
    calendar: 'us-equities',
    timeframe: '1d',
    config: undefined,
  } as never);
});
afterAll(() => database.drop());
const context = (): CommandContext => ({ ...fileContext(), database: () => Promise.resolve(database) });

interface Listed {
  readonly bars: number;
  readonly bytes: number;
  readonly series: readonly { symbol: string; bars: number; missing: number; hash: string; from: string }[];
}

describe('the catalogue of stored data', () => {
  it('has every series with its range, what it lacks, and the hash of its bars', async () => {
    const { value, text } = await listData(context(), {});
    const { series, bars, bytes } = value as Listed;
    expect(series.map((one) => [one.symbol, one.bars, one.missing, one.hash])).toEqual([
      ['A', 300, 0, fingerprintOf(a)],
      ['B', 290, 10, fingerprintOf(holed)],
    ]);
    expect(series[0]!.from).toBe(new Date(a.openTimeMs[0]!).toISOString());
    expect(bars).toBe(590);
    expect(bytes).toBeGreaterThan(590 * 56);
    expect(text()).toContain('2 series, 590 bars');
  });

  it('gives the last bars of a range', async () => {
    const day = new Date(a.openTimeMs[50]!).toISOString().slice(0, 10);
    const { value } = await queryData(context(), { symbol: 'A', to: day, limit: '2' });
    const { bars, total } = value as { bars: { time: string; close: number }[]; total: number };
    expect(total).toBe(51);
    expect(bars.map(({ close }) => close)).toEqual([a.close[49], a.close[50]]);
  });

  it('writes bars that are read again as they were, with the hash of the series beside them', async () => {
    const out = join(folder, 'out.csv');
    const { value } = await exportData(context(), { out });
    expect(value).toMatchObject({ rows: 590, hashes: { A: fingerprintOf(a), B: fingerprintOf(holed) } });
    const rows = parse(readFileSync(out, 'utf8'), { columns: true }) as { symbol: string; close: string }[];
    const closes = rows.filter(({ symbol }) => symbol === 'B').map(({ close }) => Number(close));
    expect(closes).toEqual([...holed.close]);
    const { value: part } = await exportData(context(), { out, symbol: 'A', from: '2015-06-01' });
    expect(part).toMatchObject({ hashes: { A: null } });
  });

  it('gives back room of rows that are gone', async () => {
    await database.pool.query('CREATE TABLE kept AS SELECT * FROM bars');
    await database.pool.query('DELETE FROM bars');
    const { value } = await compactData(context(), { full: true });
    const { before, after } = value as { before: number; after: number };
    expect(after).toBeLessThan(before);
    await database.pool.query('INSERT INTO bars SELECT * FROM kept');
    await database.pool.query('DROP TABLE kept');
    const [series] = await listSeries(database.pool);
    expect((await queryData(context(), { series: String(series!.id) })).value).toMatchObject({ total: 300 });
  });

  it.each([
    [() => listData(context(), { symbol: 'C' }), /No stored series is meant/],
    [() => queryData(context(), { limit: '0' }), /--limit 0/],
    [() => queryData(context(), { from: '2016-01-01', to: '2015-01-01' }), /--from 2016-01-01 comes after/],
    [() => queryData(context(), { from: 'May' }), /--from May is not a date/],
    [() => exportData(context(), { out: 'x.doc' }), /ends in .doc/],
  ])('refuses what it cannot give: %#', async (ask, message) => {
    await expect(ask()).rejects.toThrow(message);
  });
});

describe('bars by trading of a file', () => {
  it('are written with what was traded in each', async () => {
    const path = file('time,price,size\n1704189600000,5,2\n1704189600001,6,3\n1704189600002,7,1\n', 'T.csv');
    const out = join(folder, 'bars.csv');
    const { value } = await barsByTrading(context(), { trades: path, by: 'volume', size: '5', out });
    expect(value).toMatchObject({ bars: 1, series: [{ symbol: 'T', volume: 5, rest: { volume: 1 } }] });
    expect(readFileSync(out, 'utf8').split('\n')[1]).toBe(
      '2024-01-02T10:00:00.001Z,T,5,6,5,6,5,2024-01-02T10:00:00.001Z,2,28',
    );
  });

  it.each([
    [{ by: 'volume', size: '5' }, /Give either --trades or --bars/],
    [{ bars: 'x.csv', by: 'ticks', size: '5' }, /trades cannot be counted in bars/],
    [{ trades: 'x.csv', by: 'tick', size: '5' }, /--by tick: unknown/],
    [{ trades: 'x.csv', by: 'ticks', size: 'five' }, /--size five/],
    [{ trades: 'x.csv', by: 'ticks', size: '5', cell: '1d' }, /--cell 1d/],
    [{ bars: 'x.csv', by: 'volume', size: '5', cell: '1m' }, /--cell: finer bars/],
  ])('are refused: %j', async (options, message) => {
    await expect(barsByTrading(context(), { out: join(folder, 'o.csv'), ...options })).rejects.toThrow(message);
  });
});
