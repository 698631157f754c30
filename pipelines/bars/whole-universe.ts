import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { copyWholeSeries } from './bar-row-store.ts';
import { decodeBar, growBars, ID_BYTES, inOrderOfOpens } from './bar-rows.ts';
import { findSeries, type StoredSeries } from './bar-series-store.ts';

/** Series with all their bars, as they were at one moment. */
export interface WholeUniverse {
  readonly series: readonly StoredSeries[];
  /** In the order of `series`. */
  readonly bars: readonly BarColumns[];
}

/** All bars of each series, in the order of `seriesIds`. Throws SignalboxError for an id that is not there. */
export function readWholeUniverse(database: Database, seriesIds: readonly number[]): Promise<WholeUniverse> {
  return database.transaction(async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    const series = await findSeries(client, seriesIds);
    const lost = seriesIds.find((id) => series.every((found) => found.id !== id));
    if (lost !== undefined)
      throw new SignalboxError(`There is no bar series ${lost}.`, { remedy: 'Ingest the bars again.' });
    const filling = new Map(series.map((one) => [one.id, { read: createBarColumns(one.symbol, one.bars), rows: 0 }]));
    await copyWholeSeries(client, seriesIds, (view, at) => {
      const one = filling.get(view.getInt32(at + 6))!;
      if (one.rows === one.read.length) one.read = growBars(one.read);
      decodeBar(view, at + ID_BYTES, one.read, one.rows++);
    });
    const bars = series.map(({ id }) => {
      const { read, rows } = filling.get(id)!;
      return inOrderOfOpens(sliceBarColumns(read, 0, rows));
    });
    return { series, bars };
  });
}
