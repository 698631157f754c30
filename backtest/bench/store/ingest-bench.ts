import type { BarColumns } from '../../../features/bar.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { dataHash } from '../../../pipelines/bars/bar-fingerprint.ts';
import { deleteBars } from '../../../pipelines/bars/bar-row-store.ts';
import { BAR_COLUMNS, encodeBars } from '../../../pipelines/bars/bar-rows.ts';
import { deleteSeries, type SeriesDescription } from '../../../pipelines/bars/bar-series-store.ts';
import { PIECE_BARS, readBars } from '../../../pipelines/bars/bar-store.ts';
import { copyIn } from '../../../pipelines/binary-copy.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { ingestSource } from '../../../pipelines/ingest/ingest.ts';
import type { BarSource } from '../../../pipelines/sources/bar-source.ts';
import { createMemorySource } from '../../../pipelines/sources/made-up/memory-source.ts';
import { simulateBars } from '../../../pipelines/sources/made-up/simulated-market.ts';

export interface IngestBenchOptions {
  readonly bars: number;
  readonly runs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface IngestBenchResult {
  readonly bars: number;
  readonly runs: number;
  /** Medians, in seconds. */
  readonly ingestSeconds: number;
  /** The same rows by bare binary COPY into one table with the same primary key and no checks. */
  readonly copySeconds: number;
  /** Ingest rate over COPY rate: 1 is as fast. Median of the runs' own ratios, which ran one after the other. */
  readonly ratio: number;
  /** Proof of the work: the hash of what was read back equals that of what went in. */
  readonly dataHash: string;
}

/** One-minute bars of one simulated symbol, in memory. */
function benchBars(count: number): BarColumns {
  const calendar = calendarNamed('us-equities');
  const startMs = Date.UTC(2000, 0, 3, 15);
  const pieces = [
    ...simulateBars({ seed: 1, index: 0, symbol: 'BENCH', timeframe: '1m', calendar, startMs, bars: count }),
  ];
  const join = (field: 'openTimeMs' | 'closeTimeMs' | 'open' | 'high' | 'low' | 'close' | 'volume'): Float64Array => {
    const column = new Float64Array(count);
    pieces.forEach((piece, i) => column.set(piece[field], i * PIECE_BARS));
    return column;
  };
  return {
    symbol: 'BENCH',
    length: count,
    openTimeMs: join('openTimeMs'),
    closeTimeMs: join('closeTimeMs'),
    open: join('open'),
    high: join('high'),
    low: join('low'),
    close: join('close'),
    volume: join('volume'),
  };
}

function describe(run: number): SeriesDescription {
  return {
    source: 'bench',
    origin: `run=${run}`,
    symbol: 'BENCH',
    timeframe: '1m',
    calendar: 'us-equities',
    instrument: { symbol: 'BENCH', assetClass: 'simulated', currency: 'USD', tick: 0.01, lot: 1, sector: null },
    sourceStatement: 'Simulated, not a real market: rows of the ingest benchmark.',
  };
}

async function timeCopy(database: Database, bars: BarColumns, now: () => number): Promise<number> {
  await database.pool.query('DROP TABLE IF EXISTS bench_bars');
  await database.pool.query(
    `CREATE TABLE bench_bars (series_id int NOT NULL, open_time timestamptz NOT NULL, close_time timestamptz NOT NULL,
       open float8 NOT NULL, high float8 NOT NULL, low float8 NOT NULL, close float8 NOT NULL, volume float8 NOT NULL,
       PRIMARY KEY (series_id, open_time))`,
  );
  const start = now();
  await database.transaction((client) => copyIn(client, `bench_bars (${BAR_COLUMNS})`, encodeBars(1, bars)));
  const seconds = (now() - start) / 1000;
  await database.pool.query('DROP TABLE bench_bars');
  return seconds;
}

async function timeIngest(
  database: Database,
  source: BarSource,
  now: () => number,
): Promise<{ seconds: number; seriesId: number }> {
  const start = now();
  const report = await ingestSource(database, source, { range: { fromMs: -Infinity, toMs: Infinity } });
  return { seconds: (now() - start) / 1000, seriesId: report.series[0]!.id };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/**
 * Ingests bars through the path that users take (registration, transactions, quality checks, fingerprint) beside a bare
 * binary COPY of the same rows, in turn. Leaves nothing behind. Throws SignalboxError when what is read back differs.
 */
export async function benchIngest(database: Database, options: IngestBenchOptions): Promise<IngestBenchResult> {
  const bars = benchBars(options.bars);
  const expected = dataHash([bars]);
  const copies: number[] = [];
  const ingests: number[] = [];
  for (let run = 0; run < options.runs; run++) {
    copies.push(await timeCopy(database, bars, options.now));
    const source = createMemorySource({ name: 'bench', load: async () => [bars], describe: () => describe(run) });
    const { seconds, seriesId } = await timeIngest(database, source, options.now);
    ingests.push(seconds);
    const found = dataHash(await readBars(database, [seriesId]));
    await deleteBars(database.pool, seriesId);
    await deleteSeries(database.pool, seriesId);
    if (found !== expected) throw new SignalboxError('The bars read back are not those that went in.');
  }
  return {
    bars: options.bars,
    runs: options.runs,
    ingestSeconds: median(ingests),
    copySeconds: median(copies),
    ratio: median(copies.map((seconds, run) => seconds / ingests[run]!)),
    dataHash: expected,
  };
}
