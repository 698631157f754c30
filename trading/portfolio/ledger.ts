import { ORDER_ROLES } from '../orders/order-terms.ts';
import type { LedgerEntry } from '../session-result.ts';

const BLOCK_ENTRIES = 1024;
/** Seven numbers; then symbol and exit as one: `4 * symbol + exit` for a long position, -1 less it for a short one. */
const SLOTS = 8;
const EXITS = ORDER_ROLES.length + 1;

/** A finished round trip, or the closed part of one. Quantities are positive; prices per unit; money in currency. */
export interface RoundTrip {
  readonly symbol: number;
  readonly long: boolean;
  readonly quantity: number;
  readonly entryTimeMs: number;
  readonly entryPrice: number;
  readonly exitTimeMs: number;
  readonly exitPrice: number;
  readonly pnl: number;
  readonly fees: number;
  /** 0: the strategy; else the position in `ORDER_ROLES` plus one. */
  readonly exit: number;
}

/**
 * Round trips as numbers, objects when asked for. In blocks that stay where they are: columns grown by copying touched
 * twice the memory, 28 MB more for half a million entries.
 */
export class Ledger {
  #count = 0;
  readonly #blocks: Float64Array[] = [];

  get count(): number {
    return this.#count;
  }

  add(trip: RoundTrip): void {
    const row = this.#count;
    const inBlock = row % BLOCK_ENTRIES;
    if (inBlock === 0) this.#blocks.push(new Float64Array(BLOCK_ENTRIES * SLOTS));
    const numbers = this.#blocks[this.#blocks.length - 1]!;
    const at = inBlock * SLOTS;
    numbers[at] = trip.quantity;
    numbers[at + 1] = trip.entryTimeMs;
    numbers[at + 2] = trip.entryPrice;
    numbers[at + 3] = trip.exitTimeMs;
    numbers[at + 4] = trip.exitPrice;
    numbers[at + 5] = trip.pnl;
    numbers[at + 6] = trip.fees;
    const closed = EXITS * trip.symbol + trip.exit;
    numbers[at + 7] = trip.long ? closed : -1 - closed;
    this.#count = row + 1;
  }

  /** The entries in the order in which they closed, from one on. */
  entries(symbols: readonly string[], from = 0): LedgerEntry[] {
    const entries: LedgerEntry[] = new Array<LedgerEntry>(this.#count - from);
    for (let row = from; row < this.#count; row++) entries[row - from] = this.#entry(row, symbols);
    return entries;
  }

  #entry(row: number, symbols: readonly string[]): LedgerEntry {
    const numbers = this.#blocks[Math.floor(row / BLOCK_ENTRIES)]!;
    const at = (row % BLOCK_ENTRIES) * SLOTS;
    const closed = numbers[at + 7]!;
    const both = closed < 0 ? -1 - closed : closed;
    return {
      symbol: symbols[Math.floor(both / EXITS)]!,
      side: closed < 0 ? 'short' : 'long',
      quantity: numbers[at]!,
      entryTimeMs: numbers[at + 1]!,
      entryPrice: numbers[at + 2]!,
      exitTimeMs: numbers[at + 3]!,
      exitPrice: numbers[at + 4]!,
      exit: both % EXITS === 0 ? 'signal' : ORDER_ROLES[(both % EXITS) - 1]!,
      pnl: numbers[at + 5]!,
      fees: numbers[at + 6]!,
    };
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    const numbers = new Float64Array(this.#count * SLOTS);
    this.#blocks.forEach((block, at) => {
      const from = at * BLOCK_ENTRIES * SLOTS;
      numbers.set(block.subarray(0, numbers.length - from), from);
    });
    return numbers;
  }

  /** Takes up what one of the same options has saved. */
  restore(numbers: Float64Array): void {
    for (let from = 0; from < numbers.length; from += BLOCK_ENTRIES * SLOTS) {
      const block = new Float64Array(BLOCK_ENTRIES * SLOTS);
      block.set(numbers.subarray(from, from + block.length));
      this.#blocks.push(block);
    }
    this.#count = numbers.length / SLOTS;
  }
}
