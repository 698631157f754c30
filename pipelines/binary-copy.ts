import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readCopy } from '../infra/postgres/backup/read-copy.ts';

/** Header of PostgreSQL's binary COPY format: signature, no flags, no extension. */
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);

/** timestamptz counts microseconds from 2000-01-01. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const TWO_32 = 4_294_967_296;

/** Writes `timeMs` as a binary timestamptz at `at`. Whole milliseconds of any date fit a double exactly. */
export function writeTimestamp(view: DataView, at: number, timeMs: number): void {
  const micros = (timeMs - POSTGRES_EPOCH_MS) * 1000;
  const high = Math.floor(micros / TWO_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, micros - high * TWO_32);
}

/** Reads a binary timestamptz as UTC milliseconds. */
export function readTimestamp(view: DataView, at: number): number {
  return (view.getInt32(at) * TWO_32 + view.getUint32(at + 4)) / 1000 + POSTGRES_EPOCH_MS;
}

/**
 * Runs `COPY target FROM STDIN (FORMAT binary)` with the encoded rows that `pieces` yields, waiting for the server when
 * it is slower. `target` is a table with its column list. Rejects with the server's error.
 */
export async function copyIn(client: pg.ClientBase, target: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${target} FROM STDIN (FORMAT binary)`));
  const finished = once(stream, 'finish');
  // Awaited below; without a handler an error that comes while a piece is being made would end the process.
  finished.catch(() => undefined);
  stream.write(HEADER);
  for (const piece of pieces) {
    if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), finished]);
  }
  stream.end(TRAILER);
  await finished;
}

/**
 * Runs `COPY (query) TO STDOUT (FORMAT binary)` for a query whose rows are all `rowBytes` long (no nulls, fixed-width
 * types), and calls `onRow` with where each row's bytes begin. Rejects with the server's error.
 */
export async function copyOut(
  client: pg.ClientBase,
  query: string,
  rowBytes: number,
  onRow: (view: DataView, at: number) => void,
): Promise<void> {
  let rest: Uint8Array = new Uint8Array(0);
  let skip = HEADER.length;
  for await (const chunk of readCopy(client, `COPY (${query}) TO STDOUT (FORMAT binary)`)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (bytes.length < skip) {
      rest = bytes;
      continue;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = skip;
    skip = 0;
    for (; at + rowBytes <= bytes.length; at += rowBytes) onRow(view, at);
    rest = bytes.subarray(at);
  }
}
