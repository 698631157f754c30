import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { readTimestamp, writeTimestamp } from '../binary-copy.ts';

/**
 * Bytes of an encoded row: field count, then length and value of series_id (4), two times and five numbers (8 each).
 */
const WRITE_BYTES = 2 + 8 + 7 * 12;
/** Bytes of a row as `decodeBar` takes it. */
export const READ_BYTES = 2 + 7 * 12;
/** Bytes of the id of a series and its length, which may stand before that. */
export const ID_BYTES = 8;
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
 * The rows of `bars` encoded for binary COPY, a few thousand at a time. `onPiece` sees the bars of each piece after it
 * was handed on: work done there costs little, because the server is busy with the piece meanwhile.
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

/**
 * Decodes a row of `open_time, close_time, open, high, low, close, volume` from binary COPY; `at` is where it begins.
 */
export function decodeBar(view: DataView, at: number, bars: BarColumns, row: number): void {
  bars.openTimeMs[row] = readTimestamp(view, at + 6);
  bars.closeTimeMs[row] = readTimestamp(view, at + 18);
  bars.open[row] = view.getFloat64(at + 30);
  bars.high[row] = view.getFloat64(at + 42);
  bars.low[row] = view.getFloat64(at + 54);
  bars.close[row] = view.getFloat64(at + 66);
  bars.volume[row] = view.getFloat64(at + 78);
}

/** The same bars with room for twice as many. */
export function growBars(bars: BarColumns): BarColumns {
  const larger = createBarColumns(bars.symbol, bars.length * 2);
  for (const field of ['openTimeMs', 'closeTimeMs', ...NUMBERS] as const) larger[field].set(bars[field]);
  return larger;
}

/** The same bars in ascending order of their opens: `bars` itself where they are. */
export function inOrderOfOpens(bars: BarColumns): BarColumns {
  const { openTimeMs, length, symbol } = bars;
  let row = 1;
  while (row < length && openTimeMs[row]! > openTimeMs[row - 1]!) row++;
  if (row >= length) return bars;
  const order = Uint32Array.from({ length }, (_, at) => at).sort((a, b) => openTimeMs[a]! - openTimeMs[b]!);
  const sorted = createBarColumns(symbol, length);
  for (const field of ['openTimeMs', 'closeTimeMs', ...NUMBERS] as const) {
    for (let at = 0; at < length; at++) sorted[field][at] = bars[field][order[at]!]!;
  }
  return sorted;
}
