import { closeSync, readSync } from 'node:fs';
import { InputError } from '../errors.ts';
import { openOutsideFile } from './outside-file.ts';

export interface JsonMembersOptions {
  /** Members that are lists of which each element is told by itself: `[]` is told of the member, before them. */
  readonly lists: ReadonlySet<string>;
  /** Bytes that any other member, or one element, may have. */
  readonly bytesMax: number;
  /** What to do about a file that cannot be read. */
  readonly remedy: string;
}

/** A member of the document, or (`isElement`) one element of a list of that name. */
export interface JsonMember {
  readonly name: string;
  readonly value: unknown;
  readonly isElement: boolean;
}

const CHUNK_BYTES = 1 << 20;
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Members of the JSON object in a file, in order, of which one is held: a document of a million rows takes no more
 * memory than one of them. @throws InputError for what is no file, cannot be read or is no JSON object
 */
export function* jsonMembers(path: string, options: JsonMembersOptions): Generator<JsonMember> {
  const file = openOutsideFile(path);
  try {
    yield* new Members(file, options).read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(`${path} cannot be read as JSON: ${error.message}`, options.remedy, error);
  } finally {
    closeSync(file);
  }
}

/** The scanner: it finds where members and elements end, and `JSON.parse` says what they are. */
class Members {
  readonly #file: number;
  readonly #options: JsonMembersOptions;
  #held: Buffer = Buffer.alloc(0);
  /** Of what is held: the next byte, and the first of the name or value in hand. */
  #at = 0;
  #start = 0;
  #depth = 0;
  #name: string | null = null;
  /** In a list that is told by its elements, and how many there were; null outside. */
  #elements: number | null = null;
  /** Members that have been told. */
  #members = 0;
  /** The value of the member in hand has been told. */
  #isTold = false;

  constructor(file: number, options: JsonMembersOptions) {
    this.#file = file;
    this.#options = options;
  }

  *read(): Generator<JsonMember> {
    let [inText, isEscaped, isOver] = [false, false, false];
    while (this.#at < this.#held.length || this.#more()) {
      const byte = this.#held[this.#at]!;
      if (inText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (byte === COMMA || byte === COLON || (byte | 0x20) === OPEN || (byte | 0x20) === CLOSE) {
        const told = this.#structure(byte);
        if (told !== null) yield told;
        isOver = this.#depth === 0;
      }
      this.#at += 1;
      if (isOver) break;
    }
    if (!isOver) throw new SyntaxError('it ends in the middle');
    this.#start = this.#at;
    while (this.#more());
    this.#at = this.#held.length;
    this.#requireBlank('what stands after its end');
  }

  /** A comma, colon or bracket outside of texts: what ends with it, if anything does. */
  #structure(byte: number): JsonMember | null {
    if (this.#depth === 0) {
      if (byte !== OPEN) throw new SyntaxError('it is no object');
      this.#requireBlank('what stands before its beginning');
      this.#depth = 1;
      this.#start = this.#at + 1;
      return null;
    }
    if (byte === OPEN || byte === OPEN_LIST) return this.#opened(byte);
    if (byte === CLOSE || byte === CLOSE_LIST) return this.#closed(byte);
    if (byte === COLON) {
      if (this.#depth === 1 && this.#name === null) this.#takeName();
      return null;
    }
    if (this.#elements !== null && this.#depth === 2) return this.#element();
    return this.#depth === 1 ? this.#member() : null;
  }

  #opened(byte: number): JsonMember | null {
    this.#depth += 1;
    const isList = byte === OPEN_LIST && this.#depth === 2 && this.#name !== null && !this.#isTold;
    if (!isList || !this.#options.lists.has(this.#name!)) return null;
    this.#requireBlank(this.#name!);
    this.#elements = 0;
    this.#start = this.#at + 1;
    return { name: this.#name!, value: [], isElement: false };
  }

  #closed(byte: number): JsonMember | null {
    this.#depth -= 1;
    if (this.#depth === 1 && this.#elements !== null) {
      if (byte !== CLOSE_LIST) throw new SyntaxError(`the list ${this.#name!} ends with another bracket`);
      const last = this.#elements === 0 && this.#isBlank() ? null : this.#element();
      this.#elements = null;
      this.#isTold = true;
      this.#start = this.#at + 1;
      return last;
    }
    if (this.#depth > 0) return null;
    if (byte !== CLOSE) throw new SyntaxError('it ends with another bracket');
    return this.#members === 0 && this.#name === null && this.#isBlank() ? null : this.#member();
  }

  #takeName(): void {
    const name: unknown = this.#parsed();
    if (typeof name !== 'string') throw new SyntaxError('a name is no text');
    this.#name = name;
    this.#start = this.#at + 1;
  }

  #member(): JsonMember | null {
    const name = this.#name;
    if (name === null) throw new SyntaxError('a member has no name');
    const isTold = this.#isTold;
    if (isTold) this.#requireBlank(name);
    const value: unknown = isTold ? null : this.#parsed();
    this.#name = null;
    this.#isTold = false;
    this.#members += 1;
    this.#start = this.#at + 1;
    return isTold ? null : { name, value, isElement: false };
  }

  #element(): JsonMember {
    const value = this.#parsed();
    this.#elements! += 1;
    this.#start = this.#at + 1;
    return { name: this.#name!, value, isElement: true };
  }

  #parsed(): unknown {
    return JSON.parse(this.#held.toString('utf8', this.#start, this.#at));
  }

  #isBlank(): boolean {
    return this.#held.toString('utf8', this.#start, this.#at).trim() === '';
  }

  #requireBlank(where: string): void {
    if (!this.#isBlank()) throw new SyntaxError(`${where} cannot be understood`);
  }

  /** Reads on; what is before the name or value in hand is let go. False at the end of the file. */
  #more(): boolean {
    const kept = this.#held.subarray(this.#start);
    if (kept.length > this.#options.bytesMax) {
      throw new SyntaxError(`${this.#name ?? 'a name'} has more than ${this.#options.bytesMax} bytes`);
    }
    // At least as much again as is held, so that a long member is not copied for every chunk.
    const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, kept.length));
    const bytes = readSync(this.#file, chunk, 0, chunk.length, null);
    this.#held = Buffer.concat([kept, chunk.subarray(0, bytes)]);
    this.#at -= this.#start;
    this.#start = 0;
    return bytes > 0;
  }
}
