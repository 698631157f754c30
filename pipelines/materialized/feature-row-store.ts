import type pg from 'pg';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { partitionsOf, writeToPartitions, type Partition } from '../bars/year-partitions.ts';
import { copyIn, copyOut, readTimestamp } from '../binary-copy.ts';
import type { FeatureRoom } from './feature-room.ts';
import { ARRAY_HEADER_BYTES, encodeFeatureRows, type FeatureRowBuffer } from './feature-rows.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * A transaction that writes rows that close in `[fromMs, toMs]`, whose partitions are there and stay; see
 * `writeToPartitions`.
 */
export function writeToFeatureRows<T>(
  database: Database,
  range: { readonly fromMs: number; readonly toMs: number },
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return writeToPartitions(database, { table: 'feature_rows', ...range }, work);
}

/** The partitions of feature rows by year. Counts rows. */
export const featureRowPartitions = (client: Queryable): Promise<Partition[]> => partitionsOf(client, 'feature_rows');

/** For views over materializations `m`: their rows as `r`. */
export const JOIN_FEATURE_ROWS = 'JOIN feature_rows r ON r.materialization_id = m.id';

/** Copies the rows into the table. Throws where one of them is there already. */
export async function insertFeatureRows(
  client: pg.ClientBase,
  materializationId: number,
  rows: FeatureRowBuffer,
): Promise<void> {
  if (rows.length === 0) return;
  const target = 'feature_rows (materialization_id, series_id, close_time, values)';
  await copyIn(client, target, encodeFeatureRows(materializationId, rows));
}

export interface FeatureRowQuery {
  readonly materializationId: number;
  readonly series: { readonly id: number; readonly symbol: string };
  readonly columns: readonly string[];
  /** Rows known in `[fromMs, toMs]`: by close, both ends inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

const timestamp = (timeMs: number): string => `'${new Date(timeMs).toISOString()}'::timestamptz`;

/** Rows of one series in ascending time, in memory of `room`. */
export async function selectFeatureRows(
  client: pg.ClientBase,
  query: FeatureRowQuery,
  room: FeatureRoom,
): Promise<FeatureMatrix> {
  const { materializationId, series, columns, fromMs, toMs } = query;
  const width = columns.length;
  const where = [`materialization_id = ${materializationId}`, `series_id = ${series.id}`];
  if (Number.isFinite(fromMs)) where.push(`close_time >= ${timestamp(fromMs)}`);
  if (Number.isFinite(toMs)) where.push(`close_time <= ${timestamp(toMs)}`);
  const rowBytes = 2 + 12 + 4 + ARRAY_HEADER_BYTES + width * 12;
  const sql = `SELECT close_time, values FROM feature_rows WHERE ${where.join(' AND ')} ORDER BY close_time`;
  room.begin(width);
  await copyOut(client, sql, rowBytes, (view, at) => {
    const values = room.add(readTimestamp(view, at + 6));
    const to = room.end - width;
    const first = at + 18 + ARRAY_HEADER_BYTES + 4;
    for (let c = 0; c < width; c++) values[to + c] = view.getFloat64(first + c * 12);
  });
  return { symbol: series.symbol, columns, ...room.take() };
}

/** Deletes the rows of these materializations. */
export async function deleteFeatureRows(client: Queryable, materializationIds: readonly number[]): Promise<void> {
  await client.query('DELETE FROM feature_rows WHERE materialization_id = ANY($1)', [materializationIds]);
}

/** Rows of one series of one materialization in a partition, and the closes they span. */
export interface FeatureRowExtent {
  readonly materializationId: number;
  readonly seriesId: number;
  readonly rows: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What a partition of feature rows holds. */
export async function featureRowExtents(client: Queryable, { name }: Partition): Promise<FeatureRowExtent[]> {
  const { rows } = await client.query<{
    materialization_id: number;
    series_id: number;
    rows: number;
    first: Date;
    last: Date;
  }>(
    `SELECT materialization_id, series_id, count(*) AS rows, min(close_time) AS first, max(close_time) AS last
     FROM ${name} GROUP BY materialization_id, series_id`,
  );
  return rows.map((row) => ({
    materializationId: row.materialization_id,
    seriesId: row.series_id,
    rows: row.rows,
    firstMs: row.first.getTime(),
    lastMs: row.last.getTime(),
  }));
}
