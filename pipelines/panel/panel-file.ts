import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import { openOutsideFile } from '../../infra/files/outside-file.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { sameValues } from '../bars/bar-room.ts';

// A panel's file: the columns of each symbol as they lie in memory, then what they are as JSON, then the length and the
// check sum of that and a word that tells the format. Times that are those of the symbol before are not written again.

const FORMAT = Buffer.from('SBPANEL1');
const END_BYTES = 8 + FORMAT.length;

/** Features of one symbol, with when each of its bars opened. */
export interface PanelMatrix extends FeatureMatrix {
  readonly openTimeMs: Float64Array;
}

/** Where a column begins, in bytes from the beginning of the file, and its check sum. */
interface Place {
  readonly at: number;
  readonly crc: number;
}

interface Part {
  readonly symbol: string;
  readonly length: number;
  readonly opens: Place;
  readonly closes: Place;
  readonly values: Place;
}

interface Contents {
  readonly columns: readonly string[];
  readonly parts: readonly Part[];
}

/** Writes matrices of the same columns to `path`: whole, or not at all. */
export function writePanelFile(path: string, matrices: readonly PanelMatrix[]): Promise<void> {
  return writeWholeFile(path, piecesOf(matrices), { isLosable: true });
}

function* piecesOf(matrices: readonly PanelMatrix[]): Generator<Uint8Array> {
  let end = 0;
  function* column(values: Float64Array): Generator<Uint8Array, Place> {
    const bytes = bytesOf(values);
    const place = { at: end, crc: crc32(bytes) };
    end += bytes.length;
    yield bytes;
    return place;
  }
  const parts: Part[] = [];
  for (const [m, { symbol, length, openTimeMs, closeTimeMs, values }] of matrices.entries()) {
    const [before, written] = [matrices[m - 1], parts[m - 1]];
    const isSame = (own: Float64Array, last?: Float64Array): boolean => last !== undefined && sameValues(own, last);
    const opens = isSame(openTimeMs, before?.openTimeMs) ? written!.opens : yield* column(openTimeMs);
    const closes = isSame(closeTimeMs, before?.closeTimeMs) ? written!.closes : yield* column(closeTimeMs);
    parts.push({ symbol, length, opens, closes, values: yield* column(values) });
  }
  const contents: Contents = { columns: matrices[0]?.columns ?? [], parts };
  const told = Buffer.from(JSON.stringify(contents));
  const last = Buffer.alloc(END_BYTES);
  last.writeUInt32LE(told.length);
  last.writeUInt32LE(crc32(told), 4);
  FORMAT.copy(last, 8);
  yield told;
  yield last;
}

/** The matrices that `writePanelFile` has written; null where the file is not there, or is not as it was written. */
export function readPanelFile(path: string): PanelMatrix[] | null {
  if (!existsSync(path)) return null;
  const file = openOutsideFile(path);
  try {
    const contents = readContents(file);
    return contents === null ? null : readParts(file, contents);
  } finally {
    closeSync(file);
  }
}

function readContents(file: number): Contents | null {
  const { size } = fstatSync(file);
  const end = read(file, size - END_BYTES, Buffer.alloc(END_BYTES));
  if (end === null || !end.subarray(8).equals(FORMAT)) return null;
  const length = end.readUInt32LE();
  if (length > size - END_BYTES) return null;
  const told = read(file, size - END_BYTES - length, Buffer.alloc(length));
  if (told === null || crc32(told) !== end.readUInt32LE(4)) return null;
  return JSON.parse(told.toString()) as Contents;
}

function readParts(file: number, { columns, parts }: Contents): PanelMatrix[] | null {
  const column = ({ at, crc }: Place, length: number): Float64Array | null => {
    const values = new Float64Array(length);
    const bytes = read(file, at, bytesOf(values));
    return bytes !== null && crc32(bytes) === crc ? values : null;
  };
  const matrices: PanelMatrix[] = [];
  for (const [p, { symbol, length, opens, closes, values: placed }] of parts.entries()) {
    const [before, known] = [parts[p - 1], matrices[p - 1]];
    const isSame = (own: Place, last?: Place): boolean => own.at === last?.at && length === known!.length;
    const openTimeMs = isSame(opens, before?.opens) ? known!.openTimeMs : column(opens, length);
    const closeTimeMs = isSame(closes, before?.closes) ? known!.closeTimeMs : column(closes, length);
    const values = column(placed, length * columns.length);
    if (openTimeMs === null || closeTimeMs === null || values === null) return null;
    matrices.push({ symbol, columns, length, openTimeMs, closeTimeMs, values });
  }
  return matrices;
}

/** Fills `bytes` from `at` on; null where the file ends before. */
function read<T extends Uint8Array>(file: number, at: number, bytes: T): T | null {
  if (at < 0) return null;
  for (let done = 0; done < bytes.length;) {
    const count = readSync(file, bytes, done, bytes.length - done, at + done);
    if (count === 0) return null;
    done += count;
  }
  return bytes;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
