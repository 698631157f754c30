import { createHash } from 'node:crypto';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { hashOf } from '../../infra/hash.ts';

/**
 * Bars per hashed block: small enough to read back when a series grows, large enough that the list of hashes stays
 * short.
 */
export const BLOCK_BARS = 4096;
const HASH_BYTES = 32;

const FIELDS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/** SHA-256 of the columns' own bytes (little-endian on every machine that Node runs on). */
function hashBlock(bars: BarColumns): Buffer {
  const hash = createHash('sha256');
  for (const field of FIELDS) {
    const column = bars[field];
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  return hash.digest();
}

/** Copies `count` bars of `source` from `from` on into `target` at `at`. */
function copyBars(target: BarColumns, at: number, source: BarColumns, range: { from: number; count: number }): void {
  for (const field of FIELDS) target[field].set(source[field].subarray(range.from, range.from + range.count), at);
}

/**
 * The hashes of a series' bars in blocks of 4096, built as the bars come, whatever the size of the pieces. It can be
 * taken up again from the hashes of the full blocks and the bars after them.
 */
export class BarFingerprint {
  readonly #full: Buffer[];
  readonly #open: BarColumns;
  #filled = 0;

  /** `fullBlocks`: the hashes of complete blocks only, as `fullBlockHashes` gives them. */
  constructor(fullBlocks: Uint8Array = new Uint8Array(0)) {
    this.#open = createBarColumns('', BLOCK_BARS);
    this.#full = [];
    for (let at = 0; at < fullBlocks.length; at += HASH_BYTES) {
      this.#full.push(Buffer.from(fullBlocks.subarray(at, at + HASH_BYTES)));
    }
  }

  /** Adds bars that follow those already added. */
  update(bars: BarColumns): void {
    let from = 0;
    while (from < bars.length) {
      const count = Math.min(BLOCK_BARS - this.#filled, bars.length - from);
      if (count === BLOCK_BARS) {
        this.#full.push(hashBlock(sliceBarColumns(bars, from, from + count)));
      } else {
        copyBars(this.#open, this.#filled, bars, { from, count });
        this.#filled += count;
        if (this.#filled === BLOCK_BARS) this.#full.push(hashBlock(this.#open));
        this.#filled %= BLOCK_BARS;
      }
      from += count;
    }
  }

  /** Number of bars added. */
  get length(): number {
    return this.#full.length * BLOCK_BARS + this.#filled;
  }

  /** Hashes of all blocks, the last one perhaps of a part: what is stored with a series. */
  blockHashes(): Buffer {
    const part = this.#filled === 0 ? [] : [hashBlock(sliceBarColumns(this.#open, 0, this.#filled))];
    return Buffer.concat([...this.#full, ...part]);
  }

  /** The series' fingerprint in hex. */
  digest(): string {
    return fingerprintOfBlocks(this.blockHashes(), this.length);
  }
}

/** The fingerprint of a series of `length` bars from its stored block hashes. */
export function fingerprintOfBlocks(blockHashes: Uint8Array, length: number): string {
  return createHash('sha256').update(`${length}:`).update(blockHashes).digest('hex');
}

/** SHA-256 that identifies the bars of one symbol, times included. */
export function fingerprintOf(bars: BarColumns): string {
  const fingerprint = new BarFingerprint();
  fingerprint.update(bars);
  return fingerprint.digest();
}

/** SHA-256 that identifies the bars of a universe, whatever the order of its symbols. */
export function dataHash(universe: readonly BarColumns[]): string {
  return dataHashOfSeries(universe.map((bars) => ({ symbol: bars.symbol, fingerprint: fingerprintOf(bars) })));
}

/** The same from fingerprints at hand. */
export function dataHashOfSeries(series: readonly { readonly symbol: string; readonly fingerprint: string }[]): string {
  const sorted = series.map(({ symbol, fingerprint }) => [symbol, fingerprint]).sort(([a], [b]) => (a! < b! ? -1 : 1));
  return hashOf(sorted);
}
