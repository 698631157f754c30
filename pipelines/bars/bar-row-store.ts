import { momentBound } from '../../infra/postgres/moment-bound.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import type pg from 'pg';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { copyIn, copyOut } from '../binary-copy.ts';
import { BAR_COLUMNS, decodeBar, encodeBars, growBars, ID_BYTES, READ_BYTES, type OnPiece } from './bar-rows.ts';
import type { BarRoom } from './bar-room.ts';
import type { SeriesExtent } from './bar-series-store.ts';
import type { BarChange } from './compare-bars.ts';
import { bytesOf, partitionName, partitionsOf, writeToPartitions, type Partition } from './year-partitions.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * A transaction that writes bars with opens in `[fromMs, toMs]`, whose partitions are there and stay; see
 * `writeToPartitions`.
 */
export function writeToBars<T>(
  database: Transactional,
  range: { readonly fromMs: number; readonly toMs: number },
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return writeToPartitions(database, { table: 'bars', ...range }, work);
}

/** Bytes of all stored bars with their indexes. */
export const barBytes = (client: Queryable): Promise<number> => bytesOf(client, 'bars');

/** The partitions of bars by year. Counts rows. */
export const barPartitions = (client: Queryable): Promise<Partition[]> => partitionsOf(client, 'bars');

/**
 * Rows of one year from which its partition is written directly; below, one more round trip costs more than it saves.
 */
const DIRECT_ROWS = 8192;

const yearOf = (timeMs: number): number => new Date(timeMs).getUTCFullYear();

/**
 * Copies `bars` into the store. Throws where one of them is there already, or where a yearly partition is missing. Many
 * rows of one year go straight into its partition: through the parent table the server routes every row, which takes a
 * quarter longer.
 */
export async function insertBars(
  client: pg.ClientBase,
  seriesId: number,
  bars: BarColumns,
  onPiece?: OnPiece,
): Promise<void> {
  if (bars.length === 0) return;
  const first = yearOf(bars.openTimeMs[0]!);
  const last = yearOf(bars.openTimeMs[bars.length - 1]!);
  if (bars.length < DIRECT_ROWS * (last - first + 1)) {
    await copyIn(client, `bars (${BAR_COLUMNS})`, encodeBars(seriesId, bars, onPiece));
    return;
  }
  for (let from = 0; from < bars.length;) {
    const year = yearOf(bars.openTimeMs[from]!);
    let to = from;
    const endMs = Date.UTC(year + 1, 0, 1);
    while (to < bars.length && bars.openTimeMs[to]! < endMs) to++;
    const target = `${partitionName('bars', year)} (${BAR_COLUMNS})`;
    await copyIn(client, target, encodeBars(seriesId, sliceBarColumns(bars, from, to), onPiece));
    from = to;
  }
}

/**
 * No bar spans more than a daily one, whose open a long weekend cannot move: enough to find bars by close through the
 * index on open.
 */
const BAR_SPAN_MAX_MS = 2 * DAY_MS;

/** Which bars of a series: opens in `[fromMs, toMs)`, at most `limit` of them. */
export interface BarRange {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit?: number | undefined;
  /** Only bars that closed after this. */
  readonly closedAfterMs?: number | undefined;
  /** Only bars that closed before this. */
  readonly closedBeforeMs?: number | undefined;
}

const timestamp = (timeMs: number): string => `'${new Date(timeMs).toISOString()}'::timestamptz`;

/**
 * Bars of one series in `range`, ascending: in the hand of `room`, until the next are read into it, or in memory of
 * their own. Memory grows with the bars read, not with the table.
 */
export async function selectBars(
  client: pg.ClientBase,
  series: { id: number; symbol: string },
  range: BarRange = {},
  room?: BarRoom,
): Promise<BarColumns> {
  const { fromMs, toMs, limit, closedAfterMs, closedBeforeMs } = range;
  const where = [`series_id = ${series.id}`];
  if (fromMs !== undefined && Number.isFinite(fromMs)) where.push(`open_time >= ${timestamp(fromMs)}`);
  if (toMs !== undefined && Number.isFinite(toMs)) where.push(`open_time < ${timestamp(toMs)}`);
  if (closedAfterMs !== undefined && Number.isFinite(closedAfterMs)) {
    where.push(
      `open_time >= ${timestamp(closedAfterMs - BAR_SPAN_MAX_MS)} AND close_time > ${timestamp(closedAfterMs)}`,
    );
  }
  if (closedBeforeMs !== undefined && Number.isFinite(closedBeforeMs)) {
    where.push(`open_time < ${timestamp(closedBeforeMs)} AND close_time < ${timestamp(closedBeforeMs)}`);
  }
  const query = `SELECT open_time, close_time, open, high, low, close, volume FROM bars WHERE ${where.join(' AND ')}
    ORDER BY open_time${limit === undefined ? '' : ` LIMIT ${limit}`}`;
  let bars = room?.hand(1) ?? createBarColumns(series.symbol, limit ?? 4096);
  let row = 0;
  await copyOut(client, query, READ_BYTES, (view, at) => {
    if (row === bars.length) bars = room?.hand(row + 1) ?? growBars(bars);
    decodeBar(view, at, bars, row);
    row++;
  });
  return { ...sliceBarColumns(bars, 0, row), symbol: series.symbol };
}

/**
 * Hands on every bar of the series in `ids` as it lies in the store, which is in the order of time unless bars were put
 * in later: `onRow` finds the id of its series 6 bytes on, and what `decodeBar` takes `ID_BYTES` on. One question for
 * all of them: of 800 series of 3,300 days it took 1.9 s beside 4.2 s one by one.
 */
export async function copyWholeSeries(
  client: pg.ClientBase,
  ids: readonly number[],
  onRow: (view: DataView, at: number) => void,
): Promise<void> {
  await client.query('SET LOCAL max_parallel_workers_per_gather = 0');
  const query = `SELECT ${BAR_COLUMNS} FROM bars WHERE series_id = ANY('{${ids.join(',')}}'::int[])`;
  await copyOut(client, query, READ_BYTES + ID_BYTES, onRow);
}

/** First and last open of the bars of a series; NaN where there is none. */
export async function readBounds(
  client: Queryable,
  seriesId: number,
): Promise<Pick<SeriesExtent, 'firstOpenMs' | 'lastOpenMs'>> {
  const { rows } = await client.query<{ first: Date | null; last: Date | null }>(
    'SELECT min(open_time) AS first, max(open_time) AS last FROM bars WHERE series_id = $1',
    [seriesId],
  );
  return { firstOpenMs: rows[0]!.first?.getTime() ?? NaN, lastOpenMs: rows[0]!.last?.getTime() ?? NaN };
}

/** Bars of a series by the month (UTC) of their open, `YYYY-MM`, ascending; months without a bar are left out. */
export async function barsByMonth(client: Queryable, seriesId: number): Promise<{ month: string; bars: number }[]> {
  const { rows } = await client.query<{ month: string; bars: number }>(
    `SELECT to_char(open_time AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*)::int AS bars
     FROM bars WHERE series_id = $1 GROUP BY 1 ORDER BY 1`,
    [seriesId],
  );
  return rows;
}

/** Open of the bar that is `back` bars before the one that opened at `lastOpenMs`; both must be there. */
export async function openBefore(
  client: Queryable,
  seriesId: number,
  { lastOpenMs, back }: { lastOpenMs: number; back: number },
): Promise<number> {
  const { rows } = await client.query<{ open_time: Date }>(
    `SELECT open_time FROM bars WHERE series_id = $1 AND open_time <= $2 ORDER BY open_time DESC OFFSET $3 LIMIT 1`,
    [seriesId, new Date(lastOpenMs), back],
  );
  return rows[0]!.open_time.getTime();
}

/** Open of the earliest of the last `count` bars that opened before a moment; NaN where there is none. */
export async function openOfLast(
  client: Queryable,
  seriesId: number,
  { beforeMs, count }: { beforeMs: number; count: number },
): Promise<number> {
  const { rows } = await client.query<{ first: Date | null }>(
    `SELECT min(open_time) AS first FROM (
       SELECT open_time FROM bars WHERE series_id = $1 AND open_time < $2 ORDER BY open_time DESC LIMIT $3
     ) AS last`,
    [seriesId, momentBound(beforeMs), count],
  );
  return rows[0]!.first?.getTime() ?? NaN;
}

/** Close of the last bar that had closed at each of these moments; null before the first. */
export async function closesAt(
  client: Queryable,
  seriesId: number,
  timesMs: readonly number[],
): Promise<(number | null)[]> {
  const { rows } = await client.query<{ close: number | null }>(
    `SELECT last.close FROM unnest($2::timestamptz[]) WITH ORDINALITY AS asked (at, place)
     LEFT JOIN LATERAL (
       SELECT close FROM bars WHERE series_id = $1 AND open_time < asked.at AND close_time <= asked.at
       ORDER BY open_time DESC LIMIT 1
     ) AS last ON true ORDER BY place`,
    [seriesId, timesMs.map((timeMs) => new Date(timeMs))],
  );
  return rows.map(({ close }) => close);
}

/** How many bars of these series opened at or after `fromMs` (-Infinity for all) and closed by `closedByMs`. */
export async function countClosedBars(
  client: Queryable,
  seriesIds: readonly number[],
  { fromMs, closedByMs }: { fromMs: number; closedByMs: number },
): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*) AS count FROM bars WHERE series_id = ANY($1) AND close_time <= $2 AND open_time >= $3`,
    [seriesIds, new Date(closedByMs), Number.isFinite(fromMs) ? new Date(fromMs) : '-infinity'],
  );
  return rows[0]!.count;
}

/** True where a bar of the series opened at or after `fromMs` and closed before `closedBeforeMs`. */
export async function hasClosedBar(
  client: Queryable,
  seriesId: number,
  { fromMs, closedBeforeMs }: { fromMs: number; closedBeforeMs: number },
): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM bars WHERE series_id = $1 AND open_time >= $2 AND open_time < $3 AND close_time < $3 LIMIT 1',
    [seriesId, new Date(fromMs), new Date(closedBeforeMs)],
  );
  return rowCount! > 0;
}

/** Gives stored bars the values that a source offers, and deletes those that it no longer has. */
export async function applyChanges(client: Queryable, seriesId: number, changes: readonly BarChange[]): Promise<void> {
  for (const { openTimeMs, offered } of changes) {
    const key = [seriesId, new Date(openTimeMs)];
    if (offered === null) {
      await client.query('DELETE FROM bars WHERE series_id = $1 AND open_time = $2', key);
    } else {
      await client.query(
        `UPDATE bars SET close_time = $3, open = $4, high = $5, low = $6, close = $7, volume = $8
         WHERE series_id = $1 AND open_time = $2`,
        [...key, new Date(offered[0]!), ...offered.slice(1)],
      );
    }
  }
}

/** Deletes all bars of a series; what the series says of them stays. */
export async function deleteBars(client: Queryable, seriesId: number): Promise<void> {
  await client.query('DELETE FROM bars WHERE series_id = $1', [seriesId]);
}

/** Bars of one series in a partition, and the opens they span. */
export interface BarExtent {
  readonly seriesId: number;
  readonly rows: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What a partition of bars holds of each series. */
export async function barExtents(client: Queryable, { name }: Partition): Promise<BarExtent[]> {
  const { rows } = await client.query<{ series_id: number; rows: number; first: Date; last: Date }>(
    `SELECT series_id, count(*) AS rows, min(open_time) AS first, max(open_time) AS last
     FROM ${name} GROUP BY series_id`,
  );
  return rows.map(({ series_id, rows: count, first, last }) => {
    return { seriesId: series_id, rows: count, firstMs: first.getTime(), lastMs: last.getTime() };
  });
}
