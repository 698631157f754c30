import type pg from 'pg';
import type { BarColumns } from '../../features/bar.ts';

/**
 * Notes that `bars` have come into the series, in the transaction that stores them. `knownFromMs`: open of the first bar that was there
 * before; bars that go in behind it are named one by one, because others stand between them.
 */
export async function recordArrival(
  client: pg.ClientBase,
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
