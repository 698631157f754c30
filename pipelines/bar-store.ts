import type { BarColumns } from '../features/bar.ts';
import { SignalboxError } from '../infra/errors.ts';
import type { Database } from '../infra/postgres/database.ts';
import { selectBars, type BarRange } from './bar-rows.ts';
import { findSeries } from './bar-series-store.ts';

export type { BarRange } from './bar-rows.ts';

/** Bars per piece of a long read: 7 columns of 8 bytes, 3.6 MB. */
export const PIECE_BARS = 65_536;

/**
 * Reads the bars of each series, in the order of `seriesIds`, with opens in `[range.fromMs, range.toMs)`; whole series by default.
 * By binary COPY into columns: no object per bar. Throws SignalboxError for an id that is not there.
 */
export async function readBars(
  database: Database,
  seriesIds: readonly number[],
  range: BarRange = {},
): Promise<BarColumns[]> {
  const series = await findSeries(database.pool, seriesIds);
  const lost = seriesIds.find((id) => series.every((found) => found.id !== id));
  if (lost !== undefined)
    throw new SignalboxError(`There is no bar series ${lost}.`, { remedy: 'Ingest the bars again.' });
  const client = await database.pool.connect();
  try {
    const universe: BarColumns[] = [];
    for (const one of series) universe.push(await selectBars(client, one, range));
    return universe;
  } finally {
    client.release();
  }
}

/**
 * The bars of one series in pieces of at most `range.limit` (`PIECE_BARS` by default), ascending: memory stays the same whatever the
 * length of the series.
 */
export async function* streamBars(
  database: Database,
  series: { readonly id: number; readonly symbol: string },
  range: BarRange = {},
): AsyncGenerator<BarColumns> {
  const limit = range.limit ?? PIECE_BARS;
  let fromMs = range.fromMs ?? -Infinity;
  for (;;) {
    const client = await database.pool.connect();
    const piece = { ...range, fromMs, limit };
    const bars = await selectBars(client, series, piece).finally(() => client.release());
    if (bars.length > 0) yield bars;
    if (bars.length < limit) return;
    fromMs = bars.openTimeMs[bars.length - 1]! + 1;
  }
}
