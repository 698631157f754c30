import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { dataHash } from '../bars/bar-fingerprint.ts';
import { readBars } from '../bars/bar-store.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { takeBars } from '../bars/compare-bars.ts';
import type { DataOptions } from '../data-options.ts';
import { ingest, type IngestReport } from './ingest.ts';
import { materialize } from '../materialized/materialize.ts';
import type { SeriesQuality } from '../quality/quality-store.ts';
import { requireQuality } from '../quality/quality-gate.ts';
import { qualityReport } from '../quality/quality-store.ts';
import { readBarsFile } from '../sources/files/bars-file.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';

const base: DataOptions = {
  source: 'sample',
  timeframe: '1d',
  calendar: 'us-equities',
  adjust: 'splits-and-dividends',
  simulated: { symbols: 3, bars: 500, seed: 1 },
  maxQualityErrors: 0,
};

let folder: string;
let database: TestDatabase;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingest-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const path = (): string => join(folder, 'X.csv');
const made = plantedBars({
  bars: 9000,
  seed: 8,
  symbol: 'X',
  calendar: calendarNamed('us-equities'),
  start: '1990-01-02',
});

/** Writes `bars` as the user's file and ingests it. */
async function ingestFile(
  bars: BarColumns,
  changes: { revise?: boolean; data?: Partial<DataOptions> } = {},
): Promise<IngestReport> {
  writeFileSync(path(), [...barsCsv([bars])].join(''));
  const data = { ...base, source: 'csv' as const, path: path(), ...changes.data };
  return ingest(database, { data, universe: ['X'], revise: changes.revise });
}

async function stored(report: IngestReport): Promise<BarColumns> {
  return (await readBars(database, [report.series[0]!.id]))[0]!;
}

async function count(table: string): Promise<number> {
  return (await database.pool.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)).rows[0]!.count;
}

const rows = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('ingest', () => {
  it('stores the sample once and gives it back', async () => {
    const first = await ingest(database, { data: base, universe: ['SPX'] });
    expect(first.inserted).toBe(5105);
    const { sourceStatement } = first.series[0]!;
    expect(sourceStatement).toMatch(
      /^S&P 500 index, daily: sp500-2000\.csv of the npm package vega-datasets .* Yahoo Finance/,
    );
    // The package links the Dow Jones index as the place of these values.
    expect(sourceStatement).not.toMatch(/DJI/);
    expect(sourceStatement).toContain('the values are those of the S&P 500');
    expect(first.series[0]!.quality).toMatchObject({ bars: 5105, errors: 0 });
    const bars = await stored(first);
    expect(bars.length).toBe(5105);
    expect(bars.close[5104]).toBe(2874.560059);
    expect(new Date(bars.openTimeMs[0]!).toISOString()).toBe('2000-01-03T14:30:00.000Z');
    expect(dataHash([bars])).toBe(first.dataHash);
    const second = await ingest(database, { data: base, universe: ['SPX'] });
    expect(second).toMatchObject({ inserted: 0, unchanged: 5105, revised: 0, dataHash: first.dataHash });
  });

  it('keeps to the days asked for, and hashes only those', async () => {
    const data = { ...base, from: '2008-01-01', to: '2008-12-31' };
    const part = await ingest(database, { data, universe: 'sample' });
    expect(part.inserted).toBe(253);
    const all = await ingest(database, { data: base, universe: 'sample' });
    expect(all.inserted).toBe(5105 - 253);
    const again = await ingest(database, { data, universe: 'sample' });
    expect(again).toMatchObject({ inserted: 0, unchanged: 253, dataHash: part.dataHash });
    expect(again.dataHash).not.toBe(all.dataHash);
  });

  it('gives a whole simulated universe by its name, with sectors', async () => {
    const report = await ingest(database, { data: { ...base, source: 'simulated' }, universe: 'simulated-12' });
    expect(report.series.map(({ symbol, bars }) => [symbol, bars])).toEqual(
      rows(1, 13).map((n) => [`SIM${String(n).padStart(3, '0')}`, 500]),
    );
    expect(new Set(report.series.map(({ instrument }) => instrument.sector)).size).toBe(8);
    expect(report.series[0]!.sourceStatement).toMatch(/^Simulated, not a real market/);
    const again = await ingest(database, { data: { ...base, source: 'simulated' }, universe: 'simulated-12' });
    expect(again).toMatchObject({ inserted: 0, dataHash: report.dataHash });
  });

  it('adds what a growing file adds, with the fingerprint of one clean read', async () => {
    await ingestFile(sliceBarColumns(made, 0, 5000));
    const grown = await ingestFile(made);
    expect(grown).toMatchObject({ inserted: 4000, unchanged: 5000, revised: 0, dataHash: dataHash([made]) });
    expect(await stored(grown)).toEqual(await firstOf(path()));
  });

  it('puts in bars that were missing in between or before', async () => {
    await ingestFile(takeBars(made, [...rows(500, 700), ...rows(900, 1200)]));
    const filled = await ingestFile(sliceBarColumns(made, 0, 1500));
    expect(filled).toMatchObject({
      inserted: 1000,
      unchanged: 500,
      dataHash: dataHash([sliceBarColumns(made, 0, 1500)]),
    });
    expect(filled.series[0]!).toMatchObject({
      bars: 1500,
      firstOpenMs: made.openTimeMs[0],
      lastOpenMs: made.openTimeMs[1499],
    });
  });

  it('refuses changed history, records it, and takes it over when told to', async () => {
    const before = await ingestFile(sliceBarColumns(made, 0, 100));
    const changed = takeBars(made, rows(0, 120));
    changed.volume[50]! += 1;
    await expect(ingestFile(changed)).rejects.toThrow(/History changed: 1 stored bar of X .* differ/);
    expect(await count('bars')).toBe(100);
    expect(dataHash([await stored(before)])).toBe(before.dataHash);
    const recorded = await database.pool.query<{ open_time: Date; accepted: boolean }>(
      'SELECT open_time, accepted FROM bar_changes',
    );
    expect(recorded.rows).toEqual([{ open_time: new Date(made.openTimeMs[50]!), accepted: false }]);
    const revised = await ingestFile(changed, { revise: true });
    expect(revised).toMatchObject({ inserted: 20, unchanged: 99, revised: 1, dataHash: dataHash([changed]) });
  });

  it('notices a bar that the source no longer has', async () => {
    await ingestFile(sliceBarColumns(made, 0, 100));
    const dropped = takeBars(made, [...rows(0, 40), ...rows(41, 100)]);
    await expect(ingestFile(dropped)).rejects.toThrow(/is no longer offered/);
    const revised = await ingestFile(dropped, { revise: true });
    expect(revised).toMatchObject({ inserted: 0, revised: 1, dataHash: dataHash([dropped]) });
  });

  it('takes away the end that a corrected file no longer has', async () => {
    const whole = await ingestFile(sliceBarColumns(made, 0, 100));
    const corrected = sliceBarColumns(made, 0, 90);
    await expect(ingestFile(corrected)).rejects.toThrow(/10 stored bars of X .* is no longer offered/);
    expect(dataHash([await stored(whole)])).toBe(whole.dataHash);
    const revised = await ingestFile(corrected, { revise: true });
    expect(revised).toMatchObject({ inserted: 0, unchanged: 90, revised: 10, dataHash: dataHash([corrected]) });
    expect(revised.series[0]).toMatchObject({ bars: 90, lastOpenMs: made.openTimeMs[89] });
    expect(await ingestFile(sliceBarColumns(made, 0, 95))).toMatchObject({ inserted: 5, unchanged: 90 });
  });

  it('takes away the beginning that a corrected file no longer has, where it is told to', async () => {
    await ingestFile(sliceBarColumns(made, 0, 100));
    // An export of the last months only is no correction.
    expect(await ingestFile(sliceBarColumns(made, 30, 110))).toMatchObject({ inserted: 10, unchanged: 70 });
    const corrected = sliceBarColumns(made, 40, 110);
    const revised = await ingestFile(corrected, { revise: true });
    expect(revised).toMatchObject({ inserted: 0, unchanged: 70, revised: 40, dataHash: dataHash([corrected]) });
    const other = sliceBarColumns(made, 200, 250);
    expect(await ingestFile(other, { revise: true })).toMatchObject({ revised: 70, dataHash: dataHash([other]) });
  });

  it('notices stored bars that the source leaves out before its newest ones', async () => {
    await ingestFile(sliceBarColumns(made, 0, 100));
    const later = takeBars(made, [...rows(0, 90), ...rows(100, 120)]);
    await expect(ingestFile(later)).rejects.toThrow(/10 stored bars of X .* is no longer offered/);
    const revised = await ingestFile(later, { revise: true });
    expect(revised).toMatchObject({ inserted: 20, revised: 10, dataHash: dataHash([later]) });
  });

  it('stores nothing of a file that the gate refuses', async () => {
    writeFileSync(path(), [...barsCsv([takeBars(made, [...rows(0, 40), ...rows(60, 100)])])].join(''));
    const gate = (quality: readonly SeriesQuality[]): void => requireQuality(quality, { maxQualityErrors: 0 });
    const data = { ...base, source: 'csv' as const, path: path() };
    await expect(ingest(database, { data, universe: ['X'], gate })).rejects.toThrow(/2 quality errors/);
    expect(await count('bars')).toBe(0);
    expect(await count('bar_series')).toBe(0);
  });

  it('computes feature rows again after a revision, and only then', async () => {
    const set = parseFeatureSet(['rsi(14)'], { timeframe: '1d', symbols: ['X'] });
    const run = async (report: IngestReport): Promise<unknown> => materialize(database, { set, ...report });
    expect(await run(await ingestFile(sliceBarColumns(made, 0, 100)))).toEqual({ rows: 100, inserted: 100 });
    expect(await run(await ingestFile(sliceBarColumns(made, 0, 150)))).toEqual({ rows: 150, inserted: 50 });
    const changed = takeBars(made, rows(0, 150));
    changed.volume[50]! += 1;
    expect(await run(await ingestFile(changed, { revise: true }))).toEqual({ rows: 150, inserted: 150 });
  });

  it('writes nothing of a bad file', async () => {
    const bad = takeBars(made, rows(0, 200));
    bad.high[150] = bad.low[150]! / 2;
    await expect(ingestFile(bad)).rejects.toThrow(/line 152: high .* is below low/);
    expect(await count('bars')).toBe(0);
    expect(await count('bar_series')).toBe(0);
  });

  it('reports gaps until they are filled, and the gate refuses them', async () => {
    const holed = await ingestFile(takeBars(made, [...rows(0, 40), ...rows(60, 100)]));
    const quality = holed.series.map((one) => one.quality);
    // The gap, and the share of the bars that it takes.
    expect(quality[0]).toMatchObject({ errors: 2, warnings: 0 });
    expect(quality[0]!.findings[0]).toMatchObject({ check: 'gaps', severity: 'error', bars: 20 });
    expect(() => requireQuality(quality, { maxQualityErrors: 0 })).toThrow(/2 quality errors; the experiment allows 0/);
    expect(() => requireQuality(quality, { maxQualityErrors: 2 })).not.toThrow();
    const filled = await ingestFile(sliceBarColumns(made, 0, 100));
    expect(filled.series[0]!.quality).toMatchObject({ errors: 0, findings: [] });
  });

  it('stores every finding of bars that are missing all over, and the gate refuses their share', async () => {
    const many = plantedBars({ bars: 3000, seed: 1, symbol: 'X' });
    const { series } = await ingestFile(
      takeBars(
        many,
        rows(0, 3000).filter((row) => row % 6 !== 5),
      ),
    );
    const [first] = series.map(({ quality }) => quality);
    expect(first).toMatchObject({ errors: 1, warnings: 499 });
    expect(await count('quality_findings')).toBe(500);
    const [again] = await qualityReport(database, [series[0]!.id]);
    expect(again).toEqual(first);
    expect(() => requireQuality([first!], { maxQualityErrors: 0 })).toThrow(
      /499 of 2999 expected bars are missing in 499 gaps.*16\.6 %/,
    );
  });

  it('resamples a finer file to the size asked for', async () => {
    const minutes = plantedBars({ bars: 390 * 3, seed: 1, symbol: 'X', timeframe: '1m', start: '2020-01-06' });
    const report = await ingestFile(minutes, { data: { timeframe: '1h' } });
    expect(report.series[0]!).toMatchObject({ bars: 21, timeframe: '1h' });
    await expect(ingestFile(sliceBarColumns(made, 0, 9), { data: { timeframe: '1m' } })).rejects.toThrow(
      /are 1d, and 1m was asked for/,
    );
  });

  it('keeps every version of a file given by --bars as a series of its own', async () => {
    writeFileSync(path(), [...barsCsv([sliceBarColumns(made, 0, 50)])].join(''));
    const first = await ingest(database, { data: base, universe: ['SPX'], barsFiles: [path()] });
    expect(first.series[0]!).toMatchObject({ symbol: 'SPX', bars: 50, calendar: 'none' });
    const changed = takeBars(made, rows(0, 50));
    changed.volume[3] = 1;
    writeFileSync(path(), [...barsCsv([changed])].join(''));
    const second = await ingest(database, { data: base, universe: ['SPX'], barsFiles: [path()] });
    expect(second.inserted).toBe(50);
    expect(second.dataHash).not.toBe(first.dataHash);
  });

  it('names what a source does not have', async () => {
    await expect(ingest(database, { data: base, universe: ['AAPL'] })).rejects.toThrow(
      /no symbol "AAPL": it holds SPX/,
    );
    const simulated = { ...base, source: 'simulated' as const };
    await expect(ingest(database, { data: simulated, universe: ['SPX'] })).rejects.toThrow(/no symbol "SPX"/);
    await expect(ingest(database, { data: { ...base, source: 'alpaca' }, universe: ['SPX'] })).rejects.toThrow(
      /alpaca is not offered here/,
    );
  });

  it('is written once by two at the same time', async () => {
    const data = { ...base, source: 'simulated' as const };
    const both = await Promise.all([1, 2].map(() => ingest(database, { data, universe: 'simulated-3' })));
    expect(await count('bars')).toBe(1500);
    expect(both[0]!.dataHash).toBe(both[1]!.dataHash);
    expect(both[0]!.inserted + both[1]!.inserted).toBe(1500);
  });
});

async function firstOf(file: string): Promise<BarColumns> {
  return (await readBarsFile(file, { calendar: calendarNamed('us-equities') }))[0]!;
}
