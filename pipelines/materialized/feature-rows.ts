import { writeTimestamp } from '../binary-copy.ts';

const FLOAT8_OID = 701;
/** Of an array in binary COPY: dimensions, null flag, element type, length and lower bound. */
export const ARRAY_HEADER_BYTES = 20;

/**
 * Rows of several series, filled by a computation and written in one COPY. Reused: its memory is bounded by its
 * capacity.
 */
export class FeatureRowBuffer {
  readonly capacity: number;
  readonly width: number;
  readonly seriesIds: Int32Array;
  readonly closeTimeMs: Float64Array;
  readonly values: Float64Array;
  length = 0;

  constructor(capacity: number, width: number) {
    this.capacity = capacity;
    this.width = width;
    this.seriesIds = new Int32Array(capacity);
    this.closeTimeMs = new Float64Array(capacity);
    this.values = new Float64Array(capacity * width);
  }

  /** Adds a row and returns where its values go. */
  add(seriesId: number, closeTimeMs: number): Float64Array {
    const at = this.length++;
    this.seriesIds[at] = seriesId;
    this.closeTimeMs[at] = closeTimeMs;
    return this.values.subarray(at * this.width, (at + 1) * this.width);
  }

  get full(): boolean {
    return this.length >= this.capacity;
  }
}

const PIECE_ROWS = 2048;

function encodePiece(id: number, rows: FeatureRowBuffer, from: number, to: number): Uint8Array {
  const { width, values } = rows;
  const arrayBytes = ARRAY_HEADER_BYTES + width * 12;
  const bytes = new Uint8Array((to - from) * (2 + 8 + 8 + 12 + 4 + arrayBytes));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let row = from; row < to; row++) {
    view.setInt16(at, 4);
    view.setInt32(at + 2, 4);
    view.setInt32(at + 6, id);
    view.setInt32(at + 10, 4);
    view.setInt32(at + 14, rows.seriesIds[row]!);
    view.setInt32(at + 18, 8);
    writeTimestamp(view, at + 22, rows.closeTimeMs[row]!);
    view.setInt32(at + 30, arrayBytes);
    view.setInt32(at + 34, 1);
    view.setInt32(at + 38, 0);
    view.setInt32(at + 42, FLOAT8_OID);
    view.setInt32(at + 46, width);
    view.setInt32(at + 50, 1);
    at += 54;
    for (let i = row * width; i < (row + 1) * width; i++) {
      view.setInt32(at, 8);
      view.setFloat64(at + 4, values[i]!);
      at += 12;
    }
  }
  return bytes;
}

/**
 * The rows of a materialization encoded for binary COPY, a few thousand at a time: its id, series, close and values.
 */
export function* encodeFeatureRows(id: number, rows: FeatureRowBuffer): Generator<Uint8Array> {
  for (let from = 0; from < rows.length; from += PIECE_ROWS) {
    yield encodePiece(id, rows, from, Math.min(from + PIECE_ROWS, rows.length));
  }
}
