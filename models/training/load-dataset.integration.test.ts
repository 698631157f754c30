import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { isoDay } from '../../pipelines/calendars/day.ts';
import { ingest, type IngestReport } from '../../pipelines/ingest/ingest.ts';
import { materialize } from '../../pipelines/materialized/materialize.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { experimentSchema, type Experiment } from '../experiment/experiment.ts';
import type { DataReference } from '../experiment/market-data.ts';
import { loadDataset } from './load-dataset.ts';

const calendar = calendarNamed('us-equities');
const bars = plantedBars({ bars: 200, seed: 6, symbol: 'X', calendar, start: '2019-01-02' });
for (let i = 120; i < 200; i++) {
  for (const field of ['open', 'high', 'low', 'close'] as const) bars[field][i]! /= 3;
  bars.volume[i]! *= 3;
}
const exDate = isoDay(calendar.dayAt(bars.openTimeMs[120]!));

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-load-'));
  writeFileSync(join(folder, 'bars.csv'), [...barsCsv([bars])].join(''));
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function prepare(
  adjust: Experiment['data']['adjust'],
  ratio: number,
  revise = false,
): Promise<{ report: IngestReport; reference: DataReference }> {
  const actions = join(folder, 'actions.csv');
  writeFileSync(actions, `symbol,type,exDate,ratio\nX,split,${exDate},${ratio}\n`);
  const experiment = experimentSchema.parse({
    name: 'loads',
    universe: ['X'],
    data: { source: 'csv', path: join(folder, 'bars.csv'), adjust, actions, maxQualityErrors: 9 },
    features: ['return(1)'],
  });
  const report = await ingest(database, { data: experiment.data, universe: experiment.universe, revise });
  const set = parseFeatureSet(experiment.features, { timeframe: '1d', symbols: ['X'] });
  const { series, range } = report;
  await materialize(database, { set, series, range, adjust });
  const hash = report.adjustments[0]!.hash;
  const { id } = series[0]!;
  const reference = {
    series: [hash === '' ? { id, symbol: 'X' } : { id, symbol: 'X', adjustment: hash }],
    featureSetHash: set.hash,
    fromMs: null,
    toMs: null,
    experiment,
  };
  return { report, reference };
}

const least = (values: Float64Array): number => Math.min(...values);

describe('a dataset over bars that split', () => {
  it('has returns as a holder had them, and bars as they traded', async () => {
    const { reference } = await prepare('splits-and-dividends', 3);
    const loaded = await loadDataset(database, reference);
    expect(least(loaded.dataset.realisedReturn)).toBeGreaterThan(-0.1);
    expect(least(loaded.dataset.x)).toBeGreaterThan(-0.1);
    expect(loaded.bars[0]!.close).toEqual(bars.close);
    expect(loaded.actions[0]).toMatchObject([{ kind: 'split', value: 3 }]);
  });

  it('has a crash of two thirds where bars are taken raw', async () => {
    const { reference } = await prepare('raw', 3);
    const loaded = await loadDataset(database, reference);
    expect(least(loaded.dataset.realisedReturn)).toBeLessThan(-0.6);
    expect(least(loaded.dataset.x)).toBeLessThan(-0.6);
    expect(loaded.actions).toEqual([[]]);
  });

  it('is not loaded for a plan that was made with other actions', async () => {
    const { reference } = await prepare('splits-and-dividends', 3);
    const after = await prepare('splits-and-dividends', 1.5, true);
    await expect(loadDataset(database, reference)).rejects.toThrow(/splits and dividends of X on record have changed/);
    await expect(loadDataset(database, after.reference)).resolves.toBeDefined();
  });
});
