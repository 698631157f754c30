import type pg from 'pg';
import type { BarColumns } from '../../features/bar.ts';
import type { BarChange } from '../bars/compare-bars.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * Notes that `bars` have come into the series, in the transaction that stores them. `knownFromMs`: open of the first
 * bar that was there before; bars that go in behind it are named one by one, because others stand between them.
 */
export async function recordArrival(
  client: Queryable,
  seriesId: number,
  bars: BarColumns,
  knownFromMs = Infinity,
): Promise<void> {
  if (bars.length === 0) return;
  const lastMs = bars.openTimeMs[bars.length - 1]!;
  const between = lastMs > knownFromMs ? Array.from(bars.openTimeMs) : null;
  await client.query('INSERT INTO bar_arrivals (series_id, first_open, last_open, opens) VALUES ($1, $2, $3, $4)', [
    seriesId,
    new Date(bars.openTimeMs[0]!),
    new Date(lastMs),
    between,
  ]);
}

/** Notes what a source says that stored bars should be, whether it was taken over (`accepted`) or refused. */
export async function recordChanges(
  client: Queryable,
  seriesId: number,
  { changes, accepted }: { changes: readonly BarChange[]; accepted: boolean },
): Promise<void> {
  for (const { openTimeMs, stored, offered } of changes) {
    await client.query(
      'INSERT INTO bar_changes (series_id, open_time, stored, offered, accepted) VALUES ($1, $2, $3, $4, $5)',
      [seriesId, new Date(openTimeMs), stored, offered, accepted],
    );
  }
}

/** Forgets what came into these series and opened before `beforeMs`: those bars were removed. */
export async function forgetArrivals(client: Queryable, seriesIds: readonly number[], beforeMs: number): Promise<void> {
  await client.query('DELETE FROM bar_arrivals WHERE series_id = ANY($1) AND last_open < $2', [
    seriesIds,
    new Date(beforeMs),
  ]);
}

/**
 * Something that happened to stored bars: opens that came in (`values` null), or the values that a bar had before it
 * was revised.
 */
export interface BarEvent {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly opens: readonly number[] | null;
  /** closeTimeMs, open, high, low, close, volume. */
  readonly values: readonly number[] | null;
}

interface EventRow {
  first_open: Date;
  last_open: Date;
  opens: number[] | null;
  stored: number[] | null;
}

/** What was done to a series after `recordedAtMs`, newest first. */
export async function eventsSince(client: Queryable, seriesId: number, recordedAtMs: number): Promise<BarEvent[]> {
  const { rows } = await client.query<EventRow>(
    `SELECT first_open, last_open, opens, NULL::double precision[] AS stored, recorded_at AS at
     FROM bar_arrivals WHERE series_id = $1 AND recorded_at > $2
     UNION ALL
     SELECT open_time, open_time, NULL, stored, detected_at
     FROM bar_changes WHERE series_id = $1 AND accepted AND detected_at > $2
     ORDER BY at DESC`,
    [seriesId, new Date(recordedAtMs)],
  );
  return rows.map(({ first_open, last_open, opens, stored }) => {
    return { firstMs: first_open.getTime(), lastMs: last_open.getTime(), opens, values: stored };
  });
}

/** Corrections of one series that a source offered at one moment. */
export interface Correction {
  readonly seriesId: number;
  readonly atMs: number;
  readonly accepted: boolean;
  readonly bars: number;
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
}

/** All corrections, newest first. */
export async function listCorrections(client: Queryable): Promise<Correction[]> {
  const { rows } = await client.query<{
    series_id: number;
    at: Date;
    accepted: boolean;
    bars: number;
    first_open: Date;
    last_open: Date;
  }>(
    `SELECT series_id, detected_at AS at, accepted, count(*)::int AS bars, min(open_time) AS first_open,
       max(open_time) AS last_open
     FROM bar_changes GROUP BY series_id, detected_at, accepted ORDER BY detected_at DESC, series_id`,
  );
  return rows.map((row) => ({
    seriesId: row.series_id,
    atMs: row.at.getTime(),
    accepted: row.accepted,
    bars: row.bars,
    firstOpenMs: row.first_open.getTime(),
    lastOpenMs: row.last_open.getTime(),
  }));
}
