import { beforeEach, describe, expect, it } from 'vitest';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { dataHash, fingerprintOf } from '../../pipelines/bars/bar-fingerprint.ts';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import { readBars } from '../../pipelines/bars/bar-store.ts';
import type { DataOptions } from '../../pipelines/data-options.ts';
import { readFeatures } from '../../pipelines/materialized/feature-store.ts';
import { featureViewName } from '../../pipelines/materialized/feature-view.ts';
import { ingest, type IngestReport } from '../../pipelines/ingest/ingest.ts';
import { materialize } from '../../pipelines/materialized/materialize.ts';
import { NeededDataError, retain, type RetainReport } from './retain.ts';
import { listPartitions } from '../../pipelines/retention/partitions.ts';

/** 700 daily bars from 2010-01-04 on: 2010, 2011 and the most of 2012. */
const data: DataOptions = {
  source: 'simulated',
  timeframe: '1d',
  calendar: 'us-equities',
  adjust: 'raw',
  simulated: { symbols: 2, bars: 700, seed: 5 },
  maxQualityErrors: 0,
};
const symbols = ['SIM001', 'SIM002'];
const set = parseFeatureSet(['return(1)', 'ema(20)'], { timeframe: '1d', symbols });
const until = (year: number): number => Date.UTC(year, 0, 1);

let database: TestDatabase;
let report: IngestReport;
let ids: number[];

async function fill(): Promise<IngestReport> {
  report = await ingest(database, { data, universe: 'simulated-2' });
  ids = report.series.map(({ id }) => id);
  await materialize(database, { set, series: report.series, range: report.range });
  return report;
}

beforeEach(async () => {
  database = await createTestDatabase();
  await fill();
  return () => database.drop();
});

/** Everything that retention may touch, as text. */
async function contents(): Promise<string> {
  const counts = (await listPartitions(database.pool)).map(({ name, rows }) => [name, rows]);
  const series = await database.pool.query('SELECT * FROM bar_series ORDER BY id');
  const made = await database.pool.query(
    'SELECT id, row_count, dropped_before FROM feature_materializations ORDER BY id',
  );
  return JSON.stringify([counts, series.rows, made.rows]);
}

async function train(seriesId: number, range: { from: number | null; to: number | null }): Promise<void> {
  const plan = { series: [{ id: seriesId }], fromMs: range.from, toMs: range.to };
  await database.pool.query(
    `INSERT INTO trainings (hash, experiment_name, experiment_hash, data_hash, feature_set_hash, backend, plan)
     VALUES ('t' || (SELECT count(*) FROM trainings), 'trained', 'e', 'd', $1, 'none', $2)`,
    [set.hash, JSON.stringify(plan)],
  );
}

const names = ({ partitions }: RetainReport): string[] => partitions.map(({ name }) => name);

describe('partitions', () => {
  it('are one per year and table, and one ahead', async () => {
    const partitions = await listPartitions(database.pool);
    expect(partitions.map(({ name }) => name)).toEqual([
      'bars_2010',
      'bars_2011',
      'bars_2012',
      'bars_2013',
      'feature_rows_2010',
      'feature_rows_2011',
      'feature_rows_2012',
      'feature_rows_2013',
    ]);
    expect(partitions.filter(({ table }) => table === 'bars').map(({ rows }) => rows)).toEqual([504, 504, 392, 0]);
    expect(partitions[0]).toMatchObject({ year: 2010, fromMs: until(2010), toMs: until(2011) });
    expect(partitions[0]!.bytes).toBeGreaterThan(8192);
  });
});

describe('retention of bars', () => {
  it('drops whole years, and the series are what is left', async () => {
    const dropped = await retain(database, { barsBeforeMs: Date.UTC(2012, 5, 1) });
    expect(names(dropped)).toEqual(['bars_2010', 'bars_2011']);
    expect(dropped).toMatchObject({ rows: 2016 - 1008, series: 2, neededBy: [], dryRun: false });
    const { rows } = await database.pool.query<{ bar_count: number; first_open_time: Date; revision: number }>(
      'SELECT bar_count, first_open_time, revision FROM bar_series ORDER BY id',
    );
    expect(rows.map(({ bar_count, revision }) => [bar_count, revision])).toEqual([
      [196, 1],
      [196, 1],
    ]);
    expect(rows[0]!.first_open_time.toISOString().slice(0, 10)).toBe('2012-01-03');
    // A part is what it says it is: its hash is that of the bars that are there, and features are those of these bars.
    const later = { ...data, from: '2012-01-01' };
    const part = await ingest(database, { data: { ...later, source: 'simulated' }, universe: 'simulated-2' });
    expect(part.series[0]!.id).not.toBe(ids[0]);
    const [bars] = await readBars(database, [ids[0]!]);
    const own = await database.pool.query('SELECT block_hashes, bar_count FROM bar_series WHERE id = $1', [ids[0]]);
    expect(own.rows[0]!.bar_count).toBe(bars!.length);
    const done = await materialize(database, { set, series: report.series, range: report.range });
    expect(done).toEqual({ rows: 392, inserted: 392 });
  });

  it('is undone by wanting them again: the source is asked for all of them', async () => {
    const before = await readBars(database, ids);
    const features = await readFeatures(database, set.hash, ids);
    await retain(database, { barsBeforeMs: until(2012) });
    const again = await fill();
    expect(again.inserted).toBe(1008);
    expect(again.dataHash).toBe(dataHash(before));
    expect(await readFeatures(database, set.hash, ids)).toEqual(features);
    expect((await fill()).inserted).toBe(0);
  });

  it('says what it would do, and does nothing, when asked to', async () => {
    const before = await contents();
    await train(ids[1]!, { from: null, to: null });
    const would = await retain(database, { barsBeforeMs: until(2012), featuresBeforeMs: until(2011), dryRun: true });
    expect(names(would)).toEqual(['bars_2010', 'bars_2011', 'feature_rows_2010']);
    expect(would.neededBy).toHaveLength(1);
    expect(await contents()).toBe(before);
  });

  it('keeps what a stored training was made from, unless forced', async () => {
    await train(ids[1]!, { from: until(2011), to: until(2012) });
    const before = await contents();
    await expect(retain(database, { barsBeforeMs: until(2012) })).rejects.toThrow(NeededDataError);
    await expect(retain(database, { featuresBeforeMs: until(2012) })).rejects.toThrow(/1 stored training of trained/);
    expect(await contents()).toBe(before);
    expect(names(await retain(database, { barsBeforeMs: until(2011) }))).toEqual(['bars_2010']);
    const forced = await retain(database, { barsBeforeMs: until(2012), force: true });
    expect(names(forced)).toEqual(['bars_2011']);
    expect(forced.neededBy.map(({ experiment }) => experiment)).toEqual(['trained']);
  });

  it('waits for writers, and they for it: no series loses or doubles a bar', async () => {
    const writing = [11, 12, 13, 14].map(async (seed) => {
      const simulated = { ...data.simulated, seed };
      const { series, range } = await ingest(database, { data: { ...data, simulated }, universe: 'simulated-2' });
      await materialize(database, { set, series, range });
    });
    const retaining = (async () => {
      for (const year of [2011, 2012, 2012, 2012])
        await retain(database, { barsBeforeMs: until(year), featuresBeforeMs: until(year) });
    })();
    await Promise.all([...writing, retaining]);
    const { rows } = await database.pool.query<{ id: number; bar_count: number; stored: number }>(
      `SELECT id, bar_count, (SELECT count(*) FROM bars WHERE series_id = s.id) AS stored FROM bar_series s ORDER BY id`,
    );
    expect(rows).toHaveLength(10);
    for (const { bar_count, stored } of rows) expect(bar_count).toBe(stored);
    const fingerprints = new Map(
      (
        await findSeries(
          database.pool,
          rows.map(({ id }) => id),
        )
      ).map((one) => [one.id, one.fingerprint]),
    );
    for (const { id } of rows) {
      const [bars] = await readBars(database, [id]);
      expect(fingerprintOf(bars!)).toBe(fingerprints.get(id));
    }
  });

  it('is all or nothing', async () => {
    const before = await contents();
    // Fails at its last step, after everything else has been dropped.
    await database.pool.query('CREATE VIEW in_the_way AS SELECT * FROM feature_rows_2011');
    const all = { barsBeforeMs: until(2012), featuresBeforeMs: until(2012) };
    await expect(retain(database, all)).rejects.toThrow(/in_the_way|depend/);
    expect(await contents()).toBe(before);
    await database.pool.query('DROP VIEW in_the_way');
    expect(names(await retain(database, all))).toHaveLength(4);
  });
});

describe('retention of features', () => {
  it('drops whole years; the rest does not pass for the whole, and materialize restores it', async () => {
    const before = await readFeatures(database, set.hash, ids);
    const dropped = await retain(database, { featuresBeforeMs: until(2011) });
    expect(names(dropped)).toEqual(['feature_rows_2010']);
    await expect(readFeatures(database, set.hash, ids)).rejects.toThrow(/before 2011-01-01 were removed by retention/);
    const [rest] = await readFeatures(database, set.hash, ids, { fromMs: until(2011) });
    expect(rest!.length).toBe(448);
    await materialize(database, { set, series: report.series, range: report.range });
    expect(await readFeatures(database, set.hash, ids)).toEqual(before);
  });

  it('deletes rows of revised bars, and sets and views that nothing is left of', async () => {
    const other = parseFeatureSet(['rsi(14)'], { timeframe: '1d', symbols });
    await materialize(database, { set: other, series: report.series, range: report.range });
    expect((await retain(database, { superseded: true })).rows).toBe(0);
    await database.pool.query('UPDATE bar_series SET revision = revision + 1 WHERE id = $1', [ids[0]]);
    await materialize(database, { set: other, series: report.series, range: report.range });
    const first = await retain(database, { superseded: true });
    expect(first.superseded).toMatchObject([{ setHash: set.hash, reason: 'bars revised', rows: 700 }]);
    await database.pool.query('UPDATE bar_series SET revision = revision + 1 WHERE id = $1', [ids[1]]);
    await retain(database, { superseded: true });
    const found = await database.pool.query<{ view: string | null; sets: number }>(
      'SELECT to_regclass($1) AS view, (SELECT count(*) FROM feature_sets) AS sets',
      [featureViewName(set)],
    );
    expect(found.rows[0]).toEqual({ view: null, sets: 1 });
  });
});
