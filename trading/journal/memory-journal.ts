import { canHashBeside, HashBeside, type RunningHash } from '../../infra/threads/hash-beside.ts';
import { HashHere } from '../../infra/threads/hash-here.ts';
import type { Effect } from '../effect.ts';
import {
  createRecordBlock,
  decodeRecord,
  decodeRecords,
  encodeEffect,
  RECORD_BYTES,
  type JournalEntry,
  type RecordBlock,
} from './journal-record.ts';

/** Where effects are recorded before anything acts on them. */
export interface Journal {
  append(effect: Effect): void;
  /** SHA-256 in hex over everything appended so far. */
  hash(): string;
}

/**
 * The first block holds 64 kB, each later one twice the last up to 1 MB: 160 blocks for 1,000,000 orders, not 2,600 to
 * be collected.
 */
const FIRST_RECORDS = 1170;
const MOST_RECORDS = 16 * FIRST_RECORDS;

/** Records from which another thread hashes them: fewer are hashed in the time that it needs to begin. */
const BESIDE_RECORDS = 4 * MOST_RECORDS;
/** Blocks between the two threads: the other one is hardly ever behind by one. */
const BLOCKS_BESIDE = 4;

/**
 * Text that starts every journal's hash: the format and the universe whose positions the records use. A symbol that is
 * alone is not named: a file without a symbol column is called after the file, and the hash must not depend on that.
 */
function journalHeader(symbols: readonly string[]): string {
  return `signalbox-journal/1\n${symbols.length === 1 ? 1 : JSON.stringify(symbols)}\n`;
}

/**
 * The journal of a run in memory: blocks of binary records, hashed block by block, objects only when read back. What is
 * hashed waits until it is known whether another thread is worth while: a hash that is asked for before is made here.
 */
export class MemoryJournal implements Journal {
  readonly #header: string;
  readonly #beside: boolean;
  /** Null where nothing is kept. Copies: what is written to stays in the processor's cache. */
  readonly #kept: Uint8Array[] | null;
  /** Null until somebody asks for it, or there are records enough. */
  #hash: RunningHash | null = null;
  /** What waits for that. */
  #pending: RecordBlock[] = [];
  /** Blocks that another thread reads, and the piece that each is, oldest first. */
  readonly #away: { readonly block: RecordBlock; readonly piece: number }[] = [];
  #block = createRecordBlock(FIRST_RECORDS);
  #rows = 0;
  #count = 0;

  /**
   * @param options.keep false drops blocks once hashed: a search over many runs needs hashes and ledgers only.
   * @param options.beside whether another thread hashes. Default: where there is a core for it.
   */
  constructor(symbols: readonly string[], options: { keep?: boolean; beside?: boolean } = {}) {
    const { keep = true, beside = canHashBeside() } = options;
    this.#kept = keep ? [] : null;
    this.#beside = beside;
    this.#header = journalHeader(symbols);
  }

  get count(): number {
    return this.#count;
  }

  append(effect: Effect): void {
    if (this.#rows === this.#block.capacity) this.#seal();
    encodeEffect(effect, this.#block, this.#rows);
    this.#rows += 1;
    this.#count += 1;
  }

  /** The same as appending the effects that were encoded so, for a journal that keeps none and has none yet. */
  appendRecords(bytes: Uint8Array): void {
    if (this.#kept !== null || this.#count > 0) throw new Error('records come before anything else, and are not kept');
    this.#hashBy(new HashHere()).take(bytes);
    this.#count = bytes.length / RECORD_BYTES;
  }

  hash(): string {
    const hash = this.#hash ?? this.#hashBy(new HashHere());
    return hash.digest(this.#block.bytes.subarray(0, this.#rows * RECORD_BYTES));
  }

  /** Every record in order, decoded one at a time. Needs `keep`. */
  *entries(): Generator<JournalEntry> {
    for (const bytes of this.#kept ?? []) yield* decodeRecords(bytes);
    for (let row = 0; row < this.#rows; row++) yield decodeRecord(this.#block, row);
  }

  #hashBy(hash: RunningHash): RunningHash {
    hash.take(new TextEncoder().encode(this.#header));
    for (const { bytes } of this.#pending) hash.take(bytes);
    this.#pending = [];
    this.#hash = hash;
    return hash;
  }

  #seal(): void {
    const block = this.#block;
    this.#rows = 0;
    if (this.#kept !== null) this.#kept.push(copyOf(block.bytes));
    if (this.#hash === null) return this.#wait(block);
    if (!(this.#hash instanceof HashBeside)) return this.#hash.take(block.bytes);
    this.#block = this.#blockBeside(this.#hash, { block, piece: this.#hash.take(block.bytes) });
  }

  /** The block waits for its hash, and the next one is larger; with this one there may be enough for a thread. */
  #wait(block: RecordBlock): void {
    this.#pending.push(block);
    const isEnough = this.#count >= BESIDE_RECORDS;
    if (isEnough) this.#hashBy(this.#beside ? new HashBeside() : new HashHere());
    this.#block = createRecordBlock(Math.min(2 * block.capacity, MOST_RECORDS), isEnough && this.#beside);
  }

  /** The next block to write to, while another thread reads `sealed`. */
  #blockBeside(hash: HashBeside, sealed: { readonly block: RecordBlock; readonly piece: number }): RecordBlock {
    this.#away.push(sealed);
    if (this.#away.length < BLOCKS_BESIDE) return createRecordBlock(MOST_RECORDS, true);
    const next = this.#away.shift()!;
    hash.waitFor(next.piece);
    return next.block;
  }
}

/** Not cleared before it is written. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
