import type pg from 'pg';
import { DAY_MS } from '../../features/timeframe.ts';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { copyIn, copyOut, readTimestamp, writeTimestamp } from '../binary-copy.ts';
import { partitionName } from './year-partitions.ts';

/** Bytes of an encoded row: field count, then length and value of series_id (4), two times and five numbers (8 each). */
const WRITE_BYTES = 2 + 8 + 7 * 12;
const READ_BYTES = 2 + 7 * 12;
/** Rows encoded at a time: about 400 kB, so that encoding and the server's work overlap. */
const PIECE_ROWS = 4096;

const NUMBERS = ['open', 'high', 'low', 'close', 'volume'] as const;

function encodeRows(seriesId: number, bars: BarColumns, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array((to - from) * WRITE_BYTES);
  const view = new DataView(bytes.buffer);
  const { openTimeMs, closeTimeMs } = bars;
  const columns = NUMBERS.map((field) => bars[field]);
  let at = 0;
  for (let row = from; row < to; row++) {
    view.setInt16(at, 8);
    view.setInt32(at + 2, 4);
    view.setInt32(at + 6, seriesId);
    view.setInt32(at + 10, 8);
    writeTimestamp(view, at + 14, openTimeMs[row]!);
    view.setInt32(at + 22, 8);
    writeTimestamp(view, at + 26, closeTimeMs[row]!);
    at += 34;
    for (const column of columns) {
      view.setInt32(at, 8);
      view.setFloat64(at + 4, column[row]!);
      at += 12;
    }
  }
  return bytes;
}

/**
 * The rows of `bars` encoded for binary COPY, a few thousand at a time. `onPiece` sees the bars of each piece after it was handed on:
 * work done there costs little, because the server is busy with the piece meanwhile.
 */
export function* encodeBars(seriesId: number, bars: BarColumns, onPiece?: OnPiece): Generator<Uint8Array> {
  for (let from = 0; from < bars.length; from += PIECE_ROWS) {
    const to = Math.min(from + PIECE_ROWS, bars.length);
    yield encodeRows(seriesId, bars, from, to);
    onPiece?.(sliceBarColumns(bars, from, to));
  }
}

export type OnPiece = (piece: BarColumns) => void;

/** Columns of the bars table in the order in which rows are encoded. */
export const BAR_COLUMNS = 'series_id, open_time, close_time, open, high, low, close, volume';

/** Rows of one year from which its partition is written directly; below, one more round trip costs more than it saves. */
const DIRECT_ROWS = 8192;

const yearOf = (timeMs: number): number => new Date(timeMs).getUTCFullYear();

/**
 * Copies `bars` into the store. Throws where one of them is there already, or where a yearly partition is missing. Many rows of one year
 * go straight into its partition: through the parent table the server routes every row, which takes a quarter longer.
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

/** No bar spans more than a daily one, whose open a long weekend cannot move: enough to find bars by close through the index on open. */
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

/** Bars of one series in `range`, ascending. Memory grows with the bars read, not with the table. */
export async function selectBars(
  client: pg.ClientBase,
  series: { id: number; symbol: string },
  range: BarRange = {},
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
  let bars = createBarColumns(series.symbol, limit ?? 4096);
  let row = 0;
  await copyOut(client, query, READ_BYTES, (view, at) => {
    if (row === bars.length) bars = grow(bars);
    bars.openTimeMs[row] = readTimestamp(view, at + 6);
    bars.closeTimeMs[row] = readTimestamp(view, at + 18);
    bars.open[row] = view.getFloat64(at + 30);
    bars.high[row] = view.getFloat64(at + 42);
    bars.low[row] = view.getFloat64(at + 54);
    bars.close[row] = view.getFloat64(at + 66);
    bars.volume[row] = view.getFloat64(at + 78);
    row++;
  });
  return sliceBarColumns(bars, 0, row);
}

function grow(bars: BarColumns): BarColumns {
  const larger = createBarColumns(bars.symbol, bars.length * 2);
  for (const field of ['openTimeMs', 'closeTimeMs', ...NUMBERS] as const) larger[field].set(bars[field]);
  return larger;
}
