import type { LedgerEntry } from './session-result.ts';

const START_CAPACITY = 1024;

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
}

/** Round trips in columns; objects are built when asked for. */
export class Ledger {
  #count = 0;
  #symbol = new Int32Array(START_CAPACITY);
  #long = new Uint8Array(START_CAPACITY);
  #numbers = new Float64Array(START_CAPACITY * 7);

  get count(): number {
    return this.#count;
  }

  add(trip: RoundTrip): void {
    const row = this.#count;
    if (row === this.#symbol.length) this.#grow();
    this.#symbol[row] = trip.symbol;
    this.#long[row] = trip.long ? 1 : 0;
    const numbers = this.#numbers;
    const at = row * 7;
    numbers[at] = trip.quantity;
    numbers[at + 1] = trip.entryTimeMs;
    numbers[at + 2] = trip.entryPrice;
    numbers[at + 3] = trip.exitTimeMs;
    numbers[at + 4] = trip.exitPrice;
    numbers[at + 5] = trip.pnl;
    numbers[at + 6] = trip.fees;
    this.#count = row + 1;
  }

  /** The entries in the order in which they closed. */
  entries(symbols: readonly string[]): LedgerEntry[] {
    const entries: LedgerEntry[] = new Array<LedgerEntry>(this.#count);
    for (let row = 0; row < entries.length; row++) entries[row] = this.#entry(row, symbols);
    return entries;
  }

  #entry(row: number, symbols: readonly string[]): LedgerEntry {
    const numbers = this.#numbers;
    const at = row * 7;
    return {
      symbol: symbols[this.#symbol[row]!]!,
      side: this.#long[row] === 1 ? 'long' : 'short',
      quantity: numbers[at]!,
      entryTimeMs: numbers[at + 1]!,
      entryPrice: numbers[at + 2]!,
      exitTimeMs: numbers[at + 3]!,
      exitPrice: numbers[at + 4]!,
      pnl: numbers[at + 5]!,
      fees: numbers[at + 6]!,
    };
  }

  #grow(): void {
    const capacity = this.#symbol.length * 2;
    const symbol = new Int32Array(capacity);
    symbol.set(this.#symbol);
    this.#symbol = symbol;
    const long = new Uint8Array(capacity);
    long.set(this.#long);
    this.#long = long;
    const numbers = new Float64Array(capacity * 7);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
