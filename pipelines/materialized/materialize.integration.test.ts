import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeFeatures, FeatureStream } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { barAt } from '../../features/bar.ts';
import { readBars } from '../bars/bar-store.ts';
import type { DataOptions } from '../data-options.ts';
import { readFeatures } from './feature-store.ts';
import { featureViewName } from './feature-view.ts';
import { ingest, type IngestReport } from '../ingest/ingest.ts';
import { materialize } from './materialize.ts';

const data: DataOptions = {
  source: 'simulated',
  timeframe: '1d',
  calendar: 'us-equities',
  adjust: 'splits-and-dividends',
  simulated: { symbols: 3, bars: 400, seed: 5 },
  maxQualityErrors: 0,
};

const alone = ['return(1)', 'rsi(14)', 'bollinger(20,2)'];
const compared = ['rank(roc(5))', 'beta(SIM002,20)'];

describe('materialize', () => {
  let database: TestDatabase;
  let report: IngestReport;
  const symbols = ['SIM001', 'SIM002', 'SIM003'];

  beforeAll(async () => {
    database = await createTestDatabase();
    report = await ingest(database, { data, universe: 'simulated-3' });
  });
  afterAll(() => database.drop());

  for (const features of [alone, compared]) {
    it(`stores the rows that the batch path computes: ${features.join(' ')}`, async () => {
      const set = parseFeatureSet(features, { timeframe: '1d', symbols });
      const { series, range } = report;
      expect(await materialize(database, { set, series, range })).toEqual({ rows: 1200, inserted: 1200 });
      expect(await materialize(database, { set, series, range })).toEqual({ rows: 1200, inserted: 0 });
      const ids = series.map(({ id }) => id);
      const bars = await readBars(database, ids);
      const stored = await readFeatures(database, set.hash, ids);
      expect(stored).toEqual(computeFeatures(set, bars));
    });
  }

  it('computes every row again when asked to, and none otherwise', async () => {
    const set = parseFeatureSet(alone, { timeframe: '1d', symbols });
    const { series, range } = report;
    const ids = series.map(({ id }) => id);
    const before = await readFeatures(database, set.hash, ids);
    await database.pool.query(
      `UPDATE feature_rows SET values[1] = 42 WHERE materialization_id IN
         (SELECT id FROM feature_materializations WHERE set_hash = $1)`,
      [set.hash],
    );
    expect(await materialize(database, { set, series, range })).toEqual({ rows: 1200, inserted: 0 });
    expect((await readFeatures(database, set.hash, ids))[0]!.values[0]).toBe(42);
    expect(await materialize(database, { set, series, range, fresh: true })).toEqual({ rows: 1200, inserted: 1200 });
    expect(await readFeatures(database, set.hash, ids)).toEqual(before);
  });

  it('reads only what was known at a time', async () => {
    const set = parseFeatureSet(alone, { timeframe: '1d', symbols });
    const ids = report.series.map(({ id }) => id);
    const [all] = await readFeatures(database, set.hash, ids);
    const toMs = all!.closeTimeMs[99]!;
    const [early] = await readFeatures(database, set.hash, ids, { toMs });
    expect(early!.length).toBe(100);
    const [earlier] = await readFeatures(database, set.hash, ids, { toMs: toMs - 1 });
    expect(earlier!.length).toBe(99);
  });

  it('gives the same row online and offline', async () => {
    const set = parseFeatureSet([...alone, ...compared], { timeframe: '1d', symbols });
    const { series, range } = report;
    const ids = series.map(({ id }) => id);
    await materialize(database, { set, series, range });
    const offline = await readFeatures(database, set.hash, ids);
    const bars = await readBars(database, ids);
    const online = new FeatureStream(set, symbols);
    for (let row = 0; row < 400; row++) {
      const rows = online.step(
        bars[0]!.closeTimeMs[row]!,
        bars.map((one) => barAt(one, row)),
      );
      rows.forEach((values, s) => {
        const from = row * set.columns.length;
        expect(values).toEqual(offline[s]!.values.slice(from, from + set.columns.length));
      });
    }
  });

  it('shows a set as a view with a column per feature', async () => {
    const set = parseFeatureSet(alone, { timeframe: '1d', symbols });
    const { rows } = await database.pool.query<Record<string, number | null>>(
      `SELECT "rsi(14)", "bollinger(20,2).upper" FROM ${featureViewName(set)} WHERE symbol = 'SIM001' ORDER BY time`,
    );
    expect(rows).toHaveLength(400);
    expect(rows[0]!['rsi(14)']).toBeNull();
    expect(rows[399]!['rsi(14)']).toBeGreaterThan(0);
    expect(rows[399]!['bollinger(20,2).upper']).toBeGreaterThan(0);
  });
});
