import { InputError } from '../../../infra/errors.ts';
import { readText } from '../../dialects/file-text.ts';
import { quotedRecord } from '../../dialects/split-record.ts';

/** A line longer than this is no line of a bars file: something binary, or a quote that was never closed. */
const LONGEST_LINE = 1 << 20;

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++;
  return count;
}

/** Calls `onRecord` with the cells and the line number (from 1) of each record; blank lines are passed over. */
export type OnRecord = (cells: string[], line: number) => void;

/** Hears of a record whose quotes do not fit, and where it begins. */
type OnBrokenRecord = (problem: string, line: number) => void;

/** Puts records with quotes together, which may go over several lines. */
class QuotedRecords {
  readonly #path: string;
  readonly #onRecord: OnRecord;
  readonly #onBroken: OnBrokenRecord | undefined;
  readonly #delimiter: string;
  #parts: string[] = [];
  #length = 0;
  #quotes = 0;
  #from = 0;

  constructor(path: string, onRecord: OnRecord, { onBroken, delimiter = ',' }: RecordOptions) {
    this.#path = path;
    this.#onRecord = onRecord;
    this.#onBroken = onBroken;
    this.#delimiter = delimiter;
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
    const record = quotedRecord(this.#parts.join('\n'), this.#delimiter);
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

/** How the records of a file are told apart. */
export interface RecordOptions {
  readonly onBroken?: OnBrokenRecord | undefined;
  /** What stands between cells: a comma by default; a blank for any number of blanks. */
  readonly delimiter?: string;
  /** Lines before this one are passed over. */
  readonly fromLine?: number;
}

/**
 * Reads a CSV file record by record, in time and memory that grow with its size. Lines without quotes are split at
 * their commas (0.5 s per million rows of six cells). Throws InputError with file and line; where `onBroken` is given,
 * for a broken record only if nothing after it can be read.
 */
export async function readRecords(path: string, onRecord: OnRecord, options: RecordOptions = {}): Promise<void> {
  const { delimiter = ',', fromLine = 1 } = options;
  const quoted = new QuotedRecords(path, onRecord, options);
  const cellsOf = delimiter === ' ' ? (raw: string) => raw.trim().split(/\s+/) : (raw: string) => raw.split(delimiter);
  await readLines(path, (raw, line) => {
    if (line < fromLine) return;
    if (quoted.isOpen || raw.includes('"')) quoted.take(raw, line);
    else if (raw.trim() !== '') onRecord(cellsOf(raw), line);
  });
  quoted.end();
}

/** Lines that are looked at to find out how a file is laid out, and characters of them. */
const HEAD_LINES = 250;
const HEAD_CHARACTERS = 4 * LONGEST_LINE;

/** The first lines of a file, without their ends. Throws InputError where they are no lines. */
export async function firstLines(path: string): Promise<string[]> {
  const lines: string[] = [];
  let characters = 0;
  await readLines(path, (raw) => {
    lines.push(raw);
    characters += raw.length;
    return lines.length < HEAD_LINES && characters < HEAD_CHARACTERS;
  });
  return lines;
}

/**
 * Calls `onLine` with each line, and its number from 1, until it answers false. Lines end with a line feed, after a
 * carriage return or not; in a file that has none, with a carriage return, as old spreadsheets write them.
 */
async function readLines(path: string, onLine: (raw: string, line: number) => boolean | void): Promise<void> {
  let rest = '';
  let line = 0;
  let end: '\n' | '\r' | undefined;
  const endingOf = (text: string, at: number): number => (text.charCodeAt(at - 1) === 13 ? at - 1 : at);
  for await (const piece of readText(path)) {
    const text = rest + piece;
    let from = 0;
    if (piece !== '') end ??= piece.includes('\r') && !piece.includes('\n') ? '\r' : '\n';
    for (let at = text.indexOf(end ?? '\n'); at !== -1; at = text.indexOf(end ?? '\n', from)) {
      if (onLine(text.slice(from, endingOf(text, at)), ++line) === false) return;
      from = at + 1;
    }
    rest = text.slice(from);
    if (rest.length > LONGEST_LINE) throw tooLong(path, line + 1);
  }
  if (rest !== '') onLine(rest.endsWith('\r') ? rest.slice(0, -1) : rest, ++line);
}

function tooLong(path: string, line: number): InputError {
  return new InputError(
    `${path}, line ${line}: no line end within ${LONGEST_LINE} characters: not a CSV file.`,
    'Give a text file.',
  );
}
