import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { findSeries } from '../bars/bar-series-store.ts';
import { selectBars } from '../bars/bar-row-store.ts';
import { eventsSince, listCorrections, type BarEvent, type Correction } from './revision-store.ts';

const FIELDS = ['closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/** The values each touched bar had before `events`; null where it was not there yet. */
function undo(bars: BarColumns, events: readonly BarEvent[]): Map<number, readonly number[] | null> {
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
 * The bars of one series as the store held them at `recordedAtMs`: later revisions are undone, bars that came later
 * left out. What retention has removed since cannot be told. Memory grows with the series. Throws SignalboxError for an
 * unknown series.
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
    const events = await eventsSince(client, seriesId, recordedAtMs);
    const bars = await selectBars(client, series);
    return events.length === 0 ? bars : rebuild(bars, undo(bars, events));
  });
}

/** One correction of stored history, or a refused one. */
export interface Revision extends Correction {
  readonly symbol: string;
}

/** All corrections that sources have offered, newest first. */
export async function listRevisions(database: Database): Promise<Revision[]> {
  const corrections = await listCorrections(database.pool);
  const series = await findSeries(database.pool, [...new Set(corrections.map(({ seriesId }) => seriesId))]);
  const symbols = new Map(series.map(({ id, symbol }) => [id, symbol]));
  return corrections.flatMap((correction) => {
    const { seriesId, ...rest } = correction;
    const symbol = symbols.get(seriesId);
    return symbol === undefined ? [] : [{ seriesId, symbol, ...rest }];
  });
}
