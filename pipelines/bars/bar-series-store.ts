import type pg from 'pg';
import type { Instrument } from '../../features/instrument.ts';
import { fingerprintOfBlocks } from './bar-fingerprint.ts';
import type { CalendarName } from '../calendars/calendar.ts';
import type { Timeframe } from '../../features/timeframe.ts';

/** What a series is, whoever holds its bars. */
export interface SeriesDescription {
  readonly source: string;
  /** What tells this series from others of the same source and symbol: a file's path, a simulation's settings. */
  readonly origin: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly calendar: CalendarName;
  readonly instrument: Instrument;
  /** Where the numbers come from, in the source's own words; reports show it. */
  readonly sourceStatement: string;
}

/** A series in the store, and how far it is filled. */
export interface StoredSeries extends SeriesDescription {
  readonly id: number;
  readonly bars: number;
  /** NaN while there is no bar. */
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
  readonly blockHashes: Buffer;
  /** Grows when bars before the last one were changed or put in; appending leaves it. */
  readonly revision: number;
  /** Bars that opened before were removed by retention; NaN where none were. */
  readonly droppedBeforeMs: number;
  /** SHA-256 of all its bars. */
  readonly fingerprint: string;
}

interface Row {
  id: number;
  source: string;
  origin: string;
  symbol: string;
  timeframe: Timeframe;
  calendar: CalendarName;
  asset_class: Instrument['assetClass'];
  currency: string;
  tick: number;
  lot: number;
  sector: string | null;
  source_statement: string;
  bar_count: number;
  first_open_time: Date | null;
  last_open_time: Date | null;
  block_hashes: Buffer;
  revision: number;
  dropped_before: Date | null;
}

function toSeries(row: Row): StoredSeries {
  const { id, source, origin, symbol, timeframe, calendar, currency, tick, lot, sector } = row;
  return {
    id,
    source,
    origin,
    symbol,
    timeframe,
    calendar,
    instrument: { symbol, assetClass: row.asset_class, currency, tick, lot, sector },
    sourceStatement: row.source_statement,
    bars: row.bar_count,
    firstOpenMs: row.first_open_time?.getTime() ?? NaN,
    lastOpenMs: row.last_open_time?.getTime() ?? NaN,
    blockHashes: row.block_hashes,
    revision: row.revision,
    droppedBeforeMs: row.dropped_before?.getTime() ?? NaN,
    fingerprint: fingerprintOfBlocks(row.block_hashes, row.bar_count),
  };
}

/**
 * Registers a series, or finds it and refreshes its instrument and source statement. Safe from several processes at
 * once.
 */
export async function registerSeries(
  client: Pick<pg.ClientBase, 'query'>,
  series: SeriesDescription,
): Promise<StoredSeries> {
  const { source, origin, symbol, timeframe, calendar, instrument, sourceStatement } = series;
  const { assetClass, currency, tick, lot, sector } = instrument;
  const { rows } = await client.query<Row>(
    `INSERT INTO bar_series (source, origin, symbol, timeframe, calendar, asset_class, currency, tick, lot, sector, source_statement)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (source, origin, symbol, timeframe, calendar) DO UPDATE SET
       asset_class = excluded.asset_class, currency = excluded.currency, tick = excluded.tick, lot = excluded.lot,
       sector = excluded.sector, source_statement = excluded.source_statement
     RETURNING *`,
    [source, origin, symbol, timeframe, calendar, assetClass, currency, tick, lot, sector, sourceStatement],
  );
  return toSeries(rows[0]!);
}

/** The series of that description where it is in the store. */
export async function findDescribed(
  client: Pick<pg.ClientBase, 'query'>,
  { source, origin, symbol, timeframe, calendar }: SeriesDescription,
): Promise<StoredSeries | undefined> {
  const { rows } = await client.query<Row>(
    `SELECT * FROM bar_series
     WHERE source = $1 AND origin = $2 AND symbol = $3 AND timeframe = $4 AND calendar = $5`,
    [source, origin, symbol, timeframe, calendar],
  );
  return rows.map(toSeries)[0];
}

/** The series with these ids, in the order of the ids; ids that are not there are left out. */
export async function findSeries(
  client: Pick<pg.ClientBase, 'query'>,
  ids: readonly number[],
): Promise<StoredSeries[]> {
  const { rows } = await client.query<Row>('SELECT * FROM bar_series WHERE id = ANY($1)', [ids]);
  const byId = new Map(rows.map((row) => [row.id, toSeries(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

const BY_SOURCE = 'ORDER BY source, origin, symbol, timeframe, calendar';

/** All series, by source and symbol. */
export async function listSeries(pool: pg.Pool): Promise<StoredSeries[]> {
  const { rows } = await pool.query<Row>(`SELECT * FROM bar_series ${BY_SOURCE}`);
  return rows.map(toSeries);
}

/** The series of one symbol, in the same order. */
export async function seriesOfSymbol(pool: pg.Pool, symbol: string): Promise<StoredSeries[]> {
  const { rows } = await pool.query<Row>(`SELECT * FROM bar_series WHERE symbol = $1 ${BY_SOURCE}`, [symbol]);
  return rows.map(toSeries);
}

/** What symbols are quoted in, by symbol; those of no series, or of series that differ in it, are left out. */
export async function currenciesOfSymbols(
  client: Pick<pg.ClientBase, 'query'>,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ symbol: string; currency: string }>(
    `SELECT symbol, min(currency) AS currency FROM bar_series WHERE symbol = ANY($1)
     GROUP BY symbol HAVING count(DISTINCT currency) = 1`,
    [symbols],
  );
  return new Map(rows.map(({ symbol, currency }) => [symbol, currency]));
}

/** Reads a series and keeps other writers out of it until the transaction ends. */
export async function lockSeries(client: pg.ClientBase, id: number): Promise<StoredSeries> {
  const { rows } = await client.query<Row>('SELECT * FROM bar_series WHERE id = $1 FOR UPDATE', [id]);
  return toSeries(rows[0]!);
}

/** How often each series was revised, by id. */
export async function seriesRevisions(client: Pick<pg.ClientBase, 'query'>): Promise<Map<number, number>> {
  const { rows } = await client.query<{ id: number; revision: number }>('SELECT id, revision FROM bar_series');
  return new Map(rows.map(({ id, revision }) => [id, revision]));
}

/** For views over rows `r` of series: gives each the columns of its series under `s`. */
export const JOIN_SERIES = 'JOIN bar_series s ON s.id = r.series_id';

/** What a write did to a series; stored in the same transaction as its bars. */
export interface SeriesExtent {
  readonly bars: number;
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
  readonly blockHashes: Uint8Array;
  readonly revision: number;
}

/** Stores how far a series is filled. */
export async function saveExtent(client: pg.ClientBase, id: number, extent: SeriesExtent): Promise<void> {
  const date = (timeMs: number): Date | null => (Number.isNaN(timeMs) ? null : new Date(timeMs));
  await client.query(
    `UPDATE bar_series SET bar_count = $2, first_open_time = $3, last_open_time = $4, block_hashes = $5, revision = $6, updated_at = now()
     WHERE id = $1`,
    [id, extent.bars, date(extent.firstOpenMs), date(extent.lastOpenMs), extent.blockHashes, extent.revision],
  );
}

/** Notes from where on bars are there after retention, or (null) that nothing is missing any more. */
export async function saveDroppedBefore(
  client: Pick<pg.ClientBase, 'query'>,
  id: number,
  droppedBeforeMs: number | null,
): Promise<void> {
  const date = droppedBeforeMs === null ? null : new Date(droppedBeforeMs);
  await client.query('UPDATE bar_series SET dropped_before = $2 WHERE id = $1', [id, date]);
}

/** Deletes a series with all that is on record about it; its bars and feature rows stay. */
export async function deleteSeries(client: Pick<pg.ClientBase, 'query'>, id: number): Promise<void> {
  await client.query('DELETE FROM bar_series WHERE id = $1', [id]);
}
