import type pg from 'pg';
import type { VendorName } from '../vendors/vendor.ts';

/** A stretch of a series that one vendor gave: opens in `[fromMs, toMs)`. */
export interface VendorRange {
  readonly vendor: VendorName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: number;
  /** Why it is another vendor than the one the series is named after; null where it is not. */
  readonly because: string | null;
}

interface Row {
  vendor: VendorName;
  from_time: Date;
  to_time: Date;
  bars: number;
  because: string | null;
}

const toRange = (row: Row): VendorRange => ({
  vendor: row.vendor,
  fromMs: row.from_time.getTime(),
  toMs: row.to_time.getTime(),
  bars: Number(row.bars),
  because: row.because,
});

/** The stretches of a series in order of time; none where no vendor gave it. */
export async function vendorRanges(client: Pick<pg.ClientBase, 'query'>, seriesId: number): Promise<VendorRange[]> {
  const { rows } = await client.query<Row>(
    'SELECT vendor, from_time, to_time, bars, because FROM vendor_ranges WHERE series_id = $1 ORDER BY from_time',
    [seriesId],
  );
  return rows.map(toRange);
}

/**
 * Adds a stretch; one that goes on where another of the same vendor ends, or ends where it begins, becomes one with it.
 * To be called in the transaction that writes the bars, which holds the series' lock.
 */
export async function recordVendorRange(client: pg.ClientBase, seriesId: number, added: VendorRange): Promise<void> {
  const ranges = await vendorRanges(client, seriesId);
  const same = (range: VendorRange | undefined): boolean =>
    range !== undefined && range.vendor === added.vendor && (range.because === null) === (added.because === null);
  const before = ranges.findLast(({ fromMs }) => fromMs <= added.fromMs);
  const after = ranges.find(({ fromMs }) => fromMs > added.fromMs);
  const joined = same(before) ? before : same(after) ? after : undefined;
  if (joined === undefined) {
    await client.query(
      'INSERT INTO vendor_ranges (series_id, from_time, to_time, vendor, bars, because) VALUES ($1, $2, $3, $4, $5, $6)',
      [seriesId, new Date(added.fromMs), new Date(added.toMs), added.vendor, added.bars, added.because],
    );
    return;
  }
  await client.query(
    `UPDATE vendor_ranges SET from_time = least(from_time, $3), to_time = greatest(to_time, $4), bars = bars + $5, fetched_at = now()
     WHERE series_id = $1 AND from_time = $2`,
    [seriesId, new Date(joined.fromMs), new Date(added.fromMs), new Date(added.toMs), added.bars],
  );
}

/** Takes bars with these opens, which were removed, out of the counts of their stretches. */
export async function forgetVendorBars(
  client: pg.ClientBase,
  seriesId: number,
  openTimesMs: readonly number[],
): Promise<void> {
  await client.query(
    `UPDATE vendor_ranges SET bars = bars - (
       SELECT count(*) FROM unnest($2::timestamptz[]) AS gone WHERE gone >= from_time AND gone < to_time
     ) WHERE series_id = $1`,
    [seriesId, openTimesMs.map((timeMs) => new Date(timeMs))],
  );
}
