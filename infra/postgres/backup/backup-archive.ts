import { createHash } from 'node:crypto';
import { InputError } from '../../errors.ts';

/**
 * A backup is one gzip stream of records: a kind (one letter), the length of the payload (4 bytes, big-endian), the
 * payload.
 *
 *   H  header, JSON: format, versions, migrations
 *   T  a table begins, JSON: name and columns
 *   D  a piece of its rows as COPY writes them in text format
 *   E  the table ends, JSON: rows and SHA-256 of its pieces
 *   S  where the sequences stand, JSON
 *   Z  the end, SHA-256 of everything before; a file without it was cut off
 *
 * `readBackup` says in which order they may stand.
 */
export type RecordKind = 'H' | 'T' | 'D' | 'E' | 'S' | 'Z';

/** Format 1 held the statements that make the schema too. They are not looked at: our own migrations make it. */
export const ARCHIVE_FORMAT = 2;
const PREFIX_BYTES = 5;

/** A length is believed up to here before anything is kept for it. Rows are passed on as they come and kept nowhere. */
const PAYLOAD_BYTES_MAX: Readonly<Record<RecordKind, number>> = {
  H: 1024 * 1024,
  T: 128 * 1024,
  D: 256 * 1024 * 1024,
  E: 1024,
  S: 256 * 1024,
  Z: 64,
};

export interface ArchiveRecord {
  readonly kind: RecordKind;
  /** Whole; but rows (D) may come in several records for one that was written. */
  readonly payload: Buffer;
}

/** Turns records into bytes and keeps the checksum that ends the file. */
export function createRecordWriter(): { encode(kind: RecordKind, payload: unknown): Buffer; end(): Buffer } {
  const hash = createHash('sha256');
  const frame = (kind: RecordKind, payload: Buffer): Buffer => {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.write(kind, 0, 'latin1');
    prefix.writeUInt32BE(payload.length, 1);
    return Buffer.concat([prefix, payload]);
  };
  return {
    encode: (kind, payload) => {
      const bytes = frame(kind, Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload)));
      hash.update(bytes);
      return bytes;
    },
    end: () => frame('Z', Buffer.from(hash.digest('hex'))),
  };
}

interface OpenRecord {
  readonly kind: RecordKind;
  /** Of the payload, not yet seen. */
  left: number;
  /** Of the payload, kept until it is whole. */
  readonly pieces: Buffer[];
}

/**
 * The records of an unpacked backup. Throws InputError where it is damaged or cut off; the checksum is checked at its
 * end. Holds one record but rows, and those of a bounded length.
 */
export async function* readRecords(bytes: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<ArchiveRecord> {
  const hash = createHash('sha256');
  let prefix: Buffer = Buffer.alloc(0);
  let open: OpenRecord | null = null;
  let ended = false;
  for await (const piece of bytes) {
    let rest: Buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    while (rest.length > 0) {
      if (ended) throw damaged(source, 'it has something after its end');
      if (open === null) {
        const taken = rest.subarray(0, PREFIX_BYTES - prefix.length);
        prefix = Buffer.concat([prefix, taken]);
        rest = rest.subarray(taken.length);
        if (prefix.length < PREFIX_BYTES) continue;
        open = openRecord(prefix, source);
        if (open.kind !== 'Z') hash.update(prefix);
        prefix = Buffer.alloc(0);
      }
      const payload: Buffer = rest.subarray(0, open.left);
      rest = rest.subarray(payload.length);
      open.left -= payload.length;
      if (open.kind !== 'Z') hash.update(payload);
      if (open.kind === 'D') {
        if (payload.length > 0) yield { kind: 'D', payload };
      } else if (payload.length > 0) open.pieces.push(payload);
      if (open.left > 0) continue;
      const { kind, pieces } = open;
      open = null;
      if (kind === 'D') continue;
      const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      ended = kind === 'Z';
      if (ended && whole.toString('latin1') !== hash.digest('hex')) throw damaged(source, 'its checksum is wrong');
      yield { kind, payload: whole };
    }
  }
  if (!ended) throw damaged(source, 'it was cut off');
}

function openRecord(prefix: Buffer, source: string): OpenRecord {
  const kind = prefix.toString('latin1', 0, 1);
  const left = prefix.readUInt32BE(1);
  if (!isRecordKind(kind) || left > PAYLOAD_BYTES_MAX[kind] || (left === 0 && kind !== 'D')) {
    throw damaged(source, 'it holds something that no backup holds');
  }
  return { kind, left, pieces: [] };
}

function isRecordKind(letter: string): letter is RecordKind {
  return Object.hasOwn(PAYLOAD_BYTES_MAX, letter);
}

/** The error for a file that cannot be restored. */
export function damaged(source: string, why: string, cause?: unknown): InputError {
  return new InputError(`${source} is not a whole backup of Signalbox: ${why}.`, 'Use another backup file.', cause);
}
