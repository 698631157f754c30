import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../../infra/errors.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const GZIP = [0x1f, 0x8b];
const READ_BYTES = 1 << 18;
/** A line longer than this is no line of a bars file: something binary, or a quote that was never closed. */
const LONGEST_LINE = 1 << 20;
/** Bars pack to a fifth or a tenth of their size; gzip can make a thousandth of what is made to burst. */
const UNPACKED_RATIO_MAX = 100;
const UNPACKED_BYTES_FREE = 1 << 24;

/** The first bytes of a file, to tell what it is whatever its name says. Throws InputError where it cannot be read. */
export async function firstBytes(path: string, count: number): Promise<Uint8Array> {
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

/** Text of a file in pieces, unpacked where it is gzip by its first bytes. Throws InputError for a damaged archive. */
async function* readText(path: string): AsyncGenerator<string> {
  const head = await firstBytes(path, 2);
  const packed = head[0] === GZIP[0] && head[1] === GZIP[1];
  if (!packed && path.endsWith('.gz') && head.length > 0) {
    throw new InputError(`${path}: not a gzip file, though its name says so.`, 'Rename or repack it.');
  }
  const raw = createReadStream(path, { highWaterMark: READ_BYTES });
  const bytes = packed ? raw.pipe(createGunzip({ chunkSize: READ_BYTES })) : raw;
  if (packed) raw.on('error', (error) => bytes.destroy(error));
  const decoder = new StringDecoder('utf8');
  let unpacked = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (packed && unpacked > UNPACKED_BYTES_FREE + UNPACKED_RATIO_MAX * raw.bytesRead) throw bursting(path);
      yield decoder.write(chunk);
    }
    yield decoder.end();
  } catch (cause) {
    if (!packed || cause instanceof InputError) throw cause;
    throw new InputError(
      `${path}: the gzip data is damaged or cut off (${(cause as Error).message}).`,
      'Fetch it again.',
      cause,
    );
  } finally {
    raw.destroy();
  }
}

function bursting(path: string): InputError {
  return new InputError(
    `${path}: the gzip data unpack to more than ${UNPACKED_RATIO_MAX} times their size, which bars do not.`,
    'Check where the file comes from; if it is right, unpack it and give the CSV file.',
  );
}

/** The cells of a record with quotes as RFC 4180 has them, or what is wrong with it, in words. */
function quotedRecord(text: string): string[] | string {
  const cells: string[] = [];
  for (let at = 0; ; at++) {
    if (text.charCodeAt(at) !== QUOTE) {
      const comma = text.indexOf(',', at);
      const cell = comma === -1 ? text.slice(at) : text.slice(at, comma);
      if (cell.includes('"')) return `a quote inside cell ${cells.length + 1}, which does not begin with one`;
      cells.push(cell);
      if (comma === -1) return cells;
      at = comma;
      continue;
    }
    let end = text.indexOf('"', at + 1);
    while (end !== -1 && text.charCodeAt(end + 1) === QUOTE) end = text.indexOf('"', end + 2);
    if (end === -1) return `the quote of cell ${cells.length + 1} is not closed`;
    cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 === text.length) return cells;
    if (text.charCodeAt(end + 1) !== COMMA) return `text after the closing quote of cell ${cells.length}`;
    at = end + 1;
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++;
  return count;
}

/** Calls `onRecord` with the cells and the line number (from 1) of each record; blank lines are passed over. */
export type OnRecord = (cells: string[], line: number) => void;

/** Hears of a record whose quotes do not fit, and where it begins. */
export type OnBrokenRecord = (problem: string, line: number) => void;

/** Puts records with quotes together, which may go over several lines. */
class QuotedRecords {
  readonly #path: string;
  readonly #onRecord: OnRecord;
  readonly #onBroken: OnBrokenRecord | undefined;
  #parts: string[] = [];
  #length = 0;
  #quotes = 0;
  #from = 0;

  constructor(path: string, onRecord: OnRecord, onBroken: OnBrokenRecord | undefined) {
    this.#path = path;
    this.#onRecord = onRecord;
    this.#onBroken = onBroken;
  }

  get isOpen(): boolean {
    return this.#parts.length > 0;
  }

  /** A line that has quotes or belongs to a record that does. */
  take(raw: string, line: number): void {
    if (!this.isOpen) this.#from = line;
    this.#parts.push(raw);
    this.#length += raw.length + 1;
    this.#quotes += countQuotes(raw);
    if (this.#quotes % 2 === 0) this.#close();
    else if (this.#length > LONGEST_LINE) throw this.#unclosed(`not closed within ${LONGEST_LINE} characters`);
  }

  end(): void {
    if (this.isOpen) throw this.#unclosed('never closed');
  }

  #close(): void {
    const record = quotedRecord(this.#parts.join('\n'));
    this.#parts = [];
    this.#length = 0;
    this.#quotes = 0;
    if (typeof record !== 'string') return this.#onRecord(record, this.#from);
    if (this.#onBroken !== undefined) return this.#onBroken(record, this.#from);
    throw new InputError(
      `${this.#path}, line ${this.#from}: ${record}.`,
      'Quote whole cells, and double quotes inside.',
    );
  }

  #unclosed(how: string): InputError {
    return new InputError(`${this.#path}, line ${this.#from}: a quote is ${how}.`, 'Close it.');
  }
}

/**
 * Reads a CSV file record by record, in time and memory that grow with its size. Lines without quotes are split at
 * their commas (0.5 s per million rows of six cells). Throws InputError with file and line; where `onBroken` is given,
 * for a broken record only if nothing after it can be read.
 */
export async function readRecords(path: string, onRecord: OnRecord, onBroken?: OnBrokenRecord): Promise<void> {
  let rest = '';
  let line = 0;
  const quoted = new QuotedRecords(path, onRecord, onBroken);
  const take = (raw: string): void => {
    line++;
    if (quoted.isOpen || raw.includes('"')) quoted.take(raw, line);
    else if (raw.trim() !== '') onRecord(raw.split(','), line);
  };
  const endingOf = (text: string, at: number): number => (text.charCodeAt(at - 1) === 13 ? at - 1 : at);
  for await (const piece of readText(path)) {
    const text = rest + (line === 0 && rest === '' ? piece.replace(/^\uFEFF/, '') : piece);
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      take(text.slice(from, endingOf(text, at)));
      from = at + 1;
    }
    rest = text.slice(from);
    if (rest.length > LONGEST_LINE) throw tooLong(path, line + 1);
  }
  if (rest !== '') take(rest.endsWith('\r') ? rest.slice(0, -1) : rest);
  quoted.end();
}

function tooLong(path: string, line: number): InputError {
  return new InputError(
    `${path}, line ${line}: no line end within ${LONGEST_LINE} characters: not a CSV file.`,
    'Give a text file.',
  );
}
