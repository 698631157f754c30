import { writeTimestamp } from '../binary-copy.ts';
import type { EventRow } from './event-row.ts';

/** Columns in the order in which rows are encoded. */
export const COPIED_COLUMNS =
  'source, source_id, revision, symbol, kind, field, value, expected, body, event_time, known_time, known_by, method';
const FIELDS = 13;
/** Bytes of a row beside its texts: a count, thirteen lengths, one integer, two doubles and two times. */
const FIXED_BYTES = 2 + FIELDS * 4 + 4 + 2 * 8 + 2 * 8;
const PIECE_BYTES = 1 << 18;

/** Writes rows one after another into a piece of PostgreSQL's binary COPY format. */
class RowWriter {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: number) {
    this.#bytes = Buffer.alloc(bytes);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  }

  row(row: EventRow): void {
    this.#view.setInt16(this.at, FIELDS);
    this.at += 2;
    this.#text(row.source);
    this.#text(row.sourceId);
    this.#length(4);
    this.#view.setInt32(this.at - 4, row.revision);
    this.#text(row.symbol);
    this.#text(row.kind);
    this.#text(row.field);
    this.#double(row.value);
    this.#double(row.expected);
    this.#text(row.text);
    this.#time(row.eventMs);
    this.#time(row.knownMs);
    this.#text(row.knownBy);
    this.#text(row.method);
  }

  piece(): Uint8Array {
    return this.#bytes.subarray(0, this.at);
  }

  /** Says how long the next field is, and goes behind it. */
  #length(bytes: number): void {
    this.#view.setInt32(this.at, bytes);
    this.at += 4 + Math.max(0, bytes);
  }

  #text(text: string | null): void {
    if (text === null) return this.#length(-1);
    const written = this.#bytes.write(text, this.at + 4, 'utf8');
    this.#length(written);
  }

  #double(value: number): void {
    if (Number.isNaN(value)) return this.#length(-1);
    this.#length(8);
    this.#view.setFloat64(this.at - 8, value);
  }

  #time(timeMs: number): void {
    this.#length(8);
    writeTimestamp(this.#view, this.at - 8, timeMs);
  }
}

/** The most bytes that a row may take: three for each UTF-16 unit of its texts. */
function bytesOf({ source, sourceId, symbol, kind, field, text, knownBy, method }: EventRow): number {
  const texts = [source, sourceId, symbol, kind, field, text ?? '', knownBy, method ?? ''];
  return FIXED_BYTES + 3 * texts.reduce((sum, one) => sum + one.length, 0);
}

/** Rows in the binary COPY format, in pieces of about 256 kB. */
export function* encodeEvents(rows: Iterable<EventRow>): Generator<Uint8Array> {
  let writer = new RowWriter(PIECE_BYTES);
  for (const row of rows) {
    const bytes = bytesOf(row);
    if (writer.at > 0 && writer.at + bytes > PIECE_BYTES) {
      yield writer.piece();
      writer = new RowWriter(Math.max(PIECE_BYTES, bytes));
    }
    writer.row(row);
  }
  if (writer.at > 0) yield writer.piece();
}
