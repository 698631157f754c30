import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../errors.ts';

/**
 * A backup is one gzip stream of records: a kind (one letter), the length of the payload (4 bytes, big-endian), the payload.
 *
 *   H  header, JSON: format, versions, migrations, the statements that make the schema
 *   T  a table begins, JSON: name and columns
 *   D  a piece of its rows as COPY writes them in text format
 *   E  the table ends, JSON: rows and SHA-256 of its pieces
 *   S  where the sequences stand, JSON
 *   Z  the end, SHA-256 of everything before; a file without it was cut off
 */
export type RecordKind = 'H' | 'T' | 'D' | 'E' | 'S' | 'Z';

export const ARCHIVE_FORMAT = 1;
const PREFIX_BYTES = 5;
const PAYLOAD_BYTES_MAX = 256 * 1024 * 1024;

export const headerSchema = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  createdAt: z.iso.datetime(),
  postgres: z.string(),
  migrations: z.array(z.string()),
  beforeData: z.array(z.string()),
  afterData: z.array(z.string()),
});
export const tableSchema = z.object({ name: z.string(), columns: z.array(z.string()) });
export const tableEndSchema = z.object({ rows: z.int(), sha256: z.string() });
export const sequencesSchema = z.array(z.object({ name: z.string(), value: z.string().nullable() }));

export interface ArchiveRecord {
  readonly kind: RecordKind;
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

/** The records of an unpacked backup. Throws InputError where it is damaged or cut off; the checksum is checked at its end. */
export async function* readRecords(bytes: AsyncIterable<Buffer>, source: string): AsyncGenerator<ArchiveRecord> {
  const hash = createHash('sha256');
  let held: Buffer = Buffer.alloc(0);
  let ended = false;
  for await (const piece of bytes) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    for (let size = sizeOf(held, source); size !== null && !ended; size = sizeOf(held, source)) {
      const record = { kind: held.toString('latin1', 0, 1) as RecordKind, payload: held.subarray(PREFIX_BYTES, size) };
      ended = record.kind === 'Z';
      if (ended && record.payload.toString() !== hash.digest('hex')) throw damaged(source, 'its checksum is wrong');
      if (!ended) hash.update(held.subarray(0, size));
      held = held.subarray(size);
      yield record;
    }
  }
  if (!ended || held.length > 0) throw damaged(source, 'it was cut off or has something after its end');
}

function sizeOf(held: Buffer, source: string): number | null {
  if (held.length < PREFIX_BYTES) return null;
  const length = held.readUInt32BE(1);
  if (!/^[HTDESZ]$/.test(held.toString('latin1', 0, 1)) || length > PAYLOAD_BYTES_MAX) {
    throw damaged(source, 'it holds something that no backup holds');
  }
  return held.length >= PREFIX_BYTES + length ? PREFIX_BYTES + length : null;
}

/** The error for a file that cannot be restored. */
export function damaged(source: string, why: string, cause?: unknown): InputError {
  return new InputError(`${source} is not a whole backup of Signalbox: ${why}.`, 'Use another backup file.', cause);
}
