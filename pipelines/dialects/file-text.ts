import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../infra/errors.ts';
import { requirePlainFile } from '../../infra/files/outside-file.ts';
import { openZipEntry, zipMemberOf } from './zip-entry.ts';

const READ_BYTES = 1 << 18;
/** Bars pack to a fifth or a tenth of their size; packers can make a thousandth of what is made to burst. */
const UNPACKED_RATIO_MAX = 100;
const UNPACKED_BYTES_FREE = 1 << 24;

/** The first bytes of a file, to tell what it is whatever its name says. Throws InputError where it cannot be read. */
export async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  const member = await zipMemberOf(path);
  if (member !== null) return firstPacked(await openZipEntry(member.archive, member.name), count);
  requirePlainFile(path);
  const file = await open(path).catch((cause: unknown) => {
    throw new InputError(
      `Cannot read ${path}: ${(cause as Error).message}.`,
      'Check the path and the permissions.',
      cause,
    );
  });
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function firstPacked({ bytes, close }: OpenBytes, count: number): Promise<Uint8Array> {
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) return chunk.subarray(0, count);
    return new Uint8Array();
  } finally {
    close();
  }
}

type Packing = 'gzip' | 'zip' | null;

async function packingOf(path: string): Promise<Packing> {
  const isMember = (await zipMemberOf(path)) !== null;
  const head = Buffer.from(await firstBytes(path, 4)).toString('latin1');
  const packing = head.startsWith('\x1f\x8b') ? 'gzip' : head === 'PK\x03\x04' ? 'zip' : null;
  const named = path.toLowerCase().endsWith('.gz') ? 'gzip' : path.toLowerCase().endsWith('.zip') ? 'zip' : packing;
  if (named !== packing && head.length > 0) {
    throw new InputError(`${path}: not a ${named} file, though its name says so.`, 'Rename or repack it.');
  }
  if (isMember && packing !== null)
    throw new InputError(`${path}: a ${packing} file inside a zip archive.`, 'Unpack the archive and name the file.');
  return isMember ? 'zip' : packing;
}

/** Bytes of a file, unpacked. */
interface OpenBytes {
  readonly bytes: Readable;
  /** Packed bytes read so far. */
  readBytes(): number;
  close(): void;
}

async function openBytes(path: string, packing: Packing): Promise<OpenBytes> {
  const member = packing === 'zip' ? await zipMemberOf(path) : null;
  if (packing === 'zip') return openZipEntry(member?.archive ?? path, member?.name);
  const raw = createReadStream(path, { highWaterMark: READ_BYTES });
  const bytes = packing === null ? raw : raw.pipe(createGunzip({ chunkSize: READ_BYTES }));
  if (packing !== null) raw.on('error', (error) => bytes.destroy(error));
  return { bytes, readBytes: () => raw.bytesRead, close: () => raw.destroy() };
}

/** Decodes pieces of a text; `end` gives what is left. */
interface Decoder {
  write(chunk: Buffer): string;
  end(): string;
}

function utf16(label: 'utf-16le' | 'utf-16be'): Decoder {
  const decoder = new TextDecoder(label);
  return { write: (chunk) => decoder.decode(chunk, { stream: true }), end: () => decoder.decode() };
}

/** What the first bytes say of the characters: a mark, or zeros in every other byte; UTF-8 otherwise. */
function decoderFor(head: Buffer): Decoder {
  if (head[0] === 0xff && head[1] === 0xfe) return utf16('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return utf16('utf-16be');
  const pairs = Math.min(32, Math.floor(head.length / 2));
  const isZero = (offset: number): boolean[] => Array.from({ length: pairs }, (_, i) => head[2 * i + offset] === 0);
  const [even, odd] = [isZero(0), isZero(1)];
  if (pairs >= 4 && odd.every(Boolean) && !even.some(Boolean)) return utf16('utf-16le');
  if (pairs >= 4 && even.every(Boolean) && !odd.some(Boolean)) return utf16('utf-16be');
  return new StringDecoder('utf8');
}

/**
 * Text of a file in pieces, without a byte order mark: unpacked where it is gzip or zip by its first bytes, UTF-16 or
 * UTF-8. Throws InputError for a damaged archive.
 */
export async function* readText(path: string): AsyncGenerator<string> {
  const packing = await packingOf(path);
  const { bytes, readBytes, close } = await openBytes(path, packing);
  let decoder: Decoder | undefined;
  let unpacked = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (packing !== null && unpacked > UNPACKED_BYTES_FREE + UNPACKED_RATIO_MAX * readBytes())
        throw bursting(path, packing);
      const isFirst = decoder === undefined;
      decoder ??= decoderFor(chunk);
      const text = decoder.write(chunk);
      yield isFirst ? text.replace(/^\uFEFF/, '') : text;
    }
    yield decoder?.end() ?? '';
  } catch (cause) {
    if (packing === null || cause instanceof InputError) throw cause;
    throw new InputError(
      `${path}: the ${packing} data is damaged or cut off (${(cause as Error).message}).`,
      'Fetch it again.',
      cause,
    );
  } finally {
    close();
  }
}

function bursting(path: string, packing: string): InputError {
  return new InputError(
    `${path}: the ${packing} data unpack to more than ${UNPACKED_RATIO_MAX} times their size, which bars do not.`,
    'Check where the file comes from; if it is right, unpack it and give the CSV file.',
  );
}
