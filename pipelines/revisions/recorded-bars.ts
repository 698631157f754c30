import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { findSeries } from '../bars/bar-series-store.ts';
import { selectBars } from '../bars/bar-rows.ts';

/** Something that happened to stored bars: opens that came in (`values` null), or the values that a bar had before it was revised. */
interface Event {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly opens: readonly number[] | null;
  /** closeTimeMs, open, high, low, close, volume. */
  readonly values: readonly number[] | null;
}

const FIELDS = ['closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

interface EventRow {
  first_open: Date;
  last_open: Date;
  opens: number[] | null;
  stored: number[] | null;
}

/** What was done to a series after `recordedAtMs`, newest first. */
const EVENTS = `
  SELECT first_open, last_open, opens, NULL::double precision[] AS stored, recorded_at AS at
  FROM bar_arrivals WHERE series_id = $1 AND recorded_at > $2
  UNION ALL
  SELECT open_time, open_time, NULL, stored, detected_at
  FROM bar_changes WHERE series_id = $1 AND accepted AND detected_at > $2
  ORDER BY at DESC`;

function toEvent({ first_open, last_open, opens, stored }: EventRow): Event {
  return { firstMs: first_open.getTime(), lastMs: last_open.getTime(), opens, values: stored };
}

/** The values each touched bar had before `events`; null where it was not there yet. */
function undo(bars: BarColumns, events: readonly Event[]): Map<number, readonly number[] | null> {
  const before = new Map<number, readonly number[] | null>();
  for (const { firstMs, lastMs, opens, values } of events) {
    if (values !== null) before.set(firstMs, values);
    else if (opens !== null) for (const open of opens) before.set(open, null);
    else {
      for (const open of bars.openTimeMs) if (open >= firstMs && open <= lastMs) before.set(open, null);
      for (const open of before.keys()) if (open >= firstMs && open <= lastMs) before.set(open, null);
    }
  }
  return before;
}

/** Bars as columns from `bars` and what they were `before`, ascending. */
function rebuild(bars: BarColumns, before: ReadonlyMap<number, readonly number[] | null>): BarColumns {
  const now = new Map(Array.from(bars.openTimeMs, (open, i) => [open, i]));
  const opens = [...new Set([...now.keys(), ...before.keys()])]
    .filter((open) => before.get(open) !== null)
    .sort((a, b) => a - b);
  const out = createBarColumns(bars.symbol, opens.length);
  opens.forEach((open, row) => {
    const old = before.get(open);
    out.openTimeMs[row] = open;
    FIELDS.forEach((field, f) => {
      out[field][row] = old?.[f] ?? bars[field][now.get(open)!]!;
    });
  });
  return out;
}

/**
 * The bars of one series as the store held them at `recordedAtMs`: later revisions are undone, bars that came later left out. What
 * retention has removed since cannot be told. Memory grows with the series. Throws SignalboxError for an unknown series.
 */
export async function readBarsAsRecorded(
  database: Database,
  seriesId: number,
  recordedAtMs: number,
): Promise<BarColumns> {
  const [series] = await findSeries(database.pool, [seriesId]);
  if (series === undefined) {
    throw new SignalboxError(`There is no bar series ${seriesId}.`, { remedy: 'See `signalbox db revisions`.' });
  }
  return database.transaction(async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const { rows } = await client.query<EventRow>(EVENTS, [seriesId, new Date(recordedAtMs)]);
    const bars = await selectBars(client, series);
    return rows.length === 0 ? bars : rebuild(bars, undo(bars, rows.map(toEvent)));
  });
}

/** One correction of stored history, or a refused one. */
export interface Revision {
  readonly seriesId: number;
  readonly symbol: string;
  readonly atMs: number;
  readonly accepted: boolean;
  readonly bars: number;
  readonly firstOpenMs: number;
  readonly lastOpenMs: number;
}

/** All corrections that sources have offered, newest first. */
export async function listRevisions(database: Database): Promise<Revision[]> {
  const { rows } = await database.pool.query<{
    series_id: number;
    symbol: string;
    at: Date;
    accepted: boolean;
    bars: number;
    first_open: Date;
    last_open: Date;
  }>(
    `SELECT c.series_id, s.symbol, c.detected_at AS at, c.accepted, count(*)::int AS bars,
       min(c.open_time) AS first_open, max(c.open_time) AS last_open
     FROM bar_changes c JOIN bar_series s ON s.id = c.series_id
     GROUP BY c.series_id, s.symbol, c.detected_at, c.accepted ORDER BY c.detected_at DESC, c.series_id`,
  );
  return rows.map((row) => ({
    seriesId: row.series_id,
    symbol: row.symbol,
    atMs: row.at.getTime(),
    accepted: row.accepted,
    bars: row.bars,
    firstOpenMs: row.first_open.getTime(),
    lastOpenMs: row.last_open.getTime(),
  }));
}
