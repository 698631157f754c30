import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFeatureSet } from '../../../features/feature-set.ts';
import type { FeatureMatrix } from '../../../features/feature-matrix.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { deleteBars } from '../../../pipelines/bars/bar-row-store.ts';
import { deleteSeries, type SeriesDescription } from '../../../pipelines/bars/bar-series-store.ts';
import { ingestSource } from '../../../pipelines/ingest/ingest.ts';
import {
  deleteMaterializations,
  materializationAges,
  readFeatures,
} from '../../../pipelines/materialized/feature-store.ts';
import { materialize, type MaterializeOptions } from '../../../pipelines/materialized/materialize.ts';
import { panelFeatures } from '../../../pipelines/panel/panel-features.ts';
import { PanelFolder } from '../../../pipelines/panel/panel-folder.ts';
import { createMemorySource } from '../../../pipelines/sources/made-up/memory-source.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';
import { panelBars } from '../peer-data.ts';

/** 13 years of days. */
const SIZE = { symbols: 800, bars: 3_300 };

const FEATURES = [
  ...['return(1)', 'return(5)', 'return(21)', 'return(63)', 'rsi(14)', 'atr(14)', 'cci(20)', 'cmo(14)', 'cmf(20)'],
  ...['roc(10)', 'mfi(14)', 'willr(14)', 'closelocation()', 'body()'],
];

export interface PanelBenchOptions {
  readonly now: () => number;
  readonly symbols?: number;
  readonly bars?: number;
}

/**
 * 14 features of a panel of days, from bars in the store to a matrix in memory: the first time they are computed and
 * kept, the second time they are there; as a panel, and as rows in PostgreSQL. Throws SignalboxError where the matrices
 * are not all the same. (qlib says of the same work on one core: 147 s, 47.6 s with its cache of expressions, 7.4 s
 * with that of the dataset too.)
 */
export async function benchPanel(database: Database, options: PanelBenchOptions): Promise<BenchmarkResult[]> {
  const { now, symbols = SIZE.symbols, bars = SIZE.bars } = options;
  const panel = panelBars(symbols, bars);
  const set = parseFeatureSet(FEATURES, { timeframe: '1d', symbols: panel.map(({ symbol }) => symbol) });
  const source = createMemorySource({ name: 'bench-panel', load: async () => panel, describe });
  const { series } = await ingestSource(database, source, { range: { fromMs: -Infinity, toMs: Infinity } });
  try {
    const rows = symbols * bars;
    const panels = mkdtempSync(join(tmpdir(), 'panel-bench-'));
    const asPanel = async (): Promise<readonly FeatureMatrix[]> => {
      const seriesIds = series.map(({ id }) => id);
      const kept = new PanelFolder(panels, now);
      return (await panelFeatures(database, { set, seriesIds, adjust: 'raw', folder: kept })).matrices;
    };
    // A run that was killed may have left its rows.
    const asRows = (fresh: boolean) => async (): Promise<readonly FeatureMatrix[]> => {
      const { inserted } = await materialize(database, { set, series, fresh });
      if (inserted !== (fresh ? rows : 0)) throw new SignalboxError(`${inserted} of ${rows} rows were computed.`);
      const ids = series.map(({ id }) => id);
      return readFeatures(database, set.hash, ids);
    };
    const first = await timed(asPanel, now);
    const second = await timed(asPanel, now);
    rmSync(panels, { recursive: true });
    const firstRows = await timed(asRows(true), now);
    const secondRows = await timed(asRows(false), now);
    const all = [first, second, firstRows, secondRows];
    if (all.some(({ sum, values }) => sum !== first.sum || values !== rows * set.columns.length)) {
      throw new SignalboxError('The matrix that was kept is not the one that was computed.');
    }
    const line = (name: string, { seconds, sum }: Timed): BenchmarkResult => ({
      name: `panel ${name}`,
      work: `${set.columns.length} features over ${symbols} symbols x ${bars} days, from the store to a matrix`,
      seconds,
      runs: 1,
      rate: rows / seconds,
      unit: 'rows/s',
      checks: { sum, values: first.values },
    });
    return [
      line('first time', first),
      line('second time', second),
      line('as rows, first time', firstRows),
      line('as rows, second time', secondRows),
    ];
  } finally {
    await clear(database, series);
  }
}

interface Timed {
  readonly seconds: number;
  readonly values: number;
  /** Of all values that are numbers: equal for equal matrices. */
  readonly sum: number;
}

async function timed(work: () => Promise<readonly FeatureMatrix[]>, now: () => number): Promise<Timed> {
  const started = now();
  const matrices = await work();
  const seconds = (now() - started) / 1000;
  return { seconds, ...summed(matrices) };
}

function summed(matrices: readonly FeatureMatrix[]): Pick<Timed, 'values' | 'sum'> {
  let values = 0;
  let sum = 0;
  for (const matrix of matrices) {
    values += matrix.values.length;
    for (const value of matrix.values) if (!Number.isNaN(value)) sum += value;
  }
  return { values, sum };
}

async function clear({ pool }: Database, series: MaterializeOptions['series']): Promise<void> {
  const ids = new Set(series.map(({ id }) => id));
  const ages = await materializationAges(pool);
  const ours = ages.filter(({ seriesIds }) => seriesIds.some((id) => ids.has(id)));
  await deleteMaterializations(
    pool,
    ours.map(({ id }) => id),
  );
  for (const id of ids) {
    await deleteBars(pool, id);
    await deleteSeries(pool, id);
  }
}

function describe(symbol: string): SeriesDescription {
  return {
    source: 'bench',
    origin: 'panel',
    symbol,
    timeframe: '1d',
    calendar: 'none',
    instrument: { symbol, assetClass: 'simulated', currency: 'USD', tick: 0.01, lot: 1, sector: null },
    sourceStatement: 'Simulated, not a real market: rows of the panel benchmark.',
  };
}
