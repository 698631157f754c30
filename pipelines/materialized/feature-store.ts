import pg from 'pg';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import type { ComputationState } from '../adjustments/adjusted-stream.ts';
import { universeActionsHash } from '../adjustments/corporate-action.ts';
import { findSeries, JOIN_SERIES } from '../bars/bar-series-store.ts';
import { FeatureRoom } from './feature-room.ts';
import { deleteFeatureRows, JOIN_FEATURE_ROWS, selectFeatureRows, type FeatureRowQuery } from './feature-row-store.ts';
import { takeTurns } from './take-turns.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What has been computed of one set over one series (or one universe), and where it stopped. */
export interface Materialization {
  readonly id: number;
  readonly setHash: string;
  readonly seriesIds: readonly number[];
  readonly revisions: readonly number[];
  /** NaN before the first row. */
  readonly lastCloseMs: number;
  readonly rows: number;
  /** Rows that closed before were removed by retention; NaN where none were. */
  readonly droppedBeforeMs: number;
  readonly state: ComputationState | null;
}

interface Row {
  id: number;
  set_hash: string;
  series_ids: number[];
  revisions: number[];
  last_close_time: Date | null;
  row_count: number;
  dropped_before: Date | null;
  state: ComputationState | null;
}

function toMaterialization(row: Row): Materialization {
  return {
    id: row.id,
    setHash: row.set_hash,
    seriesIds: row.series_ids,
    revisions: row.revisions,
    lastCloseMs: row.last_close_time?.getTime() ?? NaN,
    rows: row.row_count,
    droppedBeforeMs: row.dropped_before?.getTime() ?? NaN,
    state: row.state,
  };
}

const fromTime = (fromMs: number): Date | string => (Number.isFinite(fromMs) ? new Date(fromMs) : '-infinity');

/** Registers a feature set under its hash; again and again if you like. */
export async function registerFeatureSet(pool: pg.Pool, set: FeatureSet): Promise<void> {
  await pool.query(
    `INSERT INTO feature_sets (hash, name, version, timeframe, expressions, columns, warm_up_bars)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (hash) DO UPDATE SET name = coalesce(excluded.name, feature_sets.name)`,
    [set.hash, set.name, set.version, set.timeframe, set.expressions, set.columns, set.warmUpBars],
  );
}

/**
 * Makes (or makes again) the view of a set: `time`, symbol and a column per value under the names in `columns`, null
 * while warming up. Other views that build on it stop this with the server's error.
 */
export async function createFeatureView(
  client: Queryable,
  { view, setHash, columns }: { view: string; setHash: string; columns: readonly string[] },
): Promise<void> {
  const values = columns.map((name, i) => `nullif(r.values[${i + 1}], 'NaN') AS ${pg.escapeIdentifier(name)}`);
  await client.query(
    `DROP VIEW IF EXISTS ${view};
     CREATE VIEW ${view} AS
     SELECT r.close_time AS time, s.symbol, s.source, r.series_id, m.from_time, m.adjustment, ${values.join(', ')}
     FROM feature_materializations m
     ${JOIN_FEATURE_ROWS}
     ${JOIN_SERIES}
     WHERE m.set_hash = ${pg.escapeLiteral(setHash)}`,
  );
}

export interface MaterializationKey {
  readonly setHash: string;
  readonly seriesIds: readonly number[];
  /** Open of the first bar that went in; -Infinity for the series' own beginning. */
  readonly fromMs: number;
  /** Identifies the actions that the bars were adjusted by; empty for raw bars. */
  readonly adjustment: string;
}

/** Finds or makes a materialization and keeps other writers out of it until the transaction ends. */
export async function lockMaterialization(
  client: pg.ClientBase,
  key: MaterializationKey,
  revisions: readonly number[],
): Promise<Materialization> {
  const { rows } = await client.query<Row>(
    `INSERT INTO feature_materializations (set_hash, series_ids, from_time, revisions, adjustment)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (set_hash, series_ids, from_time, adjustment) DO UPDATE SET updated_at = feature_materializations.updated_at
     RETURNING id, set_hash, series_ids, revisions, last_close_time, row_count, dropped_before, state`,
    [key.setHash, key.seriesIds, fromTime(key.fromMs), revisions, key.adjustment],
  );
  return toMaterialization(rows[0]!);
}

/** Stores where a computation stopped, in the transaction that writes its rows. */
export async function saveMaterialization(
  client: pg.ClientBase,
  id: number,
  after: { readonly lastCloseMs: number; readonly rows: number; readonly state: ComputationState },
): Promise<void> {
  await client.query(
    `UPDATE feature_materializations SET last_close_time = $2, row_count = $3, state = $4, updated_at = now() WHERE id = $1`,
    [id, new Date(after.lastCloseMs), after.rows, JSON.stringify(after.state)],
  );
}

/** Forgets all rows of a materialization: its bars were revised. */
export async function clearMaterialization(
  client: pg.ClientBase,
  id: number,
  revisions: readonly number[],
): Promise<void> {
  await deleteFeatureRows(client, [id]);
  await client.query(
    `UPDATE feature_materializations SET revisions = $2, last_close_time = NULL, row_count = 0, dropped_before = NULL, state = NULL
     WHERE id = $1`,
    [id, revisions],
  );
}

/** What of a materialization tells whether something newer has taken its place. */
export interface MaterializationAge {
  readonly id: number;
  readonly setHash: string;
  readonly seriesIds: readonly number[];
  /** Of its series, when its rows were computed. */
  readonly revisions: readonly number[];
  readonly rows: number;
  /** Its set is registered in a newer version too. */
  readonly olderVersion: boolean;
  /** The same has been computed with other actions since. */
  readonly olderActions: boolean;
}

/** All materializations, by id. */
export async function materializationAges(client: Queryable): Promise<MaterializationAge[]> {
  const { rows } = await client.query<MaterializationAge>(
    `SELECT m.id, m.set_hash AS "setHash", m.series_ids AS "seriesIds", m.revisions, m.row_count AS rows,
       EXISTS (SELECT 1 FROM feature_sets newer
               JOIN feature_sets own ON own.name = newer.name AND newer.version > own.version
               WHERE own.hash = m.set_hash) AS "olderVersion",
       m.adjustment <> '' AND EXISTS (
         SELECT 1 FROM feature_materializations later
         WHERE later.set_hash = m.set_hash AND later.series_ids = m.series_ids AND later.from_time = m.from_time
           AND later.adjustment NOT IN ('', m.adjustment) AND later.updated_at > m.updated_at) AS "olderActions"
     FROM feature_materializations m ORDER BY m.id`,
  );
  return rows;
}

/** A feature set with what is in the store of it. */
interface StoredFeatureSet {
  readonly hash: string;
  readonly name: string | null;
  readonly version: number;
  readonly timeframe: string;
  readonly expressions: readonly string[];
  readonly columns: readonly string[];
  readonly warmUpBars: number;
  readonly registeredAt: Date;
  readonly series: number;
  readonly rows: number;
  readonly bytes: number;
  readonly lastCloseAt: Date | null;
  readonly updatedAt: Date | null;
}

/** All sets that were ever computed, the one that was written last first. `bytes`: of their values alone. */
export async function listFeatureSets(client: Queryable): Promise<StoredFeatureSet[]> {
  const { rows } = await client.query<StoredFeatureSet>(
    `SELECT s.hash, s.name, s.version, s.timeframe, s.expressions, s.columns, s.warm_up_bars AS "warmUpBars",
       s.created_at AS "registeredAt", count(DISTINCT one)::int AS series, coalesce(m.rows, 0)::float8 AS rows,
       coalesce(m.rows, 0)::float8 * 8 * cardinality(s.columns) AS bytes, m.last AS "lastCloseAt", m.updated AS "updatedAt"
     FROM feature_sets s LEFT JOIN LATERAL (
       SELECT sum(row_count) AS rows, max(last_close_time) AS last, max(updated_at) AS updated
       FROM feature_materializations WHERE set_hash = s.hash) AS m ON true
     LEFT JOIN feature_materializations f ON f.set_hash = s.hash LEFT JOIN LATERAL unnest(f.series_ids) AS one ON true
     GROUP BY s.hash, m.rows, m.last, m.updated ORDER BY m.updated DESC NULLS LAST, s.hash`,
  );
  return rows;
}

/** Notes in each materialization how many of its rows, all before `beforeMs`, were removed. */
export async function noteDroppedRows(
  client: Queryable,
  lost: readonly { readonly materializationId: number; readonly rows: number }[],
  beforeMs: number,
): Promise<void> {
  await client.query(
    `UPDATE feature_materializations m
     SET row_count = m.row_count - lost.rows, dropped_before = greatest(m.dropped_before, $3)
     FROM (SELECT id, sum(rows)::bigint AS rows FROM unnest($1::int[], $2::bigint[]) AS one (id, rows) GROUP BY id) lost
     WHERE m.id = lost.id`,
    [lost.map(({ materializationId }) => materializationId), lost.map(({ rows }) => rows), new Date(beforeMs)],
  );
}

/** Deletes materializations with their rows. */
export async function deleteMaterializations(client: Queryable, ids: readonly number[]): Promise<void> {
  await deleteFeatureRows(client, ids);
  await client.query('DELETE FROM feature_materializations WHERE id = ANY($1)', [ids]);
}

/** Deletes those of the sets that nothing is materialised of, but for those in `keep`. Returns which they were. */
export async function deleteEmptySets(
  client: Queryable,
  hashes: readonly string[],
  keep: readonly string[],
): Promise<{ hash: string; name: string | null; version: number }[]> {
  const { rows } = await client.query<{ hash: string; name: string | null; version: number }>(
    `DELETE FROM feature_sets s WHERE hash = ANY($1) AND hash <> ALL($2)
       AND NOT EXISTS (SELECT 1 FROM feature_materializations m WHERE m.set_hash = s.hash)
     RETURNING hash, name, version`,
    [hashes, keep],
  );
  return rows;
}

export interface FeatureRange {
  /**
   * Open of the first bar that the features were computed from, as passed to `materialize`; the series' beginning if
   * absent.
   */
  readonly historyFromMs?: number | undefined;
  /** Hashes of what each series is adjusted by, in the order of the series; raw bars if absent. */
  readonly adjustments?: readonly string[] | undefined;
  /** Rows that became known in `[fromMs, toMs]`, by close. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Called when the rows of one more series are there. */
  readonly onSeries?: (() => void) | undefined;
}

interface StoredRows {
  id: number;
  series_ids: number[];
  columns: string[];
  adjustment: string;
  dropped_before: Date | null;
}

/** A part of the rows must not pass for all of them. */
function requireWhole({ dropped_before }: StoredRows, symbol: string, fromMs: number): void {
  if (dropped_before === null || fromMs >= dropped_before.getTime()) return;
  throw new SignalboxError(
    `Feature rows of ${symbol} before ${dropped_before.toISOString().slice(0, 10)} were removed by retention.`,
    { remedy: 'Run materialize for this experiment: it computes them again from the bars.' },
  );
}

/**
 * Stored features of each series, in the order of `seriesIds`: only rows whose bar had closed by `range.toMs`, exactly
 * as they were known then. Throws SignalboxError where they have not been materialised.
 */
export async function readFeatures(
  database: Database,
  setHash: string,
  seriesIds: readonly number[],
  range: FeatureRange = {},
): Promise<FeatureMatrix[]> {
  const { rows } = await database.pool.query<StoredRows>(
    `SELECT m.id, m.series_ids, m.adjustment, m.dropped_before, s.columns FROM feature_materializations m JOIN feature_sets s ON s.hash = m.set_hash
     WHERE m.set_hash = $1 AND m.from_time = $2`,
    [setHash, fromTime(range.historyFromMs ?? -Infinity)],
  );
  const series = await findSeries(database.pool, seriesIds);
  const hashes = range.adjustments ?? seriesIds.map(() => '');
  // By what tells them apart: a universe has as many as it has symbols, and each symbol looks for its own.
  const stored = new Map(rows.map((row) => [`${row.adjustment} ${String(row.series_ids)}`, row]));
  const whole = stored.get(`${universeActionsHash(hashes)} ${String(seriesIds)}`);
  const { fromMs = -Infinity, toMs = Infinity } = range;
  const queries = series.map((one, s): FeatureRowQuery => {
    const found = whole ?? stored.get(`${hashes[s]} ${one.id}`);
    if (found === undefined) {
      throw new SignalboxError(`Features ${setHash.slice(0, 12)} of ${one.symbol} are not in the store.`, {
        remedy: 'Run materialize for this experiment.',
      });
    }
    requireWhole(found, one.symbol, fromMs);
    return { materializationId: found.id, series: one, columns: found.columns, fromMs, toMs };
  });
  return readInLanes(database, queries, range.onSeries);
}

/** Series read at a time: while the server looks for the rows of one, those of the other are taken over. */
const LANES = 2;

async function readInLanes(
  { pool }: Database,
  queries: readonly FeatureRowQuery[],
  onSeries?: () => void,
): Promise<FeatureMatrix[]> {
  const matrices = new Array<FeatureMatrix>(queries.length);
  const rooms = Array.from({ length: LANES }, () => new FeatureRoom(Math.ceil(queries.length / LANES)));
  await takeTurns(queries.entries(), LANES, async ([at, query], lane) => {
    const client = await pool.connect();
    try {
      matrices[at] = await selectFeatureRows(client, query, rooms[lane]!);
    } finally {
      client.release();
    }
    onSeries?.();
  });
  return matrices;
}
