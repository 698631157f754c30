import { createBarColumns, type BarColumns } from '../../features/bar.ts';

const FIELDS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Bytes of a bar. */
export const BAR_BYTES = FIELDS.length * 8;

/** The columns one after the other (little-endian on every machine that Node runs on). The symbol is not in them. */
export function encodeColumns(bars: BarColumns): Uint8Array {
  const bytes = new Uint8Array(bars.length * BAR_BYTES);
  FIELDS.forEach((field, f) => {
    const column = bars[field];
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), f * column.byteLength);
  });
  return bytes;
}

/** New columns from `encodeColumns`' bytes, which may stand at any offset. */
export function decodeColumns(symbol: string, bytes: Uint8Array): BarColumns {
  const bars = createBarColumns(symbol, bytes.byteLength / BAR_BYTES);
  FIELDS.forEach((field, f) => {
    const column = bars[field];
    const own = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    own.set(bytes.subarray(f * own.length, (f + 1) * own.length));
  });
  return bars;
}
